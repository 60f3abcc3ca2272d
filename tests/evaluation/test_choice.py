"""Thresholds against scikit-learn over a grid, temperatures against two optimisers."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.metrics import f1_score

from pipeline_lib.evaluation.choice import (
    LEAST_POSITIVES,
    NO_BETTER,
    RANKED_RIGHT,
    best_threshold,
    choose_temperature,
    choose_thresholds,
)
from pipeline_lib.evaluation.resampled import Truth

NUMBERS = st.floats(-30, 30, width=32) | st.integers(-3, 3).map(float)
PAIRS = st.lists(st.tuples(NUMBERS, st.booleans()), min_size=1, max_size=12)


def plain(carried: np.ndarray) -> Truth:
    return Truth(carried, np.zeros_like(carried))


def best_of_a_grid(scores: np.ndarray, carried: np.ndarray) -> float:
    """Return the largest F1 of scikit-learn at every threshold that differs from others."""
    grid = np.r_[np.unique(scores), np.float32(-np.inf)]
    return max(f1_score(carried, scores > threshold, zero_division=0) for threshold in grid)


@settings(max_examples=25, deadline=None)
@given(PAIRS)
def test_no_threshold_has_a_larger_f1(pairs):
    scores, carried = (np.array(column) for column in zip(*pairs, strict=True))
    scores, carried[0] = scores.astype(np.float32), True
    threshold, f1 = best_threshold(scores, carried)
    assert f1 == pytest.approx(best_of_a_grid(scores, carried))
    # read back from text, and compared in the type of the scores
    decided = scores > np.float32(float(repr(threshold)))
    assert f1_score(carried, decided, zero_division=0) == pytest.approx(f1)


def test_the_threshold_lies_between_two_scores_and_decides_for_the_fewest():
    # F1 of 1, 2, 3, 4 decisions: 2/3, 1/2, 4/5, 2/3
    scores, carried = np.array([4.0, 3.0, 2.0, 1.0]), np.array([1, 0, 1, 0], bool)
    assert best_threshold(scores, carried) == (1.5, 0.8)
    # F1 of 1 and of 4 decisions: 2/3 both
    assert best_threshold(scores, np.array([1, 0, 0, 1], bool)) == (3.5, 2 / 3)


def test_where_all_are_carried_everything_is_decided_for():
    scores = np.array([0.5, 0.25], np.float32)
    threshold, f1 = best_threshold(scores, np.array([True, True]))
    assert f1 == 1
    assert threshold == np.nextafter(np.float32(0.25), np.float32(-1))


def test_scores_beside_each_other_are_told_apart():
    low = np.float32(16.1)
    scores = np.array([np.nextafter(low, np.float32(99)), low])
    threshold, _ = best_threshold(scores, np.array([True, False]))
    assert (scores > np.float32(threshold)).tolist() == [True, False]


def test_tags_that_few_images_carry_take_the_common_threshold():
    rng = np.random.default_rng(0)
    carried = np.zeros((60, 4), bool)
    for tag, count in enumerate((LEAST_POSITIVES, LEAST_POSITIVES - 1, 30, 0)):
        carried[:count, tag] = True
    scores = (3 * carried + rng.normal(size=(60, 4)) + [0, 2, 4, 6]).astype(np.float32)
    found = choose_thresholds(scores, plain(carried), np.arange(3))
    pairs, own = (
        scores[:, :3].ravel(),
        [best_threshold(scores[:, j], carried[:, j])[0] for j in (0, 2)],
    )
    assert found.threshold == best_threshold(pairs, carried[:, :3].ravel())[0]
    assert found.by_label == (own[0], found.threshold, own[1], found.threshold)
    assert own[0] != found.threshold != own[1]
    decided = scores > np.array(found.by_label, np.float32)
    expected = f1_score(carried[:, :3].ravel(), decided[:, :3].ravel())
    assert found.on_val["overall_f1_by_label"] == pytest.approx(expected)
    assert found.on_val["overall_f1"] == pytest.approx(
        best_of_a_grid(pairs, carried[:, :3].ravel())
    )


def test_tags_that_training_does_not_know_are_not_looked_at():
    rng = np.random.default_rng(0)
    carried = rng.random((50, 3)) < 0.5
    scores = rng.normal(size=(50, 3)) + carried
    without = choose_thresholds(scores[:, :2], plain(carried[:, :2]), np.arange(2))
    carried[:, 2] = False
    scores[:, 2] = 50.0
    found = choose_thresholds(scores, plain(carried), np.arange(2))
    assert found.threshold == without.threshold
    assert found.by_label == (*without.by_label, without.threshold)
    assert found.on_val == without.on_val


def test_difficult_pairs_are_not_looked_at():
    scores = np.array([[5.0], [3.0], [1.0]] * LEAST_POSITIVES)
    carried = np.array([[0], [1], [0]] * LEAST_POSITIVES, bool)
    ignored = np.array([[1], [0], [0]] * LEAST_POSITIVES, bool)
    found = choose_thresholds(scores, Truth(carried, ignored), np.arange(1))
    assert (found.threshold, found.by_label) == (2.0, (2.0,))
    assert found.on_val == {"overall_f1": 1.0, "overall_f1_by_label": 1.0}


def loss(logits: np.ndarray, classes: np.ndarray, temperature: float) -> float:
    return float(
        -log_softmax(logits / temperature, axis=1)[np.arange(len(classes)), classes].mean()
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.01, 50))
def test_the_temperature_is_scipys_and_does_not_depend_on_the_scale(seed, scale):
    rng = np.random.default_rng(seed)
    classes = rng.integers(5, size=80)
    logits = np.eye(5)[classes] + rng.normal(size=(80, 5))
    found = choose_temperature(scale * logits, classes)
    expected = minimize_scalar(
        lambda t: loss(logits, classes, np.exp(t)),
        bounds=(-5, 5),
        method="bounded",
        options={"xatol": 1e-10},
    )
    assert found.temperature == pytest.approx(scale * np.exp(expected.x), rel=1e-4)
    assert found.on_val["nll"] == pytest.approx(expected.fun)
    assert found.on_val["nll_as_trained"] == pytest.approx(loss(scale * logits, classes, 1))
    assert (found.threshold, found.by_label, found.remark) == (None, (), "")


def test_the_temperature_is_that_of_gradient_descent():
    rng = np.random.default_rng(1)
    classes = rng.integers(4, size=200)
    logits = 7 * (np.eye(4)[classes] + 0.7 * rng.normal(size=(200, 4)))
    log = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([log], max_iter=200, tolerance_grad=1e-12, tolerance_change=1e-14)

    def closure():
        optimizer.zero_grad()
        found = torch.nn.functional.cross_entropy(
            torch.from_numpy(logits) / log.exp(), torch.from_numpy(classes)
        )
        found.backward()
        return found

    optimizer.step(closure)
    assert choose_temperature(logits, classes).temperature == pytest.approx(
        float(log.detach().exp()), rel=1e-6
    )


@pytest.mark.parametrize(
    ("logits", "remark"),
    [([[2.0, 1.0], [0.0, 3.0]], RANKED_RIGHT), ([[1.0, 2.0], [3.0, 0.0]], NO_BETTER)],
)
def test_where_no_temperature_is_likeliest_1_is_kept(logits, remark):
    found = choose_temperature(np.array(logits), np.array([0, 1]))
    assert (found.temperature, found.remark) == (1.0, remark)
    assert found.on_val["nll"] == found.on_val["nll_as_trained"]
