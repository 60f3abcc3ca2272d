"""What the page says of probabilities, and of what was chosen on val."""

import re
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from pipeline_lib.artifacts.evaluation import RELIABILITY
from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.reporting.figures.reliability import SIDE, reliability
from pipeline_lib.reporting.sections.decisions import decisions, gains
from pipeline_lib.reporting.sections.tag_run import tag_run_section
from tests.steps.evaluate.nothing import nothing_chosen


def test_bins_lie_where_they_were_believed_and_came_true():
    rows = {
        "split": "test", "probabilities": "as_trained", "bin": [2, 0, 1], "low": 0.0, "high": 1.0,
        "beliefs": [100, 25, 0], "probability": [0.5, 0.1, None], "true": [0.25, 0.0, None],
        "true_low": [0.2, 0.0, None], "true_high": [0.5, 0.1, None],
    }  # fmt: skip
    found = reliability({"as trained": pl.DataFrame(rows, RELIABILITY.dtypes)})
    (line,) = found.lines
    assert SIDE == 200
    assert line.points == "20,200 100,150"
    assert line.whiskers == "M20 200V180M100 160V100"
    assert [mark.radius for mark in line.marks] == [3.2, 5.0]  # a quarter has half of what is added
    assert found.ticks[1] == (50, 0.25)


def test_a_gain_is_the_difference_in_the_same_resamples(tagged):
    run = tagged.run("plain & tags")
    found = {gain.measure.name: gain for gain in gains(run, "test")}
    assert found.keys() == {
        f"{metric}_{cut}"
        for metric in ("category_pr_f1", "category_pr_macro_f1", "overall_pr_f1")
        for cut in ("chosen", "chosen_by_tag")
    }
    gain = found["overall_pr_f1_chosen"]
    values = [run.metrics["test"][f"overall_pr_f1_{cut}"] for cut in ("all", "chosen")]
    assert [gain.before.value, gain.after.value] == values
    assert gain.difference.value == pytest.approx(values[1] - values[0])
    assert gains(run, "val") == []


def test_a_run_of_tags_tells_the_probability_of_its_thresholds(tagged):
    run = tagged.run("plain & tags")
    found = decisions(run)
    logits = {seed: choice.threshold for seed, choice in run.thresholds.seeds.items()}
    assert found.common.each == pytest.approx({s: expit(logit) for s, logit in logits.items()})
    assert found.common.mean == pytest.approx(np.mean(list(found.common.each.values())))
    assert (found.own, found.temperature) == (0, None)  # val has six images
    assert [line.name for line in found.diagram.lines] == ["as trained"]
    section = tag_run_section(
        run, [run], tagged.collection, Evaluation.load("evaluation", tagged.params_file).tags
    )
    assert {limit.own for limit in section.thresholds.values()} == {False}
    assert section.thresholds[0].probability == pytest.approx(found.common.mean)
    assert section.at == tuple(
        run.metrics["test"][f"overall_pr_f1_{cut}"] for cut in ("all", "chosen")
    )


def test_a_run_of_classes_tells_its_temperature_and_error(workspace):
    found = decisions(run := workspace.run("base"))
    assert found.temperature.each == {s: c.temperature for s, c in run.thresholds.seeds.items()}
    assert [line.name for line in found.diagram.lines] == ["as trained", "temperature from val"]
    flat = run.metrics["test"]
    assert found.error == Estimate(flat["ece"], flat["ece_low"], flat["ece_high"])
    assert (found.common, found.own) == (None, 0)


def test_where_nothing_was_chosen_probabilities_are_shown_all_the_same(workspace):
    run = workspace.run("base")
    bare = replace(
        run,
        thresholds=nothing_chosen("classes"),
        reliability=run.reliability.filter(pl.col("probabilities") == "as_trained"),
        measures=[m for m in run.measures if m.cut != "tempered"],
    )
    found = decisions(bare)
    assert (found.gains, found.temperature, found.remarks) == ([], None, {})
    assert len(found.diagram.lines) == 1


def test_the_page_holds_diagrams_and_choices(tagged, tmp_path):
    page = tagged.report(tmp_path)
    assert page.count('aria-label="Reliability on test') == len(tagged.params["methods"])
    text = re.sub(r"<[^>]*>", "", page)
    assert "(6 images), F1 of all pairs is largest at a probability of 0." in text
    assert "tags have a threshold of their own" in text
    assert re.search(r"The temperature of least loss on val \(6 images\) is \d", text)


def test_a_threshold_that_is_useless_names_what_that_of_val_reaches(tagged, tmp_path):
    tagged.params["evaluation"]["tags"]["threshold"] = 0.999
    text = re.sub(r"<[^>]*>", "", tagged.report(tmp_path))
    assert "The threshold finds far too few tags" in text
    before, after = (
        100 * tagged.run("dlsa").metrics["test"][f"overall_pr_f1_{cut}"]
        for cut in ("all", "chosen")
    )
    assert f"At the threshold from val, OF1 is {after:.1f} % instead of {before:.1f}." in text
