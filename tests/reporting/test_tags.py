"""Runs that predict tags, beside runs that predict classes."""

import re

import numpy as np
import polars as pl
import pytest

from pipeline_lib.artifacts.report import COMPARISON
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.judge import difference
from pipeline_lib.evaluation.resampled import Truth
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.reporting.figures.by_category import by_category
from pipeline_lib.reporting.sections.tag_run import found_tags, tag_run_section
from tests.reporting.test_stage import Reader


@pytest.fixture
def page(tagged, tmp_path):
    return tagged.report(tmp_path)


def test_classes_and_tags_never_share_a_table(page):
    reader = Reader(page)
    assert {"results", "results-tags", "run-4", "run-5"} <= reader.ids
    start, end = page.index('id="results-tags"'), page.index('id="liveness"')
    classes, tags = page[page.index('id="results"') : start], page[start:end]
    assert "Top-1 accuracy" in classes
    assert "mAP" not in classes
    assert "plain &amp; tags" not in classes
    for name in ("mAP", "CF1", "OF1", "plain &amp; tags"):
        assert name in tags
    for name in ("Top-1 accuracy", "rival", "twin"):
        assert name not in tags


def test_the_page_of_tags_alone_starts_with_them(tagged, tmp_path):
    tagged.params["methods"] = {
        name: run for name, run in tagged.params["methods"].items() if run["target"] == "tags"
    }
    reader = Reader(tagged.report(tmp_path))
    assert "results" in reader.ids
    assert "Top-1 accuracy" not in reader.text
    assert "run-2" in reader.ids


def test_differences_are_read_from_the_common_draws(tagged, tmp_path):
    tagged.report(tmp_path)
    rows = {
        (r["run"], r["split"], r["metric"]): r
        for r in COMPARISON.read(tmp_path / "comparison.parquet").iter_rows(named=True)
    }
    plain, dlsa = tagged.run("plain & tags"), tagged.run("dlsa")
    name = "test/map_noninterpolated"
    expected = difference(dlsa.headline("test"), dlsa.draws[name], plain.draws[name])
    row = rows["dlsa", "test", "map_noninterpolated"]
    assert (row["difference"], row["difference_low"], row["difference_high"]) == pytest.approx(
        (expected.value, expected.low, expected.high)
    )
    assert row["value"] == pytest.approx(1.0)  # noise 0.1 moves no positive below a negative
    assert rows["plain & tags", "test", "map_noninterpolated"]["difference"] is None
    assert rows["base", "test", "top_k_accuracy_1"]["difference"] is None


def test_what_the_page_says_of_tags(page):
    text = Reader(page).text
    assert re.search(r"▲ \+[\d.]+ \[\+[\d.]+, \+[\d.]+\] better", text)
    assert "is left out of means over tags" in text
    judged = re.sub(r'<table class="plain sortable errors">.*?</table>', "", page, flags=re.S)
    runs = Reader(judged).text.partition("Tags on test")[2].partition("Category graph")[0]
    assert "guitar" not in runs  # unseen: not judged; an image that carries it may be an error
    assert "None" not in text.replace("None: every item", "")
    assert "Without an image that carries them, not shown: 1." in text


def test_equal_artifacts_give_equal_pages(tagged, tmp_path, page):
    assert tagged.report(tmp_path / "again") == page


def test_a_reference_of_the_other_target_is_refused(tagged, tmp_path):
    tagged.params["methods"]["dlsa"]["reference"] = "base"
    with pytest.raises(InputError, match=r"dlsa.reference names 'base', which predicts classes"):
        tagged.report(tmp_path)


def test_hard_tags_are_shown_with_what_was_found_and_missed(tagged):
    run, collection = tagged.run("plain & tags"), tagged.collection
    section = tag_run_section(
        run, [run], collection, Evaluation.load("evaluation", tagged.params_file).tags
    )
    (hard,) = section.hard  # the other tag is on no test image
    assert hard.name == "boat & oar"
    assert (len(hard.found), len(hard.missed)) == (6, 3)
    scores = run.scores[:, 0]
    rows = collection.rows("test")
    best = collection.samples["sample_id"][int(rows[scores.argmax()])]
    assert hard.found[0].picture.title.startswith(f"{best}: ")
    assert all(found.right == ("boat & oar" in found.picture.title) for found in hard.found)
    assert all("boat & oar" in picture.title for picture in hard.missed)


def test_categories_fall_by_the_first_run_and_unknown_ones_are_counted():
    def table(*precisions: float | None) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "category": range(len(precisions)),
                "name": [f"tag {i}" for i in range(len(precisions))],
                "images": [5, 3, 0, 9],
                "value": pl.Series(precisions, dtype=pl.Float64),
                "low": pl.Series(precisions, dtype=pl.Float64),
                "high": pl.Series(precisions, dtype=pl.Float64),
            }
        )

    tables = {"one": table(0.2, 0.9, None, 0.2), "two": table(0.5, 0.1, None, 0.3)}
    chart = by_category(tables, {"zero": 0, "one": 1, "two": 2})
    assert [line.name for line in chart.lines] == ["tag 1", "tag 3", "tag 0"]
    assert [mark.estimate.value for mark in chart.lines[0].marks] == [0.9, 0.1]
    assert [mark.colour for mark in chart.lines[0].marks] == [1, 2]
    assert (chart.runs, chart.unknown) == ({"one": 1, "two": 2}, 1)


@pytest.mark.parametrize(
    ("logit", "threshold", "found", "said"),
    [
        (1.0, 0.5, 4.0, "far too many"),  # all four tags of every image, which carries one
        (-1.0, 0.5, 0.0, "far too few"),
        (-1.0, 0.2, 4.0, "far too many"),  # sigmoid(−1) is 0.27
    ],
)
def test_a_threshold_that_finds_all_tags_or_none_is_remarked(logit, threshold, found, said):
    carried = np.eye(4, dtype=bool)
    truth = Truth(carried, np.zeros_like(carried))
    shown = found_tags(np.full((4, 4), logit), truth, threshold)
    assert (shown.found, shown.carried, shown.useless) == (found, 1.0, said)
    assert found_tags(np.where(carried, 1.0, -1.0), truth, 0.5).useless == ""
    assert found_tags(np.full((4, 4), 1.0), Truth(carried, ~carried), 0.5).found == 1.0
