"""Metrics of the list, of one seed, in resamples of the images."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import f1_score, precision_score, recall_score

from pipeline_lib.artifacts.thresholds import Choice
from pipeline_lib.evaluation.decisions import among_top
from pipeline_lib.evaluation.intervals import drawn_counts
from pipeline_lib.evaluation.metrics import measures
from pipeline_lib.evaluation.ranking import per_image_precision, per_image_recall, ranking


def case() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = rng.random((40, 8)) < 0.25
    truth[:4] = False
    return rng.normal(size=truth.shape), truth


def test_worked_example(formed):
    # image 0: one hit of two positives; image 1: no positive; image 2: one hit of one
    scores = np.array([[3, 2, 1], [3, 2, 1], [1, 3, 2]], float)
    truth = np.array([[1, 0, 1], [0, 0, 0], [0, 0, 1]], bool)
    found = formed(scores, truth, top_k=[2])
    assert found["micro_pr_precision_2"] == found["per_image_pr_precision_2"] == 2 / 6
    assert found["micro_pr_recall_2"] == 2 / 3
    assert found["per_image_pr_recall_2"] == (1 / 2 + 0 + 1) / 3
    assert found["per_image_pr_f1_2"] == 2 / (3 + 2)  # 2 / (1 / P + 1 / R)


@pytest.mark.parametrize("k", [1, 3, 8])
def test_micro_values_are_scikit_learns(formed, k):
    scores, truth = case()
    found, decided = formed(scores, truth, top_k=[k]), among_top(scores, ranking(scores), k)
    for name, metric in (
        ("precision", precision_score),
        ("recall", recall_score),
        ("f1", f1_score),
    ):
        expected = metric(truth, decided, average="micro")
        assert found[f"micro_pr_{name}_{k}"].item() == pytest.approx(expected)


@pytest.mark.parametrize("target", ["classes", "tags"])
@pytest.mark.parametrize("k", [1, 3])
def test_values_of_images_are_averaged(formed, target, k):
    scores, truth = case()
    order, found = ranking(scores), formed(scores, truth, top_k=[k], target=target)
    for name, metric in (("precision", per_image_precision), ("recall", per_image_recall)):
        mean = found[f"per_image_pr_{name}_{k}"].item()
        assert mean == pytest.approx(metric(order, truth, k).mean())


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    scores=arrays(float, (5, 6), elements=st.integers(-3, 3)),
    truth=arrays(bool, (5, 6)),
    k=st.integers(1, 6),
)
def test_precision_times_k_over_recall_is_the_mean_number_of_positives(formed, scores, truth, k):
    """The invariant of docs: 1.877 for NUS-WIDE's 81 concepts, whatever k is."""
    found = formed(scores, truth, top_k=[k])
    if found[f"micro_pr_recall_{k}"] > 0:
        ratio = found[f"micro_pr_precision_{k}"] * k / found[f"micro_pr_recall_{k}"]
        assert ratio.item() == pytest.approx(truth.sum(1).mean())


@pytest.mark.parametrize("target", ["classes", "tags"])
@pytest.mark.parametrize("empty", ["zero", "skip"])
def test_resamples_equal_images_written_out(formed, target, empty):
    scores, truth = case()
    own = tuple(np.linspace(-1, 1, 8).tolist())
    choice = Choice(temperature=0.6, threshold=0.3, by_label=own)
    rules = {"top_k": [1, 3], "target": target, "empty": empty, "choice": choice}
    (counts,) = drawn_counts(40, draws=20, seed=0)
    found = formed(scores, truth, counts=counts, **rules)
    for draw, taken in enumerate(counts):
        rows = np.repeat(np.arange(40), taken)
        for name, value in formed(scores[rows], truth[rows], **rules).items():
            assert found[name][draw] == pytest.approx(value.item()), name


