"""What is chosen on val, from the files of a run."""

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import f1_score, precision_recall_fscore_support

from pipeline_lib.artifacts.scores import SCORES
from pipeline_lib.artifacts.thresholds import Thresholds
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.choice import best_threshold, choose_temperature
from pipeline_lib.steps.evaluate.choosing import choose
from pipeline_lib.steps.evaluate.scored import Scored
from tests.steps.evaluate import test_judging as classes
from tests.steps.evaluate import test_judging_of_tags as tags
from tests.steps.evaluate.test_judging import PARAMS, labelled, samples, truth_of

HEADER = {"run": "mine", "seeds": [7, 2]}


def val_of(table: pl.DataFrame) -> Scored:
    """Return scores of two seeds, which are the truth with noise."""
    truth = truth_of(table, "val")
    noise = np.random.default_rng(4).normal(size=(2, *truth.shape))
    scores = (truth + noise).astype(np.float32)
    return Scored("val", ["id"] * len(truth), truth, *[np.zeros_like(truth)] * 2, scores)


def chosen(table: pl.DataFrame, *splits: Scored) -> Thresholds:
    return choose(splits, HEADER, labelled(table), PARAMS, "classes")


def test_each_seed_has_the_temperature_of_its_scores():
    val = val_of(samples())
    found = chosen(samples(), val)
    assert found.seeds.keys() == {7, 2}
    for seed, scores in zip((7, 2), val.scores, strict=True):
        assert found.of(seed) == choose_temperature(scores, val.truth.argmax(1))
    assert (found.run, found.target, found.images, found.refused) == ("mine", "classes", 12, "")
    assert found.positives == tuple(val.truth.sum(0).tolist())


def test_images_of_several_classes_are_left_out_and_not_counted():
    val = val_of(samples())
    val.truth[0] = True
    found = chosen(samples(), val)
    for seed, scores in zip((7, 2), val.scores, strict=True):
        assert found.of(seed) == choose_temperature(scores[1:], val.truth[1:].argmax(1))
    assert found.images == 11


def test_without_a_val_split_nothing_is_chosen():
    found = chosen(samples().filter(pl.col("split") != "val"))
    assert (found.seeds, found.images, found.positives) == ({}, 0, (0, 0, 0, 0))
    message = r"no split 'val' \(`dataset.val_share` holds one out of training\)"
    with pytest.raises(InputError, match=message):
        found.of(7)


def test_where_no_image_of_val_carries_a_class_nothing_is_chosen():
    val = val_of(samples())
    val.truth[:] = False
    found = chosen(samples(), val)
    assert found.refused == "no image of 'val' carries classes that training knows of"


def test_classes_of_which_images_carry_several_have_no_temperature():
    table = samples(multi=True)
    found = chosen(table, val_of(table))
    assert found.seeds == {}
    message = "2 of 5 training images do not carry exactly one class, so that scores are sigmoids"
    assert found.refused.startswith(message)


def test_scores_that_are_not_finite_are_refused():
    val = val_of(samples())
    val.scores[1, 3] = np.nan
    with pytest.raises(InputError, match="1 of 12 images have scores that are not finite"):
        chosen(samples(), val)


@pytest.mark.parametrize("marked", [False, True])
def test_tags_that_training_does_not_know_have_no_threshold_of_their_own(tmp_path, marked):
    found = tags.judged(tmp_path, marked=marked).thresholds
    arrays, _ = SCORES.read(tmp_path / "scores.st")
    truth = tags.truth_of("val")[:, :4]
    counted = np.ones_like(truth)
    counted[2, 1] = not marked  # a difficult cup
    for seed in tags.SEEDS:
        scores = arrays[f"{seed}/val/logits"][:, :4]
        common, f1 = best_threshold(scores[counted], truth[counted])
        assert found.of(seed).threshold == common
        assert found.of(seed).by_label == (common,) * 5  # fewer than ten images carry each
        assert found.of(seed).on_val["overall_f1"] == f1
    assert found.names == tuple(tags.NAMES)
    assert found.positives[:4] == tuple((truth & counted).sum(0).tolist())


def test_tags_are_judged_at_the_thresholds_of_val(tmp_path):
    found = tags.judged(tmp_path)
    arrays, _ = SCORES.read(tmp_path / "scores.st")
    truth, each = tags.truth_of("test")[:, :4], []
    for seed in tags.SEEDS:
        limits = np.array(found.thresholds.of(seed).by_label[:4], np.float32)
        each.append(arrays[f"{seed}/test/logits"][:, :4] > limits)
    expected = [f1_score(truth, decided, average="micro") for decided in each]
    test = found.details["test"]
    assert test["overall_pr_f1_chosen_by_tag"] == pytest.approx(np.mean(expected))
    assert test["overall_pr_f1_chosen_by_tag_low"] < test["overall_pr_f1_chosen_by_tag_high"]
    shares = precision_recall_fscore_support(np.tile(truth, (2, 1)), np.concatenate(each))
    table = found.per_category.filter(split="test").sort("category")
    for name, values in zip(("precision", "recall", "f1"), shares[:3], strict=True):
        assert table[f"{name}_chosen"].to_numpy() == pytest.approx(values)
    val = found.per_category.filter(split="val")
    assert val["f1_chosen"].null_count() == len(val)
    assert not [name for name in found.details["val"] if "chosen" in name]


def test_reliability_is_told_as_trained_and_with_the_temperature(tmp_path):
    found = classes.judged(tmp_path)
    table = found.reliability
    assert table.group_by("split", "probabilities").len().sort("split", "probabilities").rows() == [
        ("test", "as_trained", 15),
        ("test", "tempered", 15),
        ("val", "as_trained", 15),
    ]
    for probabilities, name in (("as_trained", "ece"), ("tempered", "ece_tempered")):
        one = table.filter(split="test", probabilities=probabilities)
        assert one["beliefs"].sum() == 3 * 40
        parts = pl.col("beliefs") * (pl.col("true") - pl.col("probability")).abs()
        # of all seeds in one bin no further apart than seed by seed
        assert one.select(parts.sum()).item() / 120 <= found.details["test"][name] + 1e-9
