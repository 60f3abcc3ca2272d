"""Average precision in three conventions, observed and resampled."""

from fractions import Fraction

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
)
from pipeline_lib.evaluation.intervals import drawn_counts
from pipeline_lib.evaluation.resamples import Resamples


def precisions(scores, truth, ignored=None, counts=None) -> dict[str, np.ndarray]:
    ignored = np.zeros_like(truth) if ignored is None else ignored
    counts = np.ones((1, len(truth)), int) if counts is None else counts
    found = average_precisions(scores, truth, ignored, Resamples(counts.T))
    return dict(zip(CONVENTIONS, found, strict=True))


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


@pytest.mark.parametrize("positives_first", [True, False])
def test_equal_scores_are_one_threshold(positives_first):
    """Half the images carry it, and nothing tells them apart: 1/2, not 1 or a third."""
    truth = np.repeat([[positives_first], [not positives_first]], 10, axis=0)
    for values in precisions(np.zeros((20, 1)), truth).values():
        assert values.item() == 1 / 2


def test_worked_example_of_a_tie():
    # thresholds 3 (+), 2 (+ − −), 1 (+): precision 1, 2/4, 3/5 at recall 1/3, 2/3, 1
    scores = np.array([[2.0], [3.0], [2.0], [1.0], [2.0]])
    found = precisions(scores, np.array([[0], [1], [1], [1], [0]], bool))
    assert found["noninterpolated"].item() == pytest.approx((1 + 2 / 4 + 3 / 5) / 3)
    assert found["voc_area"].item() == pytest.approx((1 + 3 / 5 + 3 / 5) / 3)
    assert found["voc_11point"].item() == pytest.approx((4 * 1 + 7 * 3 / 5) / 11)


def by_thresholds(scores: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """The three conventions as written, one threshold after the other, in fractions."""
    points = []  # (recall, precision), falling threshold
    for threshold in sorted(set(scores.tolist()), reverse=True):
        taken = scores >= threshold
        hits = int(truth[taken].sum())
        points.append((Fraction(hits, int(truth.sum())), Fraction(hits, int(taken.sum()))))
    best = [max(p for r, p in points if r >= recall) for recall, _ in points]
    steps = np.diff([Fraction(0), *(recall for recall, _ in points)])
    tenths = [max(p for r, p in points if r >= Fraction(tenth, 10)) for tenth in range(11)]
    return {
        "noninterpolated": float(sum(s * p for s, (_, p) in zip(steps, points, strict=True))),
        "voc_11point": float(sum(tenths) / 11),
        "voc_area": float(sum(s * p for s, p in zip(steps, best, strict=True))),
    }


IMAGES = 9


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    scores=arrays(np.float32, (IMAGES, 2), elements=st.sampled_from([-1.5, -0.0, 0.0, 0.25, 3.0])),
    truth=arrays(bool, (IMAGES, 2)),
    ignored=arrays(bool, (IMAGES, 2), elements=st.sampled_from([False, False, True])),
    counts=arrays(int, (3, IMAGES), elements=st.integers(0, 3)),
    order=st.permutations(range(IMAGES)),
)
def test_the_order_of_the_images_never_matters(scores, truth, ignored, counts, order):
    """To the last bit, in every convention, with images left out and drawn repeatedly."""
    truth &= ~ignored
    found = precisions(scores, truth, ignored, counts)
    other = precisions(scores[order], truth[order], ignored[order], counts[:, order])
    for name in CONVENTIONS:
        np.testing.assert_array_equal(found[name], other[name])


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    scores=arrays(np.float32, IMAGES, elements=st.sampled_from([-1.5, -0.0, 0.0, 0.25, 3.0])),
    truth=arrays(bool, IMAGES).filter(any),
    counts=arrays(int, IMAGES, elements=st.integers(0, 3)),
)
def test_ties_and_repeated_images_are_scikit_learns_and_as_written(scores, truth, counts):
    found = precisions(scores[:, None], truth[:, None])
    assert found["noninterpolated"].item() == pytest.approx(average_precision_score(truth, scores))
    for name, value in by_thresholds(scores, truth).items():
        assert found[name].item() == pytest.approx(value)
    if counts[truth].any():
        drawn = precisions(scores[:, None], truth[:, None], counts=counts[None])
        expected = average_precision_score(truth, scores, sample_weight=counts)
        assert drawn["noninterpolated"].item() == pytest.approx(expected)
        rows = np.repeat(np.arange(IMAGES), counts)
        for name, value in by_thresholds(scores[rows], truth[rows]).items():
            assert drawn[name].item() == pytest.approx(value)


@pytest.mark.parametrize("digits", [0, 1, 2])
def test_rounded_scores_are_scikit_learns(digits):
    scores, truth = case(400)
    scores = scores.round(digits)
    expected = average_precision_score(truth, scores, average=None)
    assert precisions(scores, truth)["noninterpolated"][0] == pytest.approx(expected)


def test_an_image_drawn_more_often_than_a_byte_holds_counts_as_often():
    scores, truth = case(5, 1)
    truth[1] = True
    counts = np.array([[700, 300, 1, 0, 256]])
    found = precisions(scores, truth, counts=counts)["noninterpolated"].item()
    expected = average_precision_score(truth[:, 0], scores[:, 0], sample_weight=counts[0])
    assert found == pytest.approx(expected)


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
