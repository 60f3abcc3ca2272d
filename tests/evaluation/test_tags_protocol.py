"""Every metric of tags, of every seed, in the same resamples."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import average_precision_score

from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.evaluation.tags_protocol import JudgedTags, Truth, judge_tags
from pipeline_lib.params.evaluation import Tags

PARAMS = Tags(
    judged="seen",
    top_k=[3, 9],
    threshold=0.5,
    empty="skip",
    difficult="ignore",
    gzsl_order="seen_first",
)


def case(seeds: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = rng.random((70, 5)) < 0.3
    return rng.normal(size=(seeds, *truth.shape)) + truth, truth


def plain(truth: np.ndarray) -> Truth:
    return Truth(truth, np.zeros_like(truth))


def judged(scores, truth, **changes) -> JudgedTags:
    params = PARAMS.model_copy(update=changes)
    return judge_tags(scores, truth, params, draws=120, seed=0)


def test_map_is_scikit_learns_averaged_over_seeds():
    scores, truth = case()
    found = judged(scores, plain(truth))
    each = [average_precision_score(truth, seed, average="macro") for seed in scores]
    assert found.seeds["map_noninterpolated"] == pytest.approx(each)
    assert found.draws["map_noninterpolated"][0] == pytest.approx(np.mean(each))
    expected = np.mean([average_precision_score(truth, s, average=None) for s in scores], axis=0)
    assert found.precisions["noninterpolated"][0] == pytest.approx(expected)


def test_metrics_carry_the_names_of_their_protocols():
    names = {f"map_{c}" for c in ("noninterpolated", "voc_11point", "voc_area")}
    for protocol in ("category_pr", "overall_pr", "per_image_pr", "micro_pr"):
        cuts = ("all", "3") if protocol in ("category_pr", "overall_pr") else ("3",)
        names |= {f"{protocol}_{m}_{k}" for m in ("precision", "recall", "f1") for k in cuts}
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
    for draws in found.draws.values():
        estimate = Estimate.of(draws)
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
    found = Truth.of(np.array([[1, 1, 0]], bool), np.array([[0, 1, 1]], bool), how)
    assert found.carried.tolist() == [carried]
    assert found.ignored.tolist() == [ignored]


def test_an_ignored_tag_is_neither_hit_nor_miss():
    scores = np.array([[[9.0, 2.0, 1.0, -1.0]]])
    truth = Truth(np.array([[0, 1, 0, 0]], bool), np.array([[1, 0, 0, 0]], bool))
    found = judged(scores, truth, top_k=[1])
    assert found.draws["overall_pr_precision_all"][0] == 1 / 2
    assert found.draws["micro_pr_precision_1"][0] == 1


def test_where_all_cut_offs_lie_beyond_the_tags_the_first_rank_is_judged():
    scores, truth = case()
    found, first = (judged(scores, plain(truth), top_k=k) for k in ([6, 9], [1]))
    assert found.draws.keys() == first.draws.keys()
    assert "micro_pr_precision_1" in found.draws


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
        judge_tags(
            s, Truth(t & ~i, i), PARAMS.model_copy(update={"top_k": [1, 3]}), draws=2, seed=0
        )
        for s, t, i in (
            (scores, truth, ignored),
            (scores[:, order], truth[order], ignored[order]),
        )
    )
    for name, value in one.seeds.items():
        assert two.seeds[name] == pytest.approx(value), name
