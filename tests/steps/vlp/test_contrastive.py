import math

import pytest
import torch
import torch.nn.functional as F

from pipeline_lib.steps.vlp.contrastive import ContrastiveTask, contrastive_loss
from pipeline_lib.training.data import Pictures
from tests.encoders.vlp.models import clip, images
from tests.training.toy import recipe


def test_worked_example():
    # cosines 1 and 0, scale 2: cross-entropy log(1 + e^-2) of every image and every text
    eye = torch.eye(2)
    loss = contrastive_loss(eye, eye, torch.tensor(2.0))
    assert loss.item() == pytest.approx(math.log(1 + math.exp(-2)))


def test_equals_the_two_cross_entropies_as_loops(rng):
    a, b = (F.normalize(torch.randn(5, 7, generator=rng), dim=1) for _ in range(2))
    scale, terms = 3.0, []
    for one, other in ((a, b), (b, a)):
        for i in range(5):
            logits = [scale * float(one[i] @ other[j]) for j in range(5)]
            terms.append(math.log(sum(map(math.exp, logits))) - logits[i])
    loss = contrastive_loss(a, b, torch.tensor(scale))
    assert loss.item() == pytest.approx(sum(terms) / 10, rel=1e-5)


def test_the_order_of_pairs_does_not_matter(rng):
    a, b = (F.normalize(torch.randn(5, 7, generator=rng), dim=1) for _ in range(2))
    order = torch.tensor([3, 1, 4, 0, 2])
    torch.testing.assert_close(
        contrastive_loss(a[order], b[order], torch.tensor(3.0)),
        contrastive_loss(a, b, torch.tensor(3.0)),
    )


TOKENS = torch.tensor([[49406, word, 49407] + [0] * 13 for word in (320, 900, 1000, 2000)])


def task(model):
    pixels = images("transformer", 4)
    return ContrastiveTask(
        model,
        Pictures([0, 1, 2, 3], lambda rows: pixels[list(rows)]),
        lambda positions, _: TOKENS[positions],
        torch.unique(TOKENS),
        augmentation="none",
        seed=0,
    )


def test_only_tokens_that_occur_are_trained_and_the_model_is_whole_again():
    model = clip()
    before = model.token_embedding.weight.detach().clone()
    trained = task(model)
    optimizer = torch.optim.SGD(trained.parameters(), lr=0.5)
    for _ in range(3):
        optimizer.zero_grad()
        trained(torch.arange(4))["loss"].backward()
        optimizer.step()
    after = trained.finish().token_embedding.weight
    moved = (after != before).any(1).nonzero().flatten()
    assert after.shape == before.shape
    occurring = set(torch.unique(TOKENS).tolist())
    # what stands behind the end of a text is masked and moves nothing
    assert moved.tolist() == sorted(occurring - {0})


def test_pairs_are_learnt_by_heart():
    trained = task(clip())
    optimizer = torch.optim.AdamW(trained.groups(recipe(weight_decay=0.01)), lr=0.01)
    for _ in range(40):
        optimizer.zero_grad()
        trained(torch.arange(4))["loss"].backward()
        optimizer.step()
    assert trained(torch.arange(4))["loss"] < 0.1 < math.log(4)


def test_the_scale_does_not_exceed_clips():
    model = clip()
    trained = task(model)
    with torch.no_grad():
        model.logit_scale.fill_(math.log(100))
        at_most = trained(torch.arange(4))["loss"]
        model.logit_scale.fill_(math.log(1000))
        torch.testing.assert_close(trained(torch.arange(4))["loss"], at_most)
