"""Which metrics a target is judged by, and under which names."""

import numpy as np
import pytest

from pipeline_lib.errors import InputError
from pipeline_lib.evaluation import ranking as metrics
from pipeline_lib.evaluation.intervals import Estimate, bootstrap
from pipeline_lib.evaluation.protocols import PerImage, classes_protocol, summarise

# Two seeds, two images, three classes. Ranks of seed 0: 0 1 2 and 2 1 0; of seed 1: 1 0 2 twice
SCORES = np.array([[[3, 2, 1], [1, 2, 3]], [[2, 3, 1], [2, 3, 1]]], float)
TRUTH = np.array([[1, 0, 0], [0, 1, 1]], bool)


def test_worked_example():
    found = classes_protocol(SCORES, TRUTH, [1, 2])
    # first rank right: seed 0 both images, seed 1 the second
    assert found.values["top_k_accuracy_1"].tolist() == [0.5, 1.0]
    assert found.seed_means["top_k_accuracy_1"].tolist() == [1.0, 0.5]
    # two ranks: image 0 has one hit of one always; image 1 two, then one, of two
    assert found.values["per_image_pr_precision_2"].tolist() == [0.5, 0.75]
    assert found.values["per_image_pr_recall_2"].tolist() == [1.0, 0.75]
    assert found.seed_means["per_image_pr_recall_2"].tolist() == [1.0, 0.75]
    assert found.values.keys() == found.seed_means.keys()
    assert set(found.values) == {
        f"{name}_{k}"
        for name in ("top_k_accuracy", "per_image_pr_precision", "per_image_pr_recall")
        for k in (1, 2)
    }


def test_cutoffs_beyond_the_classes_are_left_out_and_equal_ones_count_once():
    found = classes_protocol(SCORES, TRUTH, [3, 1, 4, 1])
    assert {name.rsplit("_", 1)[1] for name in found.values} == {"3", "1"}
    assert found.seed_means["top_k_accuracy_1"].shape == (2,)


def test_where_no_cutoff_is_usable_the_first_rank_is_judged():
    found, first = classes_protocol(SCORES, TRUTH, [4, 9]), classes_protocol(SCORES, TRUTH, [1])
    assert found.values.keys() == first.values.keys()
    assert found.values["top_k_accuracy_1"].tolist() == [0.5, 1.0]


def test_scores_of_every_seed_are_validated():
    broken = SCORES.copy()
    broken[1, 0, 0] = np.nan
    with pytest.raises(InputError, match="1 of 2 images"):
        classes_protocol(broken, TRUTH, [1])


def test_f1_is_the_harmonic_mean_of_the_averages_by_hand():
    # precision@1 of the images 1 and 0, recall@1 1/2 and 0: averages 1/2 and 1/4, F1 1/3
    per_image = PerImage(
        values={
            "per_image_pr_precision_1": np.array([1.0, 0.0]),
            "per_image_pr_recall_1": np.array([0.5, 0.0]),
        },
        seed_means={},
    )
    found = summarise(per_image, draws=100, seed=0)
    assert found["per_image_pr_f1_1"].value == pytest.approx(1 / 3)
    # the images' own F1, 2/3 and 0, would average to the same; with recall 1 and 0 they would not
    assert found.keys() == {f"per_image_pr_{name}_1" for name in ("precision", "recall", "f1")}


def test_intervals_are_those_of_the_bootstrap_and_f1_is_formed_in_every_draw():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(3, 60, 5))
    truth = rng.random((60, 5)) < 0.4
    per_image = classes_protocol(scores, truth, [1, 3])
    found = summarise(per_image, draws=150, seed=7)
    for name, values in per_image.values.items():
        column = bootstrap(values[:, None], draws=150, seed=7)[:, 0]
        expected = Estimate.of(column)
        assert found[name].value == pytest.approx(values.mean())
        assert found[name].low == pytest.approx(expected.low)
        assert found[name].high == pytest.approx(expected.high)
    pair = [per_image.values[f"per_image_pr_{name}_3"] for name in ("precision", "recall")]
    draws = bootstrap(np.stack(pair, 1), draws=150, seed=7)
    expected = Estimate.of(metrics.harmonic_mean(draws[:, 0], draws[:, 1]))
    assert found["per_image_pr_f1_3"].low == pytest.approx(expected.low)
    assert found["per_image_pr_f1_3"].high == pytest.approx(expected.high)
    assert found["per_image_pr_f1_3"].value == pytest.approx(expected.value)


def test_perfect_scores_have_perfect_intervals():
    truth = np.eye(4, dtype=bool)
    found = summarise(classes_protocol(truth[None].astype(float), truth, [1]), draws=100, seed=0)
    assert set(found.values()) == {Estimate(1.0, 1.0, 1.0)}
