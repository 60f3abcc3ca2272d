from dataclasses import replace

import numpy as np
import pytest

from pipeline_lib.artifacts.report import COMPARISON
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.intervals import paired_difference
from pipeline_lib.params.report import Report
from pipeline_lib.reporting.comparison import compare

PARAMS = Report(sheet_columns=1, sheet_classes=1, draws=100, seed=3)
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
    found = rows_of(compare(two_runs(small_run), PARAMS))
    # precision: 3/4 - 1/4; recall: 2.5/4 - 0.5/4
    assert found["new", PRECISION]["difference"] == pytest.approx(0.5)
    assert found["new", RECALL]["difference"] == pytest.approx(0.5)
    # F1: 2 * 0.75 * 0.625 / 1.375 - 2 * 0.25 * 0.125 / 0.375
    assert found["new", "per_image_pr_f1_1"]["difference"] == pytest.approx(0.6818182 - 1 / 6)


def test_intervals_are_those_of_the_paired_difference(small_run):
    runs = two_runs(small_run)
    found = rows_of(compare(runs, PARAMS))
    ours, theirs = np.array([1, 1, 0, 1.0]), np.array([1, 0, 0, 0.0])
    expected = paired_difference(ours, theirs, draws=100, seed=3)
    row = found["new", PRECISION]
    assert (row["difference_low"], row["difference_high"]) == pytest.approx(
        (expected.low, expected.high)
    )
    assert row["covers_zero"] is expected.covers_zero is False


def test_an_interval_of_tags_ends_where_a_difference_can(small_run, tmp_path):
    """Centred draws of a metric near 1 exceed it; against 0 so does their difference."""
    rng = np.random.default_rng(0)
    high = np.concatenate([[0.98], 0.98 + rng.normal(0, 0.05, 100)])
    ours, theirs = (
        replace(run, target="tags", draws={f"test/{PRECISION}": draws})
        for run, draws in zip(two_runs(small_run), (np.zeros(101), high), strict=True)
    )
    found = compare([ours, theirs], PARAMS)
    row = rows_of(found)["new", PRECISION]
    assert (row["difference"], row["difference_high"]) == (0.98, 1)
    assert 0.8 < row["difference_low"] < 0.95
    COMPARISON.write(found, tmp_path / "comparison.parquet")


def test_f1_is_formed_anew_in_every_draw(small_run):
    found = rows_of(compare(two_runs(small_run), PARAMS))
    rng = np.random.default_rng(3)
    ours = np.array([[1, 1], [1, 0.5], [0, 0], [1, 1.0]])
    theirs = np.array([[1, 0.5], [0, 0], [0, 0], [0, 0.0]])
    drawn = []
    for counts in rng.multinomial(4, np.full(4, 0.25), size=100):
        f1 = []
        for values in (ours, theirs):
            p, r = (
                sum(c * v for c, v in zip(counts, column, strict=True)) / 4 for column in values.T
            )
            f1.append(2 * p * r / (p + r) if p + r else 0.0)
        drawn.append(f1[0] - f1[1])
    row = found["new", "per_image_pr_f1_1"]
    assert row["difference_low"] == pytest.approx(np.quantile(drawn, 0.025))
    assert row["difference_high"] == pytest.approx(np.quantile(drawn, 0.975))


def test_rows_fit_the_contract_and_the_reference_has_no_difference(small_run, tmp_path):
    path = tmp_path / "comparison.parquet"
    COMPARISON.write(compare(two_runs(small_run), PARAMS), path)
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
    frame = compare(runs, PARAMS)
    same = frame.filter(frame["run"] == "same")
    assert same["covers_zero"].to_list() == [True] * 3
    assert same.select("difference_low", "difference_high").unique().rows() == [(0.0, 0.0)]


def test_without_a_reference_nothing_is_compared(small_run):
    found = compare(two_runs(small_run, references=()), PARAMS)
    assert found["difference"].is_null().all()
    assert found["reference"].unique().to_list() == [""]


def test_a_run_is_compared_with_each_of_its_references(small_run, tmp_path):
    half = {PRECISION: [1, 1, 0, 0], RECALL: [1, 1, 0, 0]}
    runs = [
        *two_runs(small_run, references=("base", "longer")),
        small_run("longer", IMAGES, **half),
    ]
    found = compare(runs, PARAMS)
    rows = found.filter(run="new", metric=PRECISION).select("reference", "difference").rows()
    assert rows == [("base", pytest.approx(0.5)), ("longer", pytest.approx(0.25))]
    COMPARISON.write(found, tmp_path / "comparison.parquet")


def test_a_reference_that_is_not_enabled_is_not_compared_with(small_run):
    found = compare(two_runs(small_run, references=("gone", "base")), PARAMS)
    assert found.filter(run="new")["reference"].unique().to_list() == ["base"]
    alone = compare(two_runs(small_run, references=("gone",)), PARAMS).filter(run="new")
    assert alone["reference"].unique().to_list() == [""]
    assert len(alone) == 3


def test_no_run_gives_an_empty_table():
    assert compare([], PARAMS).schema == COMPARISON.dtypes


def test_a_reference_of_another_target_is_refused(small_run):
    base, new = two_runs(small_run)
    with pytest.raises(
        InputError, match=r"methods\.new\.reference names 'base', which predicts tags, expected .*"
    ):
        compare([replace(base, target="tags"), new], PARAMS)


def test_runs_that_were_judged_on_other_images_are_refused(small_run):
    base, _ = two_runs(small_run)
    values = {PRECISION: [1, 0, 1], RECALL: [1, 0, 1]}
    other = small_run("new", ["a", "b", "x"], references=("base",), **values)
    with pytest.raises(InputError, match=r"'new' was judged on other images \(3\).*'base' \(4\)"):
        compare([base, other], PARAMS)
