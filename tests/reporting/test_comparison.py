from dataclasses import replace

import numpy as np
import pytest

from pipeline_lib.artifacts.report import COMPARISON
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.intervals import Estimate, bootstrap
from pipeline_lib.evaluation.judge import difference
from pipeline_lib.reporting.comparison import compare

IMAGES = ["a", "b", "c", "d"]
PRECISION, RECALL = "per_image_pr_precision_1", "per_image_pr_recall_1"


def rows_of(frame):
    return {(r["run"], r["metric"]): r for r in frame.iter_rows(named=True)}


def two_runs(small_run, references=("base",)):
    better = {PRECISION: [1, 1, 0, 1], RECALL: [1, 0.5, 0, 1]}
    return [
        small_run("base", IMAGES, **{PRECISION: [1, 0, 0, 0], RECALL: [0.5, 0, 0, 0]}),
        small_run("new", IMAGES, references=references, **better),
    ]


def test_differences_are_means_over_the_same_images(small_run):
    found = rows_of(compare(two_runs(small_run)))
    # precision: 3/4 - 1/4; recall: 2.5/4 - 0.5/4
    assert found["new", PRECISION]["difference"] == pytest.approx(0.5)
    assert found["new", RECALL]["difference"] == pytest.approx(0.5)
    # F1: 2 * 0.75 * 0.625 / 1.375 - 2 * 0.25 * 0.125 / 0.375
    assert found["new", "per_image_pr_f1_1"]["difference"] == pytest.approx(0.6818182 - 1 / 6)


def test_intervals_are_those_of_the_paired_difference(small_run):
    runs = two_runs(small_run)
    found = rows_of(compare(runs))
    ours, theirs = np.array([1, 1, 0, 1.0]), np.array([1, 0, 0, 0.0])
    expected = Estimate.of(bootstrap((ours - theirs)[:, None], draws=100, seed=3)[:, 0])
    row = found["new", PRECISION]
    assert (row["difference_low"], row["difference_high"]) == pytest.approx(
        (expected.low, expected.high)
    )
    assert row["covers_zero"] is expected.covers_zero is False


def test_differences_are_formed_in_every_resample(small_run):
    base, new = two_runs(small_run)
    row = rows_of(compare([base, new]))["new", "per_image_pr_f1_1"]
    (f1,) = (m for m in new.measures if m.name == "per_image_pr_f1_1")
    expected = difference(f1, *(run.draws["test/per_image_pr_f1_1"] for run in (new, base)))
    assert row["difference_low"] == expected.low < expected.value < expected.high


def test_rows_fit_the_contract_and_the_reference_has_no_difference(small_run, tmp_path):
    path = tmp_path / "comparison.parquet"
    COMPARISON.write(compare(two_runs(small_run)), path)
    frame = COMPARISON.read(path)
    assert frame.select("run", "metric").rows() == [
        (run, metric)
        for run in ("base", "new")
        for metric in ("per_image_pr_f1_1", PRECISION, RECALL)
    ]
    assert frame["difference"].is_null().to_list() == [True] * 3 + [False] * 3
    assert frame["covers_zero"].is_null().to_list() == [True] * 3 + [False] * 3


def test_equal_values_cover_zero(small_run):
    values = {PRECISION: [1, 0, 1, 0], RECALL: [1, 0, 1, 0]}
    runs = [
        small_run("base", IMAGES, **values),
        small_run("same", IMAGES, references=("base",), **values),
    ]
    frame = compare(runs)
    same = frame.filter(frame["run"] == "same")
    assert same["covers_zero"].to_list() == [True] * 3
    assert same.select("difference_low", "difference_high").unique().rows() == [(0.0, 0.0)]


def test_without_a_reference_nothing_is_compared(small_run):
    found = compare(two_runs(small_run, references=()))
    assert found["difference"].is_null().all()
    assert found["reference"].unique().to_list() == [""]


def test_a_run_is_compared_with_each_of_its_references(small_run, tmp_path):
    half = {PRECISION: [1, 1, 0, 0], RECALL: [1, 1, 0, 0]}
    runs = [
        *two_runs(small_run, references=("base", "longer")),
        small_run("longer", IMAGES, **half),
    ]
    found = compare(runs)
    rows = found.filter(run="new", metric=PRECISION).select("reference", "difference").rows()
    assert rows == [("base", pytest.approx(0.5)), ("longer", pytest.approx(0.25))]
    COMPARISON.write(found, tmp_path / "comparison.parquet")


def test_a_reference_that_is_not_enabled_is_not_compared_with(small_run):
    found = compare(two_runs(small_run, references=("gone", "base")))
    assert found.filter(run="new")["reference"].unique().to_list() == ["base"]
    alone = compare(two_runs(small_run, references=("gone",))).filter(run="new")
    assert alone["reference"].unique().to_list() == [""]
    assert len(alone) == 3


def test_no_run_gives_an_empty_table():
    assert compare([]).schema == COMPARISON.dtypes


def test_a_reference_of_another_target_is_refused(small_run):
    base, new = two_runs(small_run)
    with pytest.raises(
        InputError, match=r"methods\.new\.reference names 'base', which predicts tags, expected .*"
    ):
        compare([replace(base, target="tags"), new])


def test_runs_that_were_judged_on_other_images_are_refused(small_run):
    base, _ = two_runs(small_run)
    values = {PRECISION: [1, 0, 1], RECALL: [1, 0, 1]}
    other = small_run("new", ["a", "b", "x"], references=("base",), **values)
    with pytest.raises(InputError, match=r"'new' was judged on other images \(3\).*'base' \(4\)"):
        compare([base, other])
