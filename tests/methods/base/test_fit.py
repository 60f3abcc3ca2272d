"""The plain backbone."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from pipeline_lib.errors import InputError
from pipeline_lib.methods.base.fit import BaseNetwork, BaseTask, fit
from pipeline_lib.methods.base.liveness import of_training
from pipeline_lib.training.data import Data
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


def with_tags(tags: torch.Tensor) -> Data:
    return replace(data(), tags=tags)


TAGS = torch.randint(2, (TRAIN, 5), generator=torch.Generator().manual_seed(1)).float()


def test_tags_add_their_weighted_cross_entropy():
    some = with_tags(TAGS)
    network = BaseNetwork(encoder(), CLASSES)
    task = BaseTask(network, some, augmentation="none", seed=0, auxiliary_tags=2.0)
    found = task(POSITIONS)
    features = network.encoder(some.train.batch(POSITIONS))
    named = F.binary_cross_entropy_with_logits(task.auxiliary(features), TAGS[POSITIONS])
    classes = F.cross_entropy(network.head(features), some.targets[POSITIONS].argmax(1))
    torch.testing.assert_close(found["loss"], classes + 2 * named)
    torch.testing.assert_close(found["tags"], 2 * named)


def test_tags_that_no_training_image_carries_are_left_out():
    some = with_tags(torch.cat([TAGS, torch.zeros(TRAIN, 2)], 1))
    network = BaseNetwork(encoder(), CLASSES)
    task = BaseTask(network, some, augmentation="none", seed=0, auxiliary_tags=1.0)
    assert torch.equal(task.tags, TAGS)


def test_what_is_kept_and_scored_is_the_head_of_the_classes_alone():
    kinds = {"auxiliary_tags": 1.0}
    found = fit(with_tags(TAGS), {}, encoder(), replace(base(), **kinds), seed=0, run=run())
    assert found.state.keys() == fitted().state.keys()
    assert found.logits["test"].shape == (TEST, CLASSES)
    assert not torch.equal(found.state["head.weight"], fitted().state["head.weight"])


def test_without_weight_tags_change_no_bit():
    found = fit(with_tags(TAGS), {}, encoder(), base(), seed=0, run=run())
    plain = fitted()
    assert all(torch.equal(found.state[name], value) for name, value in plain.state.items())
    assert found.liveness == []


def test_it_says_what_the_tags_pull_with():
    some = with_tags(TAGS)
    network = BaseNetwork(encoder(), CLASSES)
    task = BaseTask(network, some, augmentation="none", seed=0, auxiliary_tags=0.5)
    (found,) = of_training(task, some, TRAIN)
    features = network.encoder(some.train.batch(torch.arange(TRAIN))).detach()
    # by hand: of the mean cross-entropies, (p - y) W, over images and, of tags, over tags
    p = network.head(features).softmax(1) - some.targets
    q = (task.auxiliary(features).sigmoid() - TAGS) / TAGS.shape[1] * 0.5
    pulls = [(r @ head.weight).norm() for r, head in ((p, network.head), (q, task.auxiliary))]
    assert found.value == pytest.approx((pulls[1] / pulls[0]).item(), rel=1e-4)
    assert (found.module, found.bar) == ("auxiliary_tags", 0.01)


def test_tags_that_are_not_there_are_refused():
    expected = r"auxiliary_tags is above 0, and no tags go with the classes of the training images"
    with pytest.raises(InputError, match=expected):
        fit(data(), {}, encoder(), replace(base(), auxiliary_tags=1.0), seed=0, run=run())


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
