"""A head trained on feature maps."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline_lib.families.dense_head.fit import HeadNetwork, HeadTask, fit_head
from pipeline_lib.training.network import Problem, built
from pipeline_lib.training.trunk import Trunk
from tests.methods.toy import run
from tests.methods.toy_maps import DIMS, LABELS, TRAIN, Passing, data, maps, ml_gcn

POSITIONS = torch.tensor([7, 0, 3])


class Pooled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(DIMS, LABELS)

    def forward(self, some: Tensor) -> tuple[Tensor, Tensor]:
        pooled = some.mean((2, 3))
        return self.linear(pooled), pooled


def build(problem: Problem[Tensor], knowledge: Any, encoder: nn.Module, _: None) -> HeadNetwork:
    return HeadNetwork(Trunk(encoder, problem.example, trained="frozen"), Pooled())


def network() -> HeadNetwork:
    torch.manual_seed(0)
    return built(build, data(), {}, Passing(), None)


def task_of(augmentation: str = "none") -> HeadTask:
    return HeadTask(network(), data(), augmentation=augmentation, seed=0)


def test_the_loss_is_the_binary_cross_entropy_of_the_images_at_the_positions():
    task = task_of()
    logits = task.network.head(maps()[POSITIONS])[0]
    expected = F.binary_cross_entropy_with_logits(logits, data().targets[POSITIONS])
    torch.testing.assert_close(task(POSITIONS)["loss"], expected)
    assert int(task.images_encoded) == 3


def test_images_of_one_label_each_are_still_many_yes_or_no_questions():
    task = task_of()
    task.targets = torch.eye(LABELS)[torch.arange(TRAIN) % LABELS]
    logits = task.network.head(maps()[POSITIONS])[0]
    expected = F.binary_cross_entropy_with_logits(logits, task.targets[POSITIONS])
    torch.testing.assert_close(task(POSITIONS)["loss"], expected)


def test_a_method_brings_a_loss_of_its_own():
    def smooth(logits, targets):
        return F.cross_entropy(logits, targets, label_smoothing=0.3)

    task = task_of()
    task.targets = torch.eye(LABELS)[torch.arange(TRAIN) % LABELS]
    mine = HeadTask(task.network, data(), augmentation="none", seed=0, loss=smooth)
    mine.targets = task.targets
    logits = task.network.head(maps()[POSITIONS])[0]
    # of 5 labels the true one weighs 0.7 + 0.3 / 5, each other one 0.3 / 5
    weights = 0.7 * task.targets[POSITIONS] + 0.3 / LABELS
    expected = -(weights * logits.log_softmax(1)).sum(1).mean()
    torch.testing.assert_close(mine(POSITIONS)["loss"], expected)
    settings = ml_gcn(recipe={"epochs": 1})
    found = [
        fit_head(network(), data(), settings, seed=0, run=run(), **given).history[0]
        for given in ({}, {"loss": lambda logits, targets: logits.square().mean()})
    ]
    assert found[0]["loss"] != found[1]["loss"]


def test_scores_are_those_of_the_kept_weights():
    found = fit_head(network(), data(), ml_gcn(recipe={"epochs": 2}), seed=0, run=run())
    head = Pooled()
    head.load_state_dict(
        {n.removeprefix("head."): v for n, v in found.state.items() if n.startswith("head.")}
    )
    logits, features = head(maps()[TRAIN:])
    torch.testing.assert_close(found.logits["test"], logits.detach())
    torch.testing.assert_close(found.features["test"], features)
    assert [epoch["images_encoded"] for epoch in found.history] == [TRAIN, 2 * TRAIN]
    assert "images_encoded" not in found.state


def test_every_epoch_mirrors_other_maps():
    task = task_of("flip")
    weights = torch.arange(maps()[0].numel(), dtype=torch.float32).view(maps()[0].shape)

    class Places(nn.Module):
        def forward(self, some: Tensor) -> tuple[Tensor, Tensor]:
            scores = (some * weights).sum((1, 2, 3))[:, None].expand(-1, LABELS) / 1e3
            return scores, scores

    task.network.head = Places()
    losses = []
    for epoch in (0, 0, 1):
        task.begin_epoch(epoch)
        losses.append(task(torch.arange(TRAIN))["loss"].item())
    assert losses[0] == losses[1] != losses[2]
