"""The plain backbone."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from pipeline_lib.methods.base.fit import BaseNetwork, BaseTask, fit
from pipeline_lib.training.encoding import Given
from pipeline_lib.training.fitted import Fitted
from tests.methods.toy import CLASSES, DIMS, TEST, TRAIN, base, data, encoder, run
from tests.methods.toy_maps import DIMS as MAP_DIMS
from tests.methods.toy_maps import data as data_of_maps

POSITIONS = torch.tensor([5, 0, 9])


def fitted(*, seed: int = 0, multi: bool = False, **recipe: object) -> Fitted:
    return fit(data(multi=multi), {}, encoder(seed), base(**recipe), seed=seed, run=run())


@pytest.mark.parametrize("multi", [False, True])
def test_the_loss_is_the_cross_entropy_of_the_images_at_the_positions(multi):
    some = data(multi=multi)
    network = BaseNetwork(encoder(), CLASSES)
    task = BaseTask(network, some, augmentation="none", seed=0)
    logits = network.head(network.encoder(some.train.batch(POSITIONS)))
    targets = some.targets[POSITIONS]
    if multi:
        expected = F.binary_cross_entropy_with_logits(logits, targets)
    else:
        expected = F.cross_entropy(logits, targets.argmax(1))
    torch.testing.assert_close(task(POSITIONS)["loss"], expected)
    assert int(task.images_encoded) == 3


def test_images_are_augmented_by_seed_and_epoch():
    def loss(kind: str, seed: int, epoch: int) -> float:
        network = BaseNetwork(encoder(), CLASSES)
        task = BaseTask(network, data(), augmentation=kind, seed=seed)
        torch.nn.init.ones_(network.head.weight[:1])
        torch.nn.init.zeros_(network.head.weight[1:])
        torch.nn.init.zeros_(network.head.bias)
        task.begin_epoch(epoch)
        return task(torch.arange(TRAIN))["loss"].item()

    assert loss("none", 0, 0) == loss("none", 1, 1)
    assert loss("crop_flip", 0, 0) == loss("crop_flip", 0, 0)
    assert len({loss("crop_flip", seed, epoch) for seed in (0, 1) for epoch in (0, 1)}) == 4
    assert loss("crop_flip", 0, 0) != loss("flip", 0, 0) != loss("none", 0, 0)


@pytest.mark.parametrize("multi", [False, True])
def test_scores_are_those_of_the_kept_weights(multi):
    found = fitted(multi=multi, epochs=2)
    assert found.state.keys() == {f"encoder.{n}" for n in encoder().state_dict()} | {
        "head.weight",
        "head.bias",
    }
    trained, head = encoder(9), nn.Linear(DIMS, CLASSES)
    trained.load_state_dict(
        {n.removeprefix("encoder."): v for n, v in found.state.items() if n.startswith("encoder.")}
    )
    head.load_state_dict({n: found.state[f"head.{n}"] for n in ("weight", "bias")})
    (images,) = data().evaluation["test"].batches(TEST)
    torch.testing.assert_close(found.features["test"], trained(images).detach())
    torch.testing.assert_close(found.logits["test"], head(trained(images)).detach())


def test_a_tiny_set_is_learned():
    some = data()
    tiny = replace(some, evaluation={"train": some.train})
    settings = base(epochs=60, lr=0.2, batch_size=12)
    found = fit(tiny, {}, encoder(), settings, seed=0, run=run())
    assert found.history[-1]["loss"] < found.history[0]["loss"] / 5
    right = found.logits["train"].argmax(1) == some.targets.argmax(1)
    assert right.float().mean() > 0.95


def test_nothing_leaks_and_every_image_is_counted():
    found = fitted(epochs=3)
    assert found.leaks == []
    assert found.facts == {}
    assert [epoch["images_encoded"] for epoch in found.history] == [TRAIN, 2 * TRAIN, 3 * TRAIN]


def test_maps_that_were_computed_before_are_pooled():
    some = data_of_maps()
    found = fit(some, {}, Given(MAP_DIMS), base(epochs=2), seed=0, run=run())
    (maps,) = some.evaluation["test"].batches(99)
    head = nn.Linear(MAP_DIMS, some.classes)
    head.load_state_dict({n: found.state[f"head.{n}"] for n in ("weight", "bias")})
    torch.testing.assert_close(found.logits["test"], head(maps.mean((2, 3))).detach())