def test_f1_at_chosen_thresholds_is_scikit_learns(formed):
    scores, truth = case()
    own = np.linspace(-1, 1, 8)
    found = formed(scores, truth, choice=Choice(threshold=0.3, by_label=tuple(own.tolist())))
    for cut, decided in (
        ("all", scores > 0),
        ("chosen", scores > 0.3),
        ("chosen_by_tag", scores > own),
    ):
        for name, average in (("category_pr_macro_f1", "macro"), ("overall_pr_f1", "micro")):
            expected = f1_score(truth, decided, average=average, zero_division=0)
            assert found[f"{name}_{cut}"].item() == pytest.approx(expected)
        parts = [
            metric(truth, decided, average="macro", zero_division=0)
            for metric in (precision_score, recall_score)
        ]
        expected = 2 * parts[0] * parts[1] / sum(parts)
        assert found[f"category_pr_f1_{cut}"].item() == pytest.approx(expected)


@pytest.mark.parametrize("k", [1, 3])
def test_macro_f1_is_scikit_learns(formed, k):
    scores, truth = case()
    single = np.eye(8, dtype=bool)[np.random.default_rng(1).integers(0, 8, 40)]
    for some in (single, truth):
        decided = among_top(scores, ranking(scores), k)
        expected = f1_score(some, decided, average="macro", zero_division=0)
        found = formed(scores, some, target="classes", top_k=[k])[f"macro_f1_{k}"].item()
        assert found == pytest.approx(expected)
    first = f1_score(single.argmax(1), scores.argmax(1), average="macro")
    assert formed(scores, single, target="classes")["macro_f1_1"].item() == pytest.approx(first)


def test_macro_f1_leaves_out_classes_that_no_image_carries(formed):
    scores, truth = case()
    truth[:, 2] = False
    kept = np.arange(8) != 2
    decided = among_top(scores, ranking(scores), 1)
    expected = f1_score(truth[:, kept], decided[:, kept], average="macro", zero_division=0)
    assert formed(scores, truth, target="classes")["macro_f1_1"].item() == pytest.approx(expected)


def test_images_without_any_positive_give_0(formed):
    scores, truth = case()
    found = formed(scores, np.zeros_like(truth), top_k=[3])
    del found["pair_ece"]  # what was believed did not come true
    assert {name: value.item() for name, value in found.items()} == dict.fromkeys(found, 0.0)


@pytest.mark.parametrize("target", ["classes", "tags"])
def test_perfect_scores_are_perfect(formed, target):
    truth = np.eye(4, dtype=bool)
    found = formed(80.0 * truth - 40, truth, target=target)
    best = {m.name: float(m.metric.higher_is_better) for m in measures(target, [1])}
    assert {name: value.item() for name, value in found.items()} == pytest.approx(best)


def test_an_ignored_tag_is_neither_hit_nor_miss(formed):
    scores = np.array([[9.0, 2.0, 1.0, -1.0]])
    truth, ignored = np.array([[0, 1, 0, 0]], bool), np.array([[1, 0, 0, 0]], bool)
    found = formed(scores, truth, ignored=ignored)
    assert found["overall_pr_precision_all"] == 1 / 2
    assert found["micro_pr_precision_1"] == 1


def test_of_seen_and_unseen_labels_together_either_kind_is_averaged_and_their_harmonic_mean(formed):
    scores, truth = case()
    unseen = np.arange(8) >= 6
    counts = drawn_counts(40, draws=20, seed=1)
    for some in (np.ones((1, 40), int), next(iter(counts))):
        found = formed(scores, truth, counts=some, unseen=unseen)
        kinds = {
            name: formed(scores[:, of], truth[:, of], counts=some)["map_noninterpolated"]
            for name, of in (("seen", ~unseen), ("unseen", unseen))
        }
        np.testing.assert_allclose(found["map_seen"], kinds["seen"])
        np.testing.assert_allclose(found["map_unseen"], kinds["unseen"])
        inverse = 1 / kinds["seen"] + 1 / kinds["unseen"]
        np.testing.assert_allclose(found["map_harmonic"], 2 / inverse)


def test_labels_of_one_kind_have_no_harmonic_mean(formed):
    assert "map_harmonic" not in formed(*case())
