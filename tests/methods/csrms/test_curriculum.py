"""The curriculum: easy images first, hard ones last."""

from collections.abc import Sequence
from functools import partial

import pytest
import torch

from pipeline_lib.methods.csrms.curriculum import Schedule
from pipeline_lib.methods.csrms.settings import Converged, Even, Linear

EASY, MEDIUM, HARD = 0, 1, 2


def schedule(
    alpha_i: float = 1.0,
    alpha_f: float = 1.0,
    *,
    pace: str = "converged",
    until: float = 0.5,
    step: float = 0.25,
    tolerance: float = 0.1,
    below: float = 1e9,
    levels: Sequence[int] = (EASY, MEDIUM, HARD),
) -> Schedule:
    start: dict[str, float] = {"alpha_i": alpha_i, "alpha_f": alpha_f}
    kinds = {
        "none": Even,
        "linear": partial(Linear, until=until, **start),
        "converged": partial(Converged, step=step, tolerance=tolerance, below=below, **start),
    }
    return Schedule(kinds[pace](), torch.tensor(levels))


def test_weights_by_hand():
    # α_i : (1 − α_i) α_f : (1 − α_i)(1 − α_f) = 0.6 : 0.3 : 0.1, of mean 1/3
    weights = schedule(0.6, 0.75).weights(torch.tensor([EASY, MEDIUM, HARD]))
    assert weights.tolist() == pytest.approx([1.8, 0.9, 0.3])
    assert weights.dtype == torch.float32


@pytest.mark.parametrize("levels", [[0, 0, 1, 2], [2, 1, 1, 1], [0, 0, 0, 0], [2, 2, 2, 2], [1]])
def test_weights_of_all_images_have_mean_1_and_keep_their_ratios(levels):
    parts = {EASY: 0.6, MEDIUM: 0.3, HARD: 0.1}
    weights = schedule(0.6, 0.75, levels=levels).weights(torch.tensor(levels))
    assert weights.mean().item() == pytest.approx(1)
    raw = torch.tensor([parts[level] for level in levels])
    assert (weights / raw).std(correction=0).item() == pytest.approx(0, abs=1e-5)


def test_a_weight_does_not_depend_on_who_else_is_in_the_batch():
    found = schedule(0.6, 0.75)
    among_hard = found.weights(torch.tensor([HARD, HARD, HARD]))
    assert among_hard.tolist() == pytest.approx([0.3] * 3)
    assert found.weights(torch.tensor([EASY, HARD]))[1] == among_hard[0]


def test_a_set_without_any_weight_is_weighed_evenly():
    # with α_i = 1 nothing but easy images counts
    nobody = schedule(levels=[MEDIUM, HARD, HARD])
    assert nobody.weights(torch.tensor([MEDIUM, HARD])).tolist() == [1, 1]
    assert schedule(levels=[EASY, HARD]).weights(torch.tensor([EASY, HARD])).tolist() == [2, 0]


def test_the_alphas_fall_by_hand():
    # close: the loss changed by less than 0.1; the alphas fall from the second in a row
    course = [
        (5.0, 1.0, 1.0),  # the first has nothing to be close to
        (4.95, 1.0, 1.0),  # close
        (4.93, 0.75, 1.0),  # twice running: α_i
        (4.92, 0.75, 0.75),  # then α_f
        (4.91, 0.5, 0.75),  # and α_i again
        (3.0, 0.5, 0.75),  # not close
        (3.05, 0.5, 0.75),  # close, upwards
        (3.25, 0.5, 0.75),  # not close
        (3.25, 0.5, 0.75),
        (3.25, 0.25, 0.75),
        (3.25, 0.25, 0.5),
        (3.25, 0.0, 0.5),
        (3.25, 0.0, 0.25),
        (3.25, 0.0, 0.25),  # not below 0
        (3.25, 0.0, 0.0),
        (3.25, 0.0, 0.0),
        (3.25, 0.0, 0.0),
    ]
    found = schedule()
    for loss, alpha_i, alpha_f in course:
        found.observe(loss)
        assert (float(found.alpha_i), float(found.alpha_f)) == (alpha_i, alpha_f), loss


def test_a_change_of_exactly_the_tolerance_is_not_close():
    found = schedule(step=0.5, tolerance=0.25)
    for loss in (1.0, 1.25, 1.5, 1.75):
        found.observe(loss)
    assert float(found.alpha_i) == 1


def test_a_plateau_counts_only_below_the_loss_that_is_asked():
    found = schedule(below=1.0)
    for loss in (2.0, 2.0, 2.0, 2.0):
        found.observe(loss)
    assert float(found.alpha_i) == 1
    for loss in (0.99, 0.98, 0.98):
        found.observe(loss)
    assert float(found.alpha_i) == 0.75


def test_a_schedule_goes_on_from_its_state():
    whole, first, second = schedule(), schedule(), schedule()
    losses = [5.0, 4.95, 4.93, 4.92, 4.91, 4.9]
    for loss in losses:
        whole.observe(loss)
    for loss in losses[:3]:
        first.observe(loss)
    second.load_state_dict(first.state_dict())
    for loss in losses[3:]:
        second.observe(loss)
    assert {k: float(v) for k, v in second.state_dict().items()} == {
        k: float(v) for k, v in whole.state_dict().items()
    }


def test_the_linear_pace_ends_with_equal_weights():
    found = schedule(0.93, 0.9, pace="linear", until=0.5, levels=[EASY, MEDIUM, HARD, HARD])
    course = []
    for epoch in range(8):
        found.begin(epoch, 8)
        course.append((float(found.alpha_i), float(found.alpha_f)))
    assert course[0] == pytest.approx((0.93, 0.9))
    assert course[2] == pytest.approx(((0.93 + 1 / 3) / 2, (0.9 + 1 / 2) / 2))
    assert course[4:] == [pytest.approx((1 / 3, 1 / 2))] * 4
    weights = found.weights(torch.tensor([EASY, MEDIUM, HARD, HARD]))
    assert weights.tolist() == pytest.approx([1, 1, 1, 1])


def test_each_pace_moves_on_its_own_sign_only():
    linear, converged = schedule(pace="linear"), schedule(pace="converged")
    for _ in range(5):
        linear.observe(1.0)
    converged.begin(5, 5)
    assert float(linear.alpha_i) == float(converged.alpha_i) == 1
