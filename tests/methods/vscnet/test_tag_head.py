"""The head that names cut-outs."""

import pytest
import torch
import torch.nn.functional as F

from pipeline_lib.knowledge.exemplars.assignment import ASSIGNMENTS
from pipeline_lib.methods.vscnet.tag_head import TagHead, TagHeadTask
from pipeline_lib.progress import silent
from pipeline_lib.settings.recipe import AdamW, Recipe
from pipeline_lib.training.loop import Run, train

IMAGES, REGIONS, TAGS = 40, 3, 4


def lessons():
    """Regions that show a tag each, or nothing; images that carry what their regions show."""
    generator = torch.Generator().manual_seed(0)
    shown = torch.randint(0, TAGS + 1, (IMAGES, REGIONS), generator=generator)
    x = 5 + 20 * F.one_hot(shown, TAGS + 1)[..., :TAGS] * 1.0
    x = x + torch.randn(x.shape, generator=generator)
    carried = F.one_hot(shown, TAGS + 1).amax(1)[:, :TAGS] * 1.0
    return x, carried, shown


def task(dropout=0.0):
    x, carried, _ = lessons()
    return TagHeadTask(x, carried, assign=ASSIGNMENTS["hungarian"], dropout=dropout, seed=0)


def test_features_are_standardised_by_those_of_training():
    x, _, _ = lessons()
    head = task().head
    flat = x.flatten(0, 1)
    torch.testing.assert_close(head.mean, flat.mean(0))
    torch.testing.assert_close(head.deviation, flat.std(0, correction=0), atol=1e-4, rtol=1e-4)
    expected = head.tags((x - head.mean) / head.deviation)
    torch.testing.assert_close(head.eval()(x), expected)


def test_the_loss_is_that_of_the_assigned_tags_alone():
    found, (x, carried, _) = task(), lessons()
    loss = found(torch.arange(IMAGES))["loss"]
    logits = found.head(x)
    assigned = ASSIGNMENTS["hungarian"](logits.detach().log_softmax(2), carried)
    assert (assigned == -1).any()
    own = [
        F.cross_entropy(logits[i, j][None], assigned[i, j][None])
        for i in range(IMAGES)
        for j in range(REGIONS)
        if assigned[i, j] >= 0
    ]
    assert loss.item() == pytest.approx(torch.stack(own).mean().item(), abs=1e-5)


def test_trained_on_the_tags_of_images_it_names_each_region():
    found, (x, _, shown) = task(dropout=0.1), lessons()
    recipe = Recipe(epochs=30, batch_size=10, optimizer=AdamW(lr=0.05))
    train(found, IMAGES, recipe, seed=0, run=Run("cpu", silent, "head"))
    named = found.head.eval()(x).argmax(2)
    some = shown < TAGS
    assert (named[some] == shown[some]).float().mean() > 0.95


def test_seeds_decide_the_weights():
    one, other = (TagHead(3, 2), TagHead(3, 2))
    assert not torch.equal(one.tags.weight, other.tags.weight)
    assert torch.equal(task().head.tags.weight, task().head.tags.weight)
