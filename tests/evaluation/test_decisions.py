"""CP, CR, CF1, OP, OR and OF1."""

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score, precision_score, recall_score
from torchmetrics.functional.classification import multilabel_precision, multilabel_recall

from pipeline_lib.evaluation.average_precision import mean_over_categories
from pipeline_lib.evaluation.decisions import Tally, above, among_top
from pipeline_lib.evaluation.intervals import drawn_counts
from pipeline_lib.evaluation.ranking import harmonic_mean, ranking
from pipeline_lib.evaluation.resamples import Resamples


def case() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = rng.random((50, 6)) < 0.3
    return rng.normal(size=truth.shape) * 2 + truth, truth


def top(scores, k):
    return among_top(scores, ranking(scores), k)


def judged(decided, truth, *, empty="zero", counts=None) -> dict[str, float]:
    counts = np.ones((1, len(truth)), int) if counts is None else counts
    return {name: values.item() for name, values in means(decided, truth, counts, empty).items()}


def means(decided, truth, counts, empty) -> dict[str, np.ndarray]:
    tally = Tally.of(decided, truth, Resamples(counts.T))
    cp, cr = (
        mean_over_categories(values, empty=empty)
        for values in (tally.label_precision, tally.label_recall)
    )
    op, o_r = tally.overall_precision, tally.overall_recall
    return {
        "category_pr_precision": cp, "category_pr_recall": cr,
        "category_pr_f1": harmonic_mean(cp, cr), "overall_pr_precision": op,
        "overall_pr_recall": o_r, "overall_pr_f1": harmonic_mean(op, o_r),
    }  # fmt: skip


def test_worked_example():
    # category 0: one hit of two decisions and of one; category 1: one of one and of two
    decided = np.array([[1, 1], [1, 0], [0, 0]], bool)
    truth = np.array([[1, 1], [0, 0], [0, 1]], bool)
    found = judged(decided, truth)
    assert found["category_pr_precision"] == (1 / 2 + 1) / 2
    assert found["category_pr_recall"] == (1 + 1 / 2) / 2
    assert found["category_pr_f1"] == pytest.approx(0.75)
    assert found["overall_pr_precision"] == found["overall_pr_recall"] == 2 / 3


@pytest.mark.parametrize("rule", [lambda s: above(s, 0.5), lambda s: top(s, 3)])
def test_means_are_scikit_learns_and_torchmetrics(rule):
    scores, truth = case()
    decided = rule(scores)
    found = judged(decided, truth)
    for name, metric in (("precision", precision_score), ("recall", recall_score)):
        for protocol, average in (("category", "macro"), ("overall", "micro")):
            expected = metric(truth, decided, average=average, zero_division=0)
            assert found[f"{protocol}_pr_{name}"] == pytest.approx(expected)
    assert found["overall_pr_f1"] == pytest.approx(f1_score(truth, decided, average="micro"))
    for name, metric in (("precision", multilabel_precision), ("recall", multilabel_recall)):
        preds, target = torch.from_numpy(decided).long(), torch.from_numpy(truth).long()
        expected = float(metric(preds, target, num_labels=6, average="macro"))
        assert found[f"category_pr_{name}"] == pytest.approx(expected)


def test_cf1_is_the_harmonic_mean_of_means_and_not_the_mean_of_f1():
    scores, truth = case()
    found = judged(above(scores, 0.5), truth)
    p, r = found["category_pr_precision"], found["category_pr_recall"]
    assert found["category_pr_f1"] == pytest.approx(2 * p * r / (p + r))
    assert found["category_pr_f1"] != pytest.approx(
        f1_score(truth, above(scores, 0.5), average="macro")
    )


@pytest.mark.parametrize(("threshold", "logit"), [(0.5, 0.0), (0.8, np.log(4)), (0.1, -np.log(9))])
def test_the_threshold_is_a_probability(threshold, logit):
    assert above(np.array([[logit - 1e-9, logit + 1e-9]]), threshold).tolist() == [[False, True]]


def test_as_many_labels_as_asked_for_are_among_the_top():
    scores, _ = case()
    for k in (1, 3, 6):
        assert (top(scores, k).sum(1) == k).all()
    tied = top(np.zeros((1, 5)), 2)
    assert tied.tolist() == [[True, True, False, False, False]]
    assert top(np.array([[1.0, -np.inf, -np.inf]]), 2).tolist() == [[True, False, False]]


def test_resamples_equal_images_written_out():
    scores, truth = case()
    decided = above(scores, 0.5)
    (counts,) = drawn_counts(50, draws=20, seed=0)
    for empty in ("zero", "skip"):
        found = means(decided, truth, counts, empty)
        for draw, taken in enumerate(counts):
            rows = np.repeat(np.arange(50), taken)
            for name, value in judged(decided[rows], truth[rows], empty=empty).items():
                assert found[name][draw] == pytest.approx(value)


def test_a_category_without_a_positive_counts_0_or_is_left_out():
    decided = np.array([[1, 1], [0, 0]], bool)
    truth = np.array([[1, 0], [0, 0]], bool)
    zero, skip = (judged(decided, truth, empty=empty) for empty in ("zero", "skip"))
    assert (zero["category_pr_precision"], zero["category_pr_recall"]) == (0.5, 0.5)
    assert (skip["category_pr_precision"], skip["category_pr_recall"]) == (1.0, 1.0)
    assert zero["overall_pr_precision"] == skip["overall_pr_precision"] == 0.5


def test_deciding_for_nothing_is_0_throughout():
    _, truth = case()
    assert set(judged(np.zeros_like(truth), truth).values()) == {0.0}
