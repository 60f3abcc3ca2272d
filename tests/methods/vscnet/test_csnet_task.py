"""Training of CSNet: L_AL of Eq. 15, and that it learns."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from pipeline_lib.knowledge.exemplars.assignment import ASSIGNMENTS
from pipeline_lib.methods.vscnet.csnet_losses import (
    inside_loss,
    locating_loss,
    scale_loss,
    tag_loss,
)
from pipeline_lib.methods.vscnet.csnet_task import CsnetTask, weights_of
from pipeline_lib.nn.classification import classification_loss
from pipeline_lib.training.augment import Augmenter
from pipeline_lib.training.data import Pictures
from pipeline_lib.training.loop import train
from tests.methods.toy import run
from tests.methods.vscnet.toy import CLASSES, DIMS, TAGS, TRAIN, csnet, targets

SIDE = 6
HARD = {"epochs": 120, "batch_size": TRAIN, "optimizer": "adamw", "lr": 0.03}


def planted() -> tuple[Tensor, Tensor]:
    """Maps in which each tag of an image lights up its channel at a place of its own."""
    generator = torch.Generator().manual_seed(3)
    tags = (torch.rand(TRAIN, TAGS, generator=generator) < 0.4).float()
    tags[:, 5] = 0  # there are only five channels
    maps = 0.1 * torch.randn(TRAIN, DIMS, SIDE, SIDE, generator=generator)
    for image, tag in tags.nonzero().tolist():
        row, column = divmod(7 * image + 5 * tag, SIDE)
        maps[image, tag, row % SIDE, column] += 3
    return maps, tags


def task(
    *, classes: Tensor | None = None, assign: str = "hungarian", seed: int = 0, **changes: object
) -> CsnetTask:
    maps, tags = planted()

    def fetch(rows: Sequence[int]) -> Tensor:
        return maps[list(rows)]

    torch.manual_seed(seed)
    return CsnetTask(
        csnet(**changes),
        Pictures(range(TRAIN), fetch),
        dims=DIMS,
        tags=tags,
        classes=targets() if classes is None else classes,
        assign=ASSIGNMENTS[assign],
        seed=seed,
    )


@pytest.mark.parametrize("assign", ASSIGNMENTS)
@pytest.mark.parametrize("multi", [False, True])
def test_the_loss_is_that_of_equation_15(assign, multi):
    positions = torch.tensor([3, 10, 1, 20])
    hot = targets(multi=multi)
    found = task(classes=hot, assign=assign)
    terms = found(positions)
    maps, tags = planted()
    seen = task(classes=hot, assign=assign).net(maps[positions])
    assigned = ASSIGNMENTS[assign](seen.tags.detach().log_softmax(2), tags[positions])
    expected = (
        tag_loss(seen.tags, assigned)
        + 0.1 * locating_loss(seen.theta)
        + 2.0 * scale_loss(seen.theta, smallest=0.4, largest=0.8)
        + 3.0 * inside_loss(seen.theta)
        + 0.5 * classification_loss(seen.classes, hot[positions], single_label=not multi)
    )
    torch.testing.assert_close(terms["loss"], expected)
    assert terms.keys() == {"loss", "tags", "locating", "scale", "inside", "classes"}


def test_where_tags_are_the_target_there_is_no_class_head():
    found = task(classes=torch.zeros(TRAIN, 0))
    assert "classes" not in found(torch.arange(4))
    assert not [name for name in weights_of(found) if name.startswith("classes")]
    assert found.net(planted()[0]).classes.shape == (TRAIN, 0)


def test_flipped_maps_come_from_the_seed_and_the_epoch():
    def losses(seed: int, epoch: int) -> float:
        found = task(recipe={"augment": "flip"})
        torch.nn.init.normal_(found.net.place[2].weight, generator=torch.Generator().manual_seed(5))
        found._augment = Augmenter("flip", seed)
        found.begin_epoch(epoch)
        return found(torch.arange(12))["loss"].item()

    assert losses(0, 1) == losses(0, 1)
    assert len({losses(0, 1), losses(0, 2), losses(1, 1)}) == 3


@pytest.mark.parametrize("tags_from", ["region", "state"])
@pytest.mark.parametrize("look", ["mean", "centroids"])
def test_a_tiny_set_is_learned(look, tags_from):
    visible = planted()[1][:, :CLASSES]
    found = task(classes=visible, look=look, tags_from=tags_from)
    history = train(found, TRAIN, csnet(recipe=HARD).recipe, seed=0, run=run())
    assert history[-1]["tags"] < history[0]["tags"] / 2
    assert history[-1]["classes"] < 0.8 * history[0]["classes"]


def test_tags_are_found_where_they_are_planted():
    found = task(weights={"classes": 0.0})
    train(found, TRAIN, csnet(recipe=HARD).recipe, seed=0, run=run())
    maps, tags = planted()
    with torch.no_grad():
        seen = found.net(maps)
    assigned = ASSIGNMENTS["hungarian"](seen.tags.log_softmax(2), tags)
    supervised = assigned >= 0
    right = seen.tags.argmax(2)[supervised] == assigned[supervised]
    assert right.float().mean() > 0.9


@pytest.mark.parametrize("weight", ["locating", "scale", "inside"])
def test_a_term_of_weight_0_moves_no_box(weight):
    def gradient(**weights: float) -> Tensor:
        found = task(
            weights={"classes": 0.0, "locating": 0.0, "scale": 0.0, "inside": 0.0} | weights
        )
        torch.manual_seed(5)
        torch.nn.init.normal_(found.net.place[2].weight)
        found(torch.arange(8))["loss"].backward()
        return found.net.place[2].weight.grad

    assert not torch.equal(gradient(**{weight: 1.0}), gradient())


def test_weights_are_those_of_the_network():
    found = task()
    assert weights_of(found).keys() == dict(found.net.state_dict()).keys()
    assert "standardise.running_mean" in weights_of(found)
    assert weights_of(found)["classes.weight"].shape == (CLASSES, DIMS)
