"""Runs that score unseen tags, beside runs that cannot."""

import re

import pytest

from pipeline_lib.artifacts.report import COMPARISON
from pipeline_lib.evaluation.judge import difference
from tests.reporting.test_stage import Reader

VIEWS = ["test", "test@zsl", "test@gzsl", "test_shift", "test_shift@zsl", "test_shift@gzsl", "val"]


def rows_of(folder):
    table = COMPARISON.read(folder / "comparison.parquet")
    key = ("run", "split", "metric", "reference")
    return {tuple(r[k] for k in key): r for r in table.iter_rows(named=True)}


def test_views_follow_their_split(zero_shot):
    assert zero_shot.run("open").views == VIEWS  # no val image carries an unseen tag
    assert zero_shot.run("dlsa").views == ["test", "test_shift", "val"]


def test_views_are_shown_with_the_runs_that_have_them(zero_shot, tmp_path):
    page = zero_shot.report(tmp_path)
    text = Reader(page).text
    results = page[page.index('id="results-tags"') : page.index('id="pictures"')]
    tables = re.split(r"<h3[^>]*>", results)[1:]
    titles = [re.match(r"[^<]*", table).group().strip() for table in tables]
    assert titles == [
        "test", "test, unseen labels (ZSL)", "test, all labels (GZSL)",
        "test_shift", "test_shift, unseen labels (ZSL)", "test_shift, all labels (GZSL)", "val",
    ]  # fmt: skip
    assert "dlsa" in tables[0]
    assert "dlsa" not in tables[1]
    assert "clip &amp; co" in tables[1]
    assert "AP of every tag on test, unseen labels (ZSL)" in text
    assert "Tags on test, all labels (GZSL)" in text
    assert "ZSL scores and ranks the unseen labels alone" in text
    assert "test@" not in text


def test_a_run_is_compared_in_a_view_with_the_references_that_have_it(zero_shot, tmp_path):
    zero_shot.report(tmp_path)
    rows, name = rows_of(tmp_path), "map_noninterpolated"
    ours = zero_shot.run("open")
    for view, other in (("test@zsl", "clip & co"), ("test", "clip & co"), ("test", "plain & tags")):
        theirs = zero_shot.run(other)
        drawn = (run.draws[f"{view}/{name}"] for run in (ours, theirs))
        expected = difference(ours.headline(view), *drawn)
        row = rows["open", view, name, other]
        assert row["difference"] == pytest.approx(expected.value)
        assert row["difference_low"] == pytest.approx(expected.low)
    assert ("open", "test@zsl", name, "plain & tags") not in rows
    assert rows["clip & co", "test@zsl", name, ""]["difference"] is None
    assert not [key for key in rows if key[:2] == ("dlsa", "test@zsl")]


def test_the_stage_says_every_view_of_the_test_images(zero_shot, capsys):
    zero_shot.add_tag_run("open", 0.1, zsl=True)
    said = capsys.readouterr().out
    assert re.search(
        r"open: map_noninterpolated: test 1\.0000 \(.*\), test zsl 1\.0000 .*gzsl", said
    )
