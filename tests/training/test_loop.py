"""The training loop, on a small task."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from pipeline_lib.errors import InputError
from pipeline_lib.settings.recipe import OneCycle
from pipeline_lib.training.loop import Task, Terms, learning_rate, train
from tests.training.toy import SAMPLES, Toy, outcome, recipe, run


class Quadratic(Task):
    """Minimise (w − mean of the targets at the positions)² / 2, whose gradient is known."""

    def __init__(self, targets: list[float]) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.zeros(()))
        self.targets = torch.tensor(targets)
        self.rates: list[float] = []

    def forward(self, positions: Tensor) -> Terms:
        loss = (self.w - self.targets[positions]).square().mean() / 2
        return {"loss": loss, "double": 2 * loss}


def batched(items: list[list[int]], size: int) -> list[list[list[int]]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def test_steps_of_plain_gradient_descent_by_hand():
    # all targets 1, so that order does not matter: w ← w + lr (1 − w), twice an epoch
    task = Quadratic([1.0] * 4)
    plain = recipe(batch_size=2, epochs=2, lr=0.5, momentum=0.0, weight_decay=0.0, schedule="step")
    history = train(task, 4, plain, seed=0, run=run())
    assert task.w.item() == pytest.approx(1 - 0.5**4)
    # losses (1 − w)² / 2 at w = 0, 1/2 and then 3/4, 7/8
    assert [epoch["loss"] for epoch in history] == [
        pytest.approx((1 / 2 + 1 / 8) / 2),
        pytest.approx((1 / 32 + 1 / 128) / 2),
    ]
    assert [epoch["double"] for epoch in history] == [2 * epoch["loss"] for epoch in history]


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_steps_are_those_of_torchs_optimizer(optimizer):
    settings = recipe(optimizer=optimizer, batch_size=4, epochs=3, schedule="step", factor=1.0)
    task = Quadratic([3.0] * 4)
    train(task, 4, settings, seed=0, run=run())
    w = torch.zeros((), requires_grad=True)
    expected = {
        "sgd": lambda: torch.optim.SGD([w], lr=0.05, momentum=0.9, weight_decay=1e-3),
        "adamw": lambda: torch.optim.AdamW([w], lr=0.05, weight_decay=1e-3),
    }[optimizer]()
    for _ in range(3):
        expected.zero_grad()
        ((w - 3).square() / 2).backward()
        expected.step()
    assert task.w.item() == w.item() != 0


def test_frozen_parameters_are_left_alone():
    task = Quadratic([3.0] * 4)
    task.frozen = nn.Parameter(torch.ones(()), requires_grad=False)
    train(task, 4, recipe(weight_decay=0.5), seed=0, run=run())
    assert task.frozen.item() == 1


def test_means_weigh_batches_by_their_size():
    # lr so small that w stays 0: losses t² / 2 of single targets, batches of 2 and 3
    task = Quadratic([1.0, 2.0, 3.0, 4.0, 5.0])
    (epoch,) = train(task, 5, recipe(batch_size=2, epochs=1, lr=1e-12), seed=0, run=run())
    assert epoch["loss"] == pytest.approx((1 + 4 + 9 + 16 + 25) / 2 / 5)


@pytest.mark.parametrize(
    ("samples", "sizes"),
    [(22, [8, 8, 6]), (16, [8, 8]), (17, [8, 9]), (9, [9]), (8, [8]), (3, [3])],
)
def test_every_epoch_shows_every_sample_once_and_none_alone(samples, sizes):
    task = Toy()
    train(task, samples, recipe(epochs=2), seed=0, run=run())
    assert [len(batch) for batch in task.seen] == sizes * 2
    shown = [[p for batch in part for p in batch] for part in batched(task.seen, len(sizes))]
    assert all(sorted(epoch) == list(range(samples)) for epoch in shown)
    if samples > 3:
        assert shown[0] != shown[1]


def test_order_depends_on_seed_and_epoch_alone():
    def order(seed: int, epochs: int) -> list[list[int]]:
        task = Toy()
        train(task, SAMPLES, recipe(epochs=epochs), seed=seed, run=run())
        return task.seen

    assert order(0, 2) == order(0, 3)[:6]
    assert order(0, 2) != order(1, 2)


def test_seeds_differ_and_one_seed_repeats_bit_for_bit():
    found = []
    for seed in (0, 0, 1):
        task = Toy()
        torch.manual_seed(99)  # a caller's own state does not matter
        found.append(outcome(task, train(task, SAMPLES, recipe(), seed=seed, run=run())))
        torch.manual_seed(seed)
    for name, value in found[0].items():
        np.testing.assert_array_equal(value, found[1][name])
    assert not np.array_equal(found[0]["net.0.weight"], found[2]["net.0.weight"])


def test_noise_differs_between_epochs_and_seeds():
    class Noisy(Task):
        def __init__(self) -> None:
            super().__init__()
            self.w = nn.Parameter(torch.zeros(()))
            self.noise: list[float] = []

        def forward(self, positions: Tensor) -> Terms:
            self.noise.append(torch.rand(()).item())
            return {"loss": self.w}

    noise = []
    for seed in (0, 1):
        task = Noisy()
        train(task, 2, recipe(epochs=3), seed=seed, run=run())
        noise += task.noise
    assert len(set(noise)) == 6


def test_training_learns_and_ends_in_evaluation_mode():
    task = Toy()
    history = train(task, SAMPLES, recipe(epochs=60, lr=0.1), seed=0, run=run())
    assert not task.training
    assert not task.net.training
    assert history[-1]["loss"] < history[0]["loss"]
    assert history[0]["right"] < 0.7 < 0.85 < history[-1]["right"]


def test_hooks_see_every_epoch_and_its_loss():
    task = Toy()
    history = train(task, SAMPLES, recipe(), seed=0, run=run())
    assert task.epochs == [0, 1, 2, 3, 4]
    assert task.curve.item() == pytest.approx(1 + history[-1]["loss"])


def test_history_records_epoch_rate_and_images():
    task = Toy()
    history = train(task, SAMPLES, recipe(epochs=3), seed=0, run=run())
    assert [epoch["epoch"] for epoch in history] == [0, 1, 2]
    assert [epoch["images_encoded"] for epoch in history] == [22, 44, 66]
    assert [epoch["lr"] for epoch in history] == [
        learning_rate(recipe(epochs=3), e) for e in range(3)
    ]
    assert all(type(value) is float for epoch in history for value in epoch.values())


def test_progress_counts_batches():
    counted: list[tuple[str, int, int]] = []

    def track(items, *, label, total):
        number = 0
        for item in items:
            number += 1
            yield item
        counted.append((label, number, total))

    train(Toy(), SAMPLES, recipe(epochs=2), seed=0, run=run(track=track))
    assert counted == [("toy", 6, 6)]


def test_step_schedule_by_hand():
    rates = [
        learning_rate(recipe(schedule="step", lr=0.8, factor=0.5, every=2), e) for e in range(6)
    ]
    assert rates == pytest.approx([0.8, 0.8, 0.4, 0.4, 0.2, 0.2])


def test_cosine_schedule_by_hand():
    # half a cosine over 4 epochs: 1, (1 + √½) / 2, 1/2, (1 − √½) / 2
    rates = [learning_rate(recipe(schedule="cosine", lr=0.8, epochs=4), e) for e in range(4)]
    root = math.sqrt(0.5)
    assert rates == pytest.approx([0.8, 0.4 * (1 + root), 0.4, 0.4 * (1 - root)])


@pytest.mark.parametrize(("epochs", "rise"), [(5, 0.3), (1, 0.5), (2, 0.2)])
def test_one_cycle_is_torchs(epochs, rise):
    settings = recipe(lr=0.8, epochs=epochs, schedule="one_cycle", rise=rise)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 0.8, total_steps=4 * epochs, pct_start=rise, cycle_momentum=False
    )
    for done in range(4 * epochs):
        expected = optimizer.param_groups[0]["lr"]
        assert learning_rate(settings, *divmod(done, 4), 4) == pytest.approx(expected)
        optimizer.step()
        if done < 4 * epochs - 1:
            cycle.step()


def test_one_cycle_changes_in_every_step():
    task = Quadratic([1.0] * 8)
    plain = recipe(batch_size=2, epochs=1, lr=0.5, momentum=0.0, weight_decay=0.0)
    settings = replace(plain, schedule=OneCycle(rise=0.5))
    history = train(task, 8, settings, seed=0, run=run())
    left = 1.0
    for step in range(4):
        left *= 1 - learning_rate(settings, 0, step, 4)
    assert task.w.item() == pytest.approx(1 - left)
    assert history[0]["lr"] == pytest.approx(0.5 / 25)


def test_a_warm_recipe_rises_and_ends_above_zero_by_hand():
    warm = recipe(schedule="cosine", lr=0.8, epochs=6, warmup_epochs=2, min_lr=0.2)
    # 1/3 and 2/3 of 0.8; then half a cosine from 0.8 to 0.2 over 4 epochs
    root = math.sqrt(0.5)
    expected = [0.8 / 3, 1.6 / 3, 0.8, 0.5 + 0.3 * root, 0.5, 0.5 - 0.3 * root]
    assert [learning_rate(warm, e) for e in range(6)] == pytest.approx(expected)


class Grouped(Quadratic):
    """One weight that follows a tenth of the rate, and decays by itself."""

    def groups(self, recipe):
        return [{"params": [self.w], "lr_scale": 0.1, "weight_decay": 0.0}]


def test_a_group_scales_the_rate_and_has_settings_of_its_own():
    task = Grouped([1.0] * 4)
    plain = recipe(batch_size=4, epochs=1, lr=0.5, momentum=0.0, weight_decay=9.0, schedule="step")
    history = train(task, 4, plain, seed=0, run=run())
    assert task.w.item() == pytest.approx(0.05)
    assert history[0]["lr"] == 0.5


def test_the_scheduled_rate_is_the_one_used():
    # decay to 1/1000 after one epoch: the second epoch moves w by a thousandth of what it would
    task = Quadratic([1.0] * 2)
    settings = recipe(
        epochs=2,
        lr=0.5,
        momentum=0.0,
        weight_decay=0.0,
        schedule="step",
        factor=0.001,
        every=1,
    )
    train(task, 2, settings, seed=0, run=run())
    assert task.w.item() == pytest.approx(0.5 + 0.5 * 0.0005)


def test_a_diverging_loss_is_refused():
    task = Quadratic([1.0] * 4)
    with pytest.raises(InputError, match=r"loss is (inf|nan) after .*`recipe.optimizer.lr`"):
        train(task, 4, recipe(lr=1e30, epochs=9, batch_size=2), seed=0, run=run())


def test_a_loss_that_is_not_a_number_is_named_with_its_epoch():
    task = Quadratic([1.0, math.nan, 1.0, 1.0])
    with pytest.raises(InputError, match="the loss is nan after epoch 1,"):
        train(task, 4, recipe(), seed=0, run=run())


def test_fp16_without_a_gpu_is_refused():
    with pytest.raises(InputError, match=r"`recipe\.precision` is fp16 and the device is cpu"):
        train(Toy(), SAMPLES, recipe(precision="fp16"), seed=0, run=run())


def test_one_process_trains_in_one_precision_after_the_other():
    losses = [
        train(Toy(), SAMPLES, recipe(precision=precision, epochs=1), seed=0, run=run())[0]["loss"]
        for precision in ("no", "bf16", "no")
    ]
    assert losses[0] == losses[2] != losses[1]


def test_mixed_precision_computes_in_bfloat16_and_keeps_float32_weights():
    class Watching(Toy):
        def forward(self, positions: Tensor) -> Terms:
            self.kind = self.net[0](self.x[positions]).dtype
            return super().forward(positions)

    task = Watching()
    train(task, SAMPLES, recipe(precision="bf16", epochs=1), seed=0, run=run())
    assert task.kind == torch.bfloat16
    assert {p.dtype for p in task.parameters()} == {torch.float32}
