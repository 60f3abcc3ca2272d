"""Section "Quality of the data": what stage ``quality`` found, in pictures."""

import re

import polars as pl
import pytest

from pipeline_lib.artifacts.json_file import read_json, write_json
from pipeline_lib.artifacts.quality import (
    CONTRADICTIONS,
    FILES,
    NEAR_DUPLICATES,
    SUSPECTS,
    write_quality,
)
from pipeline_lib.reporting.sections import quality as module
from pipeline_lib.reporting.sections.quality import quality


@pytest.fixture
def found(workspace):
    """What the stage wrote for the toy data set."""
    return workspace.artifacts / "quality" / "images"


def test_suspects_are_shown_by_rank_with_their_neighbours(workspace, found):
    table = SUSPECTS.read(found / "suspects.parquet")
    section = quality(found, workspace.collection)
    assert [(one.target, one.kind) for one in section.suspects] == [
        ("classes", "wrong"), ("tags", "wrong"), ("tags", "missing"),
    ]  # fmt: skip
    for kind in section.suspects:
        rows = table.filter(target=kind.target, kind=kind.kind)
        assert kind.listed == len(rows)
        assert [one.row["rank"] for one in kind.shown] == list(range(1, 1 + len(kind.shown)))
        first = kind.shown[0]
        assert first.picture.title.startswith(f"{rows['sample_id'][0]}: ")
        near = [title.partition(":")[0] for title in (p.title for p in first.neighbours)]
        assert near == rows["neighbours"][0].to_list()[: module.NEIGHBOURS]


def test_no_more_are_shown_than_somebody_looks_at(workspace, found, monkeypatch):
    monkeypatch.setattr(module, "SHOWN", 3)
    section = quality(found, workspace.collection)
    assert {len(kind.shown) for kind in section.suspects} == {3}
    assert all(kind.listed > 3 for kind in section.suspects)


def test_pairs_across_splits_come_before_more_similar_ones(workspace, found, tmp_path):
    ids = workspace.collection.ids
    rows = [
        {"first": ids[a], "second": ids[b], "similarity": s, "vectors": s, "pixels": s,
         "first_split": "train", "second_split": "test", "straddles": across,
         "labels_differ": False}
        for a, b, s, across in ((0, 1, 0.99, False), (2, 3, 0.98, True), (4, 5, 0.985, True))
    ]  # fmt: skip
    against = [
        {"sample_id": ids[0], "first": "a", "second": "b", "split": "train", "strength": 0.7,
         "provenance": "file", "explanation": ""}
    ]  # fmt: skip
    tables = {file: kind.read(found / file) for file, kind in FILES.items()}
    tables["duplicates.parquet"] = pl.DataFrame(rows, schema=NEAR_DUPLICATES.dtypes)
    tables["contradictions.parquet"] = pl.DataFrame(against, schema=CONTRADICTIONS.dtypes)
    write_quality(tmp_path, tables, {})
    section = quality(tmp_path, workspace.collection)
    assert [pair.row["similarity"] for pair in section.pairs] == [0.985, 0.98, 0.99]
    first = section.pairs[0]
    assert [p.title.partition(":")[0] for p in first.pictures] == [ids[4], ids[5]]
    assert section.contradictions[0][0].title.startswith(ids[0])


def test_without_the_stage_there_is_no_section(bare, tmp_path):
    assert quality(tmp_path, bare.collection) is None


def test_the_page_says_whose_labels_the_features_learnt(workspace, found, tmp_path):
    page = workspace.report(tmp_path / "one")
    assert '<section id="quality">' in page
    warning = "a network that was trained on the"
    assert warning not in page
    facts = read_json(found / "metrics.json")
    try:
        write_json(found / "metrics.json", facts | {"learnt": ["classes"]})
        learnt = workspace.report(tmp_path / "two")
    finally:
        write_json(found / "metrics.json", facts)
    assert re.search(rf"{warning} classes\s+of the training images", learnt)


def test_a_graph_without_contradictions_says_so(workspace, found, tmp_path):
    facts = read_json(found / "metrics.json")
    counts = {"excluded_pairs": 4, "images": 0, "found": 0}
    try:
        write_json(found / "metrics.json", facts | {"contradictions": counts})
        page = workspace.report(tmp_path)
    finally:
        write_json(found / "metrics.json", facts)
    assert "No image carries two categories of 4 pairs that exclude each other." in page
