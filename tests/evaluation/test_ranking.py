"""Metrics of rankings, one value per image."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import f1_score, top_k_accuracy_score
from torchmetrics.functional.retrieval import retrieval_precision, retrieval_recall

from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.ranking import (
    first_ranked,
    harmonic_mean,
    hits_at,
    per_image_precision,
    per_image_recall,
    ranking,
    top_k_accuracy,
    validate,
)

METRICS = (top_k_accuracy, per_image_precision, per_image_recall)
# Scores whose ranks are 2 0 1 3, 1 2 0 3 and 0 1 2 3; positives: {0}, {2, 3}, none
SCORES = np.array([[0.5, 0.2, 0.9, 0.1], [0.0, 3.0, 1.0, -1.0], [4.0, 3.0, 2.0, 1.0]])
TRUTH = np.array([[1, 0, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0]], bool)


def random_case(*, multi: bool) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(50, 7))
    truth = np.eye(7, dtype=bool)[rng.integers(0, 7, 50)]
    return scores, truth | (rng.random((50, 7)) < 0.2) if multi else truth


def test_worked_example():
    order = ranking(SCORES)
    assert order.tolist() == [[2, 0, 1, 3], [1, 2, 0, 3], [0, 1, 2, 3]]
    assert [hits_at(order, TRUTH, k).tolist() for k in (1, 2, 4)] == [
        [0, 0, 0],
        [1, 1, 0],
        [1, 2, 0],
    ]
    assert top_k_accuracy(order, TRUTH, 2).tolist() == [1, 1, 0]
    assert per_image_precision(order, TRUTH, 2).tolist() == [1 / 2, 1 / 2, 0]
    assert per_image_recall(order, TRUTH, 2).tolist() == [1, 1 / 2, 0]
    assert top_k_accuracy(order, TRUTH, 1).tolist() == [0, 0, 0]
    # more than there are classes: still divided by k
    assert per_image_precision(order, TRUTH, 5).tolist() == [1 / 5, 2 / 5, 0]


def test_equal_scores_rank_by_class_index():
    assert ranking(np.zeros((1, 40)))[0].tolist() == list(range(40))
    scores = np.array([[1.0, 2.0, 1.0, 2.0, 0.0]])
    assert ranking(scores).tolist() == [[1, 3, 0, 2, 4]]
    assert ranking(scores.astype(np.float32)).tolist() == [[1, 3, 0, 2, 4]]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    scores=arrays(np.float32, (4, 6), elements=st.sampled_from([-np.inf, -1.0, 0.0, -0.0, 2.5])),
    most=st.integers(1, 6),
)
def test_the_first_ranked_are_those_of_the_whole_ranking(scores, most):
    assert first_ranked(scores, most).tolist() == ranking(scores)[:, :most].tolist()


@pytest.mark.parametrize("k", [1, 3, 6])
def test_top_k_accuracy_is_scikit_learns(k):
    scores, truth = random_case(multi=False)
    expected = top_k_accuracy_score(truth.argmax(1), scores, k=k, labels=range(7))
    assert top_k_accuracy(ranking(scores), truth, k).mean() == pytest.approx(expected)


@pytest.mark.parametrize("k", [1, 3, 7])
@pytest.mark.parametrize("multi", [False, True])
def test_precision_and_recall_of_an_image_are_torchmetrics(k, multi):
    scores, truth = random_case(multi=multi)
    order = ranking(scores)
    precision, recall = (metric(order, truth, k) for metric in METRICS[1:])
    for i in range(len(scores)):
        # the exponential, because torchmetrics counts no item that scores below 0
        row, labels = torch.from_numpy(np.exp(scores[i])), torch.from_numpy(truth[i])
        assert precision[i] == pytest.approx(float(retrieval_precision(row, labels, top_k=k)))
        assert recall[i] == pytest.approx(float(retrieval_recall(row, labels, top_k=k)))


def test_perfect_scores_give_perfect_metrics():
    _, truth = random_case(multi=True)
    order = ranking(truth.astype(float))
    assert (top_k_accuracy(order, truth, 1) == 1).all()
    assert (per_image_precision(order, truth, 1) == 1).all()
    assert (per_image_recall(order, truth, 7) == 1).all()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    scores=arrays(float, (4, 5), elements=st.integers(-3, 3)),
    truth=arrays(bool, (4, 5)),
    k=st.integers(1, 5),
)
def test_metrics_lie_in_0_to_1_and_grow_with_k_as_they_must(scores, truth, k):
    order = ranking(scores)
    assert (np.sort(order, 1) == np.arange(5)).all()
    for metric in METRICS:
        assert ((metric(order, truth, k) >= 0) & (metric(order, truth, k) <= 1)).all()
    for metric in (top_k_accuracy, per_image_recall):
        assert (metric(order, truth, k) <= metric(order, truth, 5)).all()
    # P@k · k = R@k · positives = hits
    hits = per_image_recall(order, truth, k) * truth.sum(1)
    np.testing.assert_allclose(per_image_precision(order, truth, k) * k, hits)


def test_harmonic_mean_is_scikit_learns_f1():
    truth, found = [1, 0, 1, 1, 0, 1], [1, 1, 0, 1, 0, 0]
    precision, recall = np.array([2 / 3]), np.array([2 / 4])
    assert harmonic_mean(precision, recall)[0] == pytest.approx(f1_score(truth, found))


def test_harmonic_mean_of_nothing_is_0():
    found = harmonic_mean(np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0]))
    assert found.tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("scores", "truth"), [((3, 4), (3, 5)), ((3, 4), (2, 4)), ((0, 4), (0, 4)), ((4,), (4,))]
)
def test_scores_of_another_shape_than_the_labels_are_refused(scores, truth):
    pattern = rf"scores of shape \({scores[0]},.*labels of shape \({truth[0]},"
    with pytest.raises(InputError, match=pattern):
        validate(np.zeros(scores), np.zeros(truth, bool))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_scores_that_are_not_finite_are_refused_and_counted(value):
    scores = np.zeros((5, 3))
    scores[[1, 4], [0, 2]] = scores[4, 0] = value
    with pytest.raises(InputError, match="2 of 5 images have scores that are not finite"):
        validate(scores, np.zeros((5, 3), bool))
    validate(np.zeros((5, 3)), np.zeros((5, 3), bool))
