"""Average precision in three conventions, observed and resampled."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import average_precision_score

from pipeline_lib.evaluation.average_precision import (
    CONVENTIONS,
    average_precisions,
    mean_over_categories,
    ranked,
)
from pipeline_lib.evaluation.intervals import drawn_counts


def precisions(scores, truth, ignored=None, counts=None) -> dict[str, np.ndarray]:
    ignored = np.zeros_like(truth) if ignored is None else ignored
    counts = np.ones((1, len(truth)), int) if counts is None else counts
    return average_precisions(ranked(scores, truth, ignored), counts)


def case(images: int = 60, categories: int = 7) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = rng.random((images, categories)) < 0.2
    return rng.normal(size=truth.shape) + truth, truth


def voc_devkit(scores: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """The devkit's VOCevalcls, line by line: 2007's eleven points, and the area of 2010."""
    order = np.argsort(-scores, kind="stable")
    right, wrong = np.cumsum(truth[order]), np.cumsum(~truth[order])
    recall, precision = right / truth.sum(), right / (right + wrong)
    eleven = 0.0
    for tenth in range(11):
        there = precision[recall >= tenth / 10 - 1e-12]
        eleven += (there.max() if len(there) else 0) / 11
    mrec, mpre = np.r_[0, recall, 1], np.r_[0, precision, 0]
    for i in range(len(mpre) - 2, -1, -1):
        mpre[i] = max(mpre[i], mpre[i + 1])
    steps = np.flatnonzero(mrec[1:] != mrec[:-1]) + 1
    return eleven, float(((mrec[steps] - mrec[steps - 1]) * mpre[steps]).sum())


def test_worked_example():
    # ranks: +, −, +, −: precision 1 and 2/3 at the positives
    found = precisions(np.array([[4.0], [3.0], [2.0], [1.0]]), np.array([[1], [0], [1], [0]], bool))
    assert found["noninterpolated"].item() == pytest.approx((1 + 2 / 3) / 2)
    assert found["voc_area"].item() == pytest.approx((1 + 2 / 3) / 2)
    # recalls 0 … 0.5 see precision 1, the five above see 2/3
    assert found["voc_11point"].item() == pytest.approx((6 + 5 * 2 / 3) / 11)


def test_a_late_positive_lifts_the_area_but_not_the_sum():
    # −, +, +: precision 1/2 and 2/3; from the first positive on, 2/3 can be had
    found = precisions(np.array([[3.0], [2.0], [1.0]]), np.array([[0], [1], [1]], bool))
    assert found["noninterpolated"].item() == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert found["voc_area"].item() == pytest.approx(2 / 3)
    assert found["voc_11point"].item() == pytest.approx(2 / 3)


def test_the_sum_is_scikit_learns():
    scores, truth = case()
    expected = average_precision_score(truth, scores, average=None)
    assert precisions(scores, truth)["noninterpolated"][0] == pytest.approx(expected)


def test_the_others_are_the_devkits():
    scores, truth = case()
    found = precisions(scores, truth)
    for c in range(truth.shape[1]):
        eleven, area = voc_devkit(scores[:, c], truth[:, c])
        assert found["voc_11point"][0, c] == pytest.approx(eleven)
        assert found["voc_area"][0, c] == pytest.approx(area)


@pytest.mark.parametrize("positives", [3, 7, 10])
def test_recalls_of_whole_tenths_count_as_reached(positives):
    """0.1 · 3 is more than 0.3 in floating point; recall 3/10 reaches the fourth point."""
    truth = np.zeros((20, 1), bool)
    truth[[0, 1, 2], 0] = truth[-positives:, 0] = True
    scores = -np.arange(20.0)[:, None]
    eleven, _ = voc_devkit(scores[:, 0], truth[:, 0])
    assert precisions(scores, truth)["voc_11point"].item() == pytest.approx(eleven)


def test_resamples_equal_images_written_out():
    scores, truth = case(30, 4)
    scores = scores.round(0)  # many ties
    (counts,) = drawn_counts(30, draws=40, seed=1)
    found = precisions(scores, truth, counts=counts)
    for draw, taken in enumerate(counts):
        rows = np.repeat(np.arange(30), taken)
        written = precisions(scores[rows], truth[rows])
        for name in CONVENTIONS:
            np.testing.assert_allclose(found[name][draw], written[name][0])


def test_equal_scores_rank_by_the_order_of_the_images():
    truth = np.array([[0], [1], [0]], bool)
    assert precisions(np.zeros((3, 1)), truth)["noninterpolated"].item() == 1 / 2
    assert precisions(np.zeros((3, 1)), truth[[1, 0, 2]])["noninterpolated"].item() == 1


def test_ignored_images_might_as_well_not_be_there():
    scores, truth = case()
    ignored = np.random.default_rng(3).random(truth.shape) < 0.3
    found = precisions(scores, truth & ~ignored, ignored)
    for c in range(truth.shape[1]):
        kept = ~ignored[:, c]
        alone = precisions(scores[kept, c : c + 1], truth[kept, c : c + 1])
        for name in CONVENTIONS:
            assert found[name][0, c] == pytest.approx(alone[name].item())


def test_without_a_positive_it_is_unknown_in_that_resample_alone():
    truth = np.array([[1, 0], [0, 0], [0, 0]], bool)
    counts = np.array([[1, 1, 1], [0, 2, 1]])
    for values in precisions(np.eye(3)[:, :2], truth, counts=counts).values():
        assert np.isnan(values).tolist() == [[False, True], [True, True]]


def test_categories_without_a_positive_count_0_or_are_left_out():
    values = np.array([[0.5, np.nan, 1.0], [np.nan, np.nan, np.nan]])
    assert mean_over_categories(values, empty="zero").tolist() == [0.5, 0]
    assert mean_over_categories(values, empty="skip").tolist() == [0.75, 0]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    scores=arrays(float, (6, 1), elements=st.integers(-2, 2)),
    truth=arrays(bool, (6, 1)),
    counts=arrays(int, (2, 6), elements=st.integers(0, 3)),
)
def test_precision_lies_in_0_to_1_and_the_area_is_never_below_the_sum(scores, truth, counts):
    found = precisions(scores, truth, counts=counts)
    known = ~np.isnan(found["voc_area"])
    for values in found.values():
        assert (np.isnan(values) == ~known).all()
        assert ((values[known] > 0) & (values[known] <= 1 + 1e-12)).all()
    assert (found["voc_area"] >= found["noninterpolated"] - 1e-12)[known].all()


def test_perfect_scores_are_perfect():
    _, truth = case()
    for values in precisions(truth.astype(float), truth).values():
        assert values[0] == pytest.approx(1)
