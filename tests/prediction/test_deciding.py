"""What decides for tags, and how sure a class is."""

import numpy as np
import pytest

from pipeline_lib.artifacts.thresholds import Choice, Thresholds, write_thresholds
from pipeline_lib.errors import InputError
from pipeline_lib.prediction.deciding import decide
from tests.prediction.untrained import CLASSES, untrained

TAGS = {"threshold": 0.5, "by_label": (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)}


def choose(root, run, names=CLASSES, refused="", **choice):
    seeds = {} if refused else {seed: Choice(**choice) for seed in run.seeds}
    chosen = Thresholds(
        run=run.run, target=run.target, rule="of F1", names=tuple(names), split="val", images=9,
        positives=(1,) * len(names), least_positives=1, refused=refused, seeds=seeds,
    )  # fmt: skip
    write_thresholds(root / "data/artifacts/evaluate" / run.run / "thresholds.json", chosen)


def test_tags_have_the_thresholds_that_were_chosen_on_val(tmp_path):
    run = untrained(tmp_path, "tags", "tags")
    choose(tmp_path, run, CLASSES[::-1], **TAGS)
    found = decide(run, None)
    assert found.cuts.tolist() == [6.0, 5.0, 4.0, 3.0, 2.0, 1.0]
    assert found.remark == "thresholds of each tag, of val"
    choose(tmp_path, run, threshold=-2.5)
    assert decide(run, None).cuts.tolist() == [-2.5] * 6


def test_a_users_threshold_is_a_probability_and_goes_before_others(tmp_path):
    run = untrained(tmp_path, "tags", "tags")
    choose(tmp_path, run, **TAGS)
    found = decide(run, 0.25)
    np.testing.assert_allclose(1 / (1 + np.exp(-found.cuts)), 0.25, rtol=1e-6)
    assert found.remark == "threshold 0.25"
    for wrong in (0.0, 1.0, -3.0):
        with pytest.raises(InputError, match=f"threshold is {wrong:g}, expected a probability"):
            decide(run, wrong)


def test_without_a_choice_the_usual_numbers_hold_and_why_is_said(tmp_path):
    run = untrained(tmp_path, "tags", "tags")
    found = decide(run, None)
    assert not found.cuts.any()
    assert found.remark.startswith("threshold 0.5: ")
    assert found.remark.endswith("evaluate/tags/thresholds.json is not there")
    choose(tmp_path, run, refused="the data set has no split 'val'")
    assert decide(run, None).remark == "threshold 0.5: the data set has no split 'val'"


def test_classes_have_a_temperature_and_no_threshold(tmp_path):
    run = untrained(tmp_path)
    choose(tmp_path, run, temperature=2.5)
    found = decide(run, None)
    assert (found.cuts, found.temperature) == (None, 2.5)
    assert decide(untrained(tmp_path, "other"), None).temperature == 1
    with pytest.raises(InputError, match=r"threshold is 0\.3, and run 'base' predicts classes"):
        decide(run, 0.3)


def test_a_choice_for_other_names_or_seeds_is_refused(tmp_path):
    run = untrained(tmp_path, "tags", "tags")
    choose(tmp_path, run, ["goat"], threshold=1.0)
    with pytest.raises(InputError, match=r"is of 1 names and seeds 4, 7, expected seed 4 and the"):
        decide(run, None)
