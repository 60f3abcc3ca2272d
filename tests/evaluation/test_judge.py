"""Every metric of every seed, in the same resamples."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import average_precision_score

from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.intervals import Estimate, bootstrap, centred
from pipeline_lib.evaluation.judge import Judged, difference, estimated, judge
from pipeline_lib.evaluation.metrics import measures
from pipeline_lib.evaluation.resampled import Rules, Truth
from pipeline_lib.evaluation.resamples import Resamples

RULES = Rules(top_k=[3, 9], threshold=0.5, empty="skip")


def case(seeds: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = rng.random((70, 5)) < 0.3
    return rng.normal(size=(seeds, *truth.shape)) + truth, truth


def plain(truth: np.ndarray) -> Truth:
    return Truth(truth, np.zeros_like(truth))


def judged(scores, truth, target="tags", **changes) -> Judged:
    resamples = Resamples.drawn(len(truth.carried), draws=120, seed=0)
    found = judge(scores, truth, target, replace(RULES, **changes), resamples)
    named = (found.draws, found.seeds, found.images, found.labels)
    return Judged(*({m.name: values for m, values in part.items()} for part in named))


def test_map_is_scikit_learns_averaged_over_seeds():
    scores, truth = case()
    found = judged(scores, plain(truth))
    each = [average_precision_score(truth, seed, average="macro") for seed in scores]
    assert found.seeds["map_noninterpolated"] == pytest.approx(each)
    assert found.draws["map_noninterpolated"][0] == pytest.approx(np.mean(each))
    expected = np.mean([average_precision_score(truth, s, average=None) for s in scores], axis=0)
    assert found.labels["map_noninterpolated"][0] == pytest.approx(expected)


def test_metrics_carry_the_names_of_their_protocols():
    names = {f"map_{c}" for c in ("noninterpolated", "voc_11point", "voc_area")}
    for protocol in ("category_pr", "overall_pr", "per_image_pr", "micro_pr"):
        cuts = ("all", "3") if protocol in ("category_pr", "overall_pr") else ("3",)
        names |= {f"{protocol}_{m}_{k}" for m in ("precision", "recall", "f1") for k in cuts}
    names |= {"category_pr_macro_f1_all", "pair_ece"}
    scores, truth = case()
    found = judged(scores, plain(truth))
    assert found.draws.keys() == found.seeds.keys() == names
    assert {len(draws) for draws in found.draws.values()} == {121}


def test_draws_are_common_to_runs_on_the_same_images():
    scores, truth = case()
    better = scores + 0.3 * truth
    one, two = (judged(s, plain(truth)).draws["map_noninterpolated"] for s in (scores, better))
    paired = Estimate.of(two - one)
    unpaired = Estimate.of(two[np.r_[0, np.random.default_rng(1).permutation(120) + 1]] - one)
    assert 0 < paired.low <= paired.value <= paired.high
    assert paired.high - paired.low < 0.7 * (unpaired.high - unpaired.low)
    np.testing.assert_array_equal(one, judged(scores, plain(truth)).draws["map_noninterpolated"])


def test_intervals_hold_their_value_even_with_few_positives():
    scores, truth = case()
    truth[20:] = False
    found = judged(scores, plain(truth))
    for one in measures("tags", [3]):
        estimate = estimated(one, found.draws[one.name])
        assert estimate.low <= estimate.value <= estimate.high


def test_a_seed_more_averages_inside_each_draw():
    scores, truth = case(3)
    together = judged(scores, plain(truth)).draws["overall_pr_f1_all"]
    alone = [judged(scores[i : i + 1], plain(truth)).draws["overall_pr_f1_all"] for i in range(3)]
    np.testing.assert_allclose(together, np.mean(alone, axis=0))


@pytest.mark.parametrize(
    ("how", "carried", "ignored"),
    [
        ("ignore", [True, False, False], [False, True, True]),
        ("negative", [True, False, False], [False, False, False]),
        ("positive", [True, True, True], [False, False, False]),
    ],
)
def test_difficult_tags_are_left_out_or_settled(how, carried, ignored):
    """Whether `tags` holds the difficult ones (the second) or not (the third) is all the same."""
    carry, hard = np.array([[1, 1, 0, 0]], bool), np.array([[0, 1, 1, 0]], bool)
    found = Truth.of(carry, hard, np.array([[0, 0, 0, 1]], bool), how)
    assert found.carried.tolist() == [[*carried, False]]
    assert found.ignored.tolist() == [[*ignored, True]]  # what nobody knows counts in no case


def test_where_all_cut_offs_lie_beyond_the_tags_the_first_rank_is_judged():
    scores, truth = case()
    found, first = (judged(scores, plain(truth), top_k=k) for k in ([6, 9], [1]))
    assert found.draws.keys() == first.draws.keys()
    assert "micro_pr_precision_1" in found.draws


def test_a_metric_of_classes_is_averaged_over_seeds_by_hand():
    # ranks of seed 0: 0 1 2 and 2 1 0; of seed 1: 1 0 2 twice
    scores = np.array([[[3, 2, 1], [1, 2, 3]], [[2, 3, 1], [2, 3, 1]]], float)
    truth = plain(np.array([[1, 0, 0], [0, 1, 1]], bool))
    found = judged(scores, truth, "classes", top_k=[1, 2])
    # first rank right: seed 0 both images, seed 1 the second
    assert found.images["top_k_accuracy_1"].tolist() == [0.5, 1.0]
    assert found.seeds["top_k_accuracy_1"].tolist() == [1.0, 0.5]
    assert found.draws["top_k_accuracy_1"][0] == 0.75
    # two ranks: image 0 has one hit of one always; image 1 two, then one, of two
    assert found.images["per_image_pr_precision_2"].tolist() == [0.5, 0.75]
    assert found.images["per_image_pr_recall_2"].tolist() == [1.0, 0.75]
    # F1 of seed 0: P 3/4, R 1: 6/7; of seed 1: P 1/2, R 3/4: 3/5
    assert found.seeds["per_image_pr_f1_2"] == pytest.approx([6 / 7, 3 / 5])
    assert found.draws["per_image_pr_f1_2"][0] == pytest.approx((6 / 7 + 3 / 5) / 2)
    assert found.labels == {}


def test_draws_of_a_mean_over_images_are_those_of_the_bootstrap():
    scores, truth = case(3)
    found = judged(scores, plain(truth), "classes")
    for name, values in found.images.items():
        expected = bootstrap(values[:, None], draws=120, seed=0)[:, 0]
        np.testing.assert_allclose(found.draws[name], expected)


def test_intervals_of_what_is_no_mean_over_images_are_of_centred_draws():
    accuracy, ap = measures("classes", [1])[0], measures("tags", [1])[0]
    draws = np.array([0.5, *np.linspace(0.45, 0.65, 101)])
    # 2.5 and 97.5 % of the way from 0.45 to 0.65, and 0.05 lower
    assert estimated(accuracy, draws) == Estimate(0.5, pytest.approx(0.455), pytest.approx(0.645))
    assert estimated(ap, draws) == Estimate(0.5, pytest.approx(0.405), pytest.approx(0.595))


def test_resamples_in_which_two_runs_do_not_differ_show_no_difference():
    """One image of thirty is lost; without it, as in every third resample, both are the same."""
    ap = measures("tags", [1])[0]
    theirs = np.linspace(0.5, 0.6, 101)
    lost = np.array([1, *[0] * 37, *[1] * 40, *[2] * 23]) / 30
    found = difference(ap, theirs - lost, theirs)
    assert centred(-lost)[1] < 0
    assert (found.value, found.high) == (pytest.approx(-1 / 30), 0.0)
    assert found.covers_zero


def test_a_difference_is_ours_minus_theirs_in_the_same_resamples():
    accuracy = measures("classes", [1])[0]
    rng = np.random.default_rng(0)
    theirs = rng.random(200)
    ours = theirs + 0.01 + 0.001 * rng.normal(size=200)
    drawn = bootstrap(np.stack([ours, theirs], 1), draws=200, seed=0).T
    found = difference(accuracy, *drawn)
    assert found.value == pytest.approx(0.01, abs=0.001)
    assert 0 < found.low < 0.01 < found.high < 0.02  # unpaired it would be ± 0.06
    turned = difference(accuracy, *drawn[::-1])
    assert (turned.low, turned.high) == (pytest.approx(-found.high), pytest.approx(-found.low))
    assert difference(accuracy, drawn[0], drawn[0]) == Estimate(0.0, 0.0, 0.0)


def test_an_interval_of_a_difference_ends_where_a_difference_can():
    """Centred draws of a metric near 1 exceed it; against 0 so does their difference."""
    ap = measures("tags", [1])[0]
    high = np.concatenate([[0.98], 0.9 + np.random.default_rng(0).normal(0, 0.05, 100)])
    found = difference(ap, high, np.zeros(101))
    assert (found.value, found.high) == (0.98, 1)
    assert 0.8 < found.low < 0.95


@pytest.mark.parametrize("target", ["classes", "tags"])
def test_an_estimate_ends_with_the_range_of_its_metric(target):
    truth = np.eye(4, dtype=bool)
    resamples = Resamples.drawn(4, draws=100, seed=0)
    found = judge(2.0 * truth[None] - 1, plain(truth), target, RULES, resamples)
    for one in measures(target, [3]):
        estimate = found.estimate(one)
        assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1
        assert found.seed_std(one) == 0
    assert found.estimate(measures(target, [3])[0]) == Estimate(1.0, 1.0, 1.0)


def test_scores_that_are_not_finite_are_refused():
    scores, truth = case()
    scores[1, 3, 2] = np.nan
    with pytest.raises(InputError, match="1 of 70 images have scores that are not finite"):
        judged(scores, plain(truth))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    scores=arrays(float, (1, 8, 4), elements=st.integers(-2, 2)),
    truth=arrays(bool, (8, 4)),
    ignored=arrays(bool, (8, 4), elements=st.sampled_from([False, False, True])),
    order=st.permutations(range(8)),
)
def test_no_metric_depends_on_the_order_of_the_images(scores, truth, ignored, order):
    """The resamples do: they are drawn by position."""
    one, two = (
        judged(s, Truth(t & ~i, i), top_k=[1, 3])
        for s, t, i in (
            (scores, truth, ignored),
            (scores[:, order], truth[order], ignored[order]),
        )
    )
    for name, value in one.seeds.items():
        assert two.seeds[name] == pytest.approx(value), name
