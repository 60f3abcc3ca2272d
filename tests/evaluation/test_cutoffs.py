"""Precision, recall and F1 of the first k labels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import f1_score, precision_score, recall_score

from pipeline_lib.evaluation.cutoffs import at_cutoff
from pipeline_lib.evaluation.decisions import among_top
from pipeline_lib.evaluation.intervals import drawn_counts
from pipeline_lib.evaluation.ranking import per_image_precision, per_image_recall, ranking


def judged(scores, truth, k) -> dict[str, float]:
    found = at_cutoff(ranking(scores), truth, np.ones((1, len(truth)), int), k)
    return {name: values.item() for name, values in found.items()}


def case() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = rng.random((40, 8)) < 0.25
    truth[:4] = False
    return rng.normal(size=truth.shape), truth


def test_worked_example():
    # image 0: one hit of two positives; image 1: no positive; image 2: one hit of one
    scores = np.array([[3, 2, 1], [3, 2, 1], [1, 3, 2]], float)
    truth = np.array([[1, 0, 1], [0, 0, 0], [0, 0, 1]], bool)
    found = judged(scores, truth, 2)
    assert found["micro_pr_precision"] == found["per_image_pr_precision"] == 2 / 6
    assert found["micro_pr_recall"] == 2 / 3
    assert found["per_image_pr_recall"] == (1 / 2 + 0 + 1) / 3


@pytest.mark.parametrize("k", [1, 3, 8])
def test_micro_values_are_scikit_learns(k):
    scores, truth = case()
    found, decided = judged(scores, truth, k), among_top(scores, ranking(scores), k)
    for name, metric in (
        ("precision", precision_score),
        ("recall", recall_score),
        ("f1", f1_score),
    ):
        assert found[f"micro_pr_{name}"] == pytest.approx(metric(truth, decided, average="micro"))


@pytest.mark.parametrize("k", [1, 3])
def test_values_per_image_are_those_of_classes(k):
    scores, truth = case()
    order, found = ranking(scores), judged(scores, truth, k)
    assert found["per_image_pr_precision"] == pytest.approx(
        per_image_precision(order, truth, k).mean()
    )
    assert found["per_image_pr_recall"] == pytest.approx(per_image_recall(order, truth, k).mean())


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    scores=arrays(float, (5, 6), elements=st.integers(-3, 3)),
    truth=arrays(bool, (5, 6)),
    k=st.integers(1, 6),
)
def test_precision_times_k_over_recall_is_the_mean_number_of_positives(scores, truth, k):
    """The invariant of docs: 1.877 for NUS-WIDE's 81 concepts, whatever k is."""
    found = judged(scores, truth, k)
    if found["micro_pr_recall"] > 0:
        ratio = found["micro_pr_precision"] * k / found["micro_pr_recall"]
        assert ratio == pytest.approx(truth.sum(1).mean())


def test_resamples_equal_images_written_out():
    scores, truth = case()
    (counts,) = drawn_counts(40, draws=20, seed=0)
    found = at_cutoff(ranking(scores), truth, counts, 3)
    for draw, taken in enumerate(counts):
        rows = np.repeat(np.arange(40), taken)
        for name, value in judged(scores[rows], truth[rows], 3).items():
            assert found[name][draw] == pytest.approx(value)


def test_images_without_any_positive_give_0():
    scores, truth = case()
    assert set(judged(scores, np.zeros_like(truth), 3).values()) == {0.0}
