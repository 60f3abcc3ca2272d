"""The stage ``quality`` on a small data set with planted errors."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from ruamel.yaml import YAML

from pipeline_lib.api import open_project
from pipeline_lib.artifacts import vectors
from pipeline_lib.artifacts.category_graph import EDGES
from pipeline_lib.artifacts.features import write_features
from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.quality import CONTRADICTIONS, NEAR_DUPLICATES, OUTLIERS, SUSPECTS
from pipeline_lib.artifacts.samples import CATEGORIES, SAMPLES
from pipeline_lib.artifacts.shards import MAPS
from pipeline_lib.datasets.images import write_images
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.section import NOTHING
from stages import quality
from tests.presets import default_document
from tests.steps.quality.toy import SECTION, blobs, edges, table

COUNT, CLASSES = 90, 3
WRONG = [4, 40, 77]  # images of another class than theirs
COPIES = {88: 10, 89: 20}  # darker copies
STRANGE = 30


class Planted:
    """A data set whose errors are known."""

    def __init__(self, folder):
        rng = np.random.default_rng(0)
        classes = np.arange(COUNT) % CLASSES
        for copy, original in COPIES.items():
            classes[copy] = classes[original]
        self.vectors = blobs(classes, rng)
        self.vectors[STRANGE] = [0, 0, 0, 0, 0, 3]
        self.pixels = rng.integers(0, 256, (COUNT, 16, 16, 3), np.uint8)
        for copy, original in COPIES.items():
            self.vectors[copy] = self.vectors[original] + 0.01
            self.pixels[copy] = self.pixels[original] // 2
        given = classes.copy()
        given[WRONG] = (given[WRONG] + 1) % CLASSES
        tags = [[0] * (one == 0) + [1] * (one != 2) for one in classes.tolist()]
        tags[5] = [0, 1]  # it is of class 2, and carries neither
        splits = ["train"] * 60 + ["test"] * 30
        self.table = table([[one] for one in given.tolist()], tags, splits)
        self.folder = folder
        self.document = {"quality": SECTION, "dataset": default_document()["dataset"]}

    def run(self, out="out", graph=NOTHING, vectors="features"):
        ids = self.table.ids
        with (self.folder / "params.yaml").open("w") as file:
            YAML(typ="safe").dump(self.document, file)
        SAMPLES.write(self.table.samples, self.folder / "samples.parquet")
        CATEGORIES.write(self.table.categories, self.folder / "categories.parquet")
        params = Dataset.load("dataset", self.folder / "params.yaml")
        write_images(self.folder / "images.safetensors", self.pixels, params)
        if vectors == "features":
            write_features(
                self.folder / vectors, ids, [self.vectors], {"encoded": {"features": 60}}
            )
        names = ("samples.parquet", "categories.parquet", "images.safetensors", vectors)
        read = [self.folder / name for name in names]
        edges_file = Path(graph) if graph == NOTHING else self.folder / graph
        quality.main(*read, edges_file, self.folder / out, self.folder / "params.yaml")
        return self.folder / out


@pytest.fixture
def planted(tmp_path):
    return Planted(tmp_path)


def test_planted_errors_stand_first(planted, capsys):
    out = planted.run()
    suspects = SUSPECTS.read(out / "suspects.parquet")
    classes = suspects.filter(target="classes")
    first = classes.head(len(WRONG))
    assert set(first["sample_id"]) == {f"{row:02d}" for row in WRONG}
    right = {f"{row:02d}": f"class{row % CLASSES}" for row in WRONG}
    assert dict(zip(first["sample_id"], first["suggested"], strict=True)) == right
    assert (first["margin"] < 0).all()
    assert set(classes["kind"]) == {"wrong"}
    tags = suspects.filter(target="tags", kind="wrong").row(0, named=True)
    assert (tags["sample_id"], tags["suggested"]) == ("05", None)
    alike = NEAR_DUPLICATES.read(out / "duplicates.parquet")
    assert alike.select("first", "second").rows() == [("10", "88"), ("20", "89")]
    assert alike["straddles"].to_list() == [True, True]
    assert OUTLIERS.read(out / "outliers.parquet")["sample_id"][0] == f"{STRANGE:02d}"
    assert CONTRADICTIONS.read(out / "contradictions.parquet").is_empty()
    facts = read_json(out / "metrics.json")
    assert facts["duplicates"] == {"pairs": 2, "straddle": 2, "labels_differ": 0}
    assert (facts["classes"]["judged"], facts["classes"]["rare"]) == (COUNT, 0)
    assert "contradictions" not in facts
    assert (
        "quality: 90 images judged by classes; 90 images judged by tags; "
        "2 near-duplicates, 2 across splits"
    ) in capsys.readouterr().out


def test_a_missing_tag_stands_first_among_those_that_are_not_there(planted):
    tags = planted.table.samples["tags"].to_list()
    tags[9] = [1]  # of class 0: it should carry both
    samples = planted.table.samples.with_columns(tags=pl.Series(tags, dtype=pl.List(pl.Int32)))
    planted.table = replace(planted.table, samples=samples)
    missing = SUSPECTS.read(planted.run() / "suspects.parquet").filter(kind="missing")
    row = missing.row(0, named=True)
    assert (row["sample_id"], row["given"], row["suggested"]) == ("09", None, "tag0")


def test_labels_that_exclude_each_other_are_named(planted, capsys):
    EDGES.write(edges(("tag0", "tag1", -1, 1.0)), planted.folder / "edges.parquet")
    out = planted.run(graph="edges.parquet")
    found = CONTRADICTIONS.read(out / "contradictions.parquet")
    assert len(found) == sum(len(tags) == 2 for tags in planted.table.samples["tags"])
    facts = read_json(out / "metrics.json")["contradictions"]
    assert facts == {"excluded_pairs": 1, "found": len(found), "images": len(found)}
    assert f"{len(found)} images contradict the category graph" in capsys.readouterr().out


def test_what_maps_pooled_serves_as_well(planted):
    pooled = planted.vectors.astype(np.float16)
    chunk = {"maps": np.zeros((COUNT, 1, 1, 1), np.float16), "pooled": pooled}
    encoded = {"baseline@tags": 60, "maps": 60}
    MAPS.write(planted.folder / "maps", planted.table.ids, [chunk], encoded=encoded)
    out = planted.run(vectors="maps")
    suspects = SUSPECTS.read(out / "suspects.parquet")
    assert set(suspects.filter(target="classes")["sample_id"][:3]) == {"04", "40", "77"}
    assert read_json(out / "metrics.json")["learnt"] == ["tags"]
    by = {(t, s): b for t, s, b in suspects.select("target", "split", "learnt").rows()}
    assert by["tags", "train"] is True
    assert not any([by["tags", "test"], by["classes", "train"], by["classes", "test"]])


def test_the_same_input_gives_the_same_bytes(planted):
    first, again = ({p.name: p.read_bytes() for p in planted.run(o).iterdir()} for o in "ab")
    assert first == again


def test_python_has_the_tables(planted):
    planted.run("data/artifacts/quality/images")
    found = open_project(planted.folder).quality()
    assert found.suspects["sample_id"][0] in {f"{row:02d}" for row in WRONG}
    assert (len(found.duplicates), len(found.outliers), len(found.contradictions)) == (2, 50, 0)


def test_no_more_is_listed_than_was_asked_for(planted):
    planted.document["quality"] = SECTION | {"listed": 2}
    out = planted.run()
    counts = SUSPECTS.read(out / "suspects.parquet").group_by("target", "kind").len()
    assert counts["len"].to_list() == [2, 2, 2]
    assert len(OUTLIERS.read(out / "outliers.parquet")) == 2


def test_vectors_that_are_no_numbers_are_refused(planted, monkeypatch):
    """No file of ours holds any; a file may be another's."""
    broken = planted.vectors.copy()
    broken[[3, 7], 1] = np.nan
    monkeypatch.setattr(vectors.features, "read_features", lambda folder, ids: broken)
    message = r"features: 2 of 90 vectors are not finite, expected numbers; look at the network"
    with pytest.raises(InputError, match=message):
        planted.run()


def test_an_exclusion_without_a_graph_counts_for_nothing_and_is_refused(planted):
    planted.document["quality"] = SECTION | {"exclusion": 0.5}
    message = (
        r"exclusion is 0\.5, expected 0\.9: it is read only where graph names a category graph"
    )
    with pytest.raises(InputError, match=message):
        planted.run()


def test_vectors_of_other_images_are_refused(planted):
    write_features(planted.folder / "others", planted.table.ids[1:], [planted.vectors[1:]])
    with pytest.raises(InputError, match=r"others: holds features of 89 other images than the 90"):
        planted.run(vectors="others")


def test_without_vectors_the_stage_that_makes_them_is_named(planted):
    with pytest.raises(InputError, match=r"index\.parquet: missing; run `dvc repro features`"):
        planted.run(vectors="nowhere")


@pytest.mark.parametrize("labels", ["one class", "no tags", "one split", "no labels", "equal"])
def test_what_cannot_be_told_is_left_out(planted, labels):
    lists = planted.table.samples.select("classes", "tags", "split").to_dict(as_series=False)
    classes, tags, splits = lists["classes"], lists["tags"], lists["split"]
    if labels == "one class":
        classes = [[0]] * COUNT
    elif labels == "no tags":
        tags = [[]] * COUNT
    elif labels == "one split":
        splits = "train"
    elif labels == "no labels":
        classes, tags = [[]] * COUNT, [[]] * COUNT
    else:
        planted.vectors[:], planted.pixels[:] = 1, 7
    digests = [0] * COUNT if labels == "equal" else None
    planted.table = table(classes, tags, splits, digests)
    out = planted.run()
    suspects = SUSPECTS.read(out / "suspects.parquet")
    facts = read_json(out / "metrics.json")
    targets = {"one class": {"tags"}, "no tags": {"classes"}, "no labels": set(), "equal": set()}
    assert set(suspects["target"]) == targets.get(labels, {"classes", "tags"})
    alike = 0 if labels == "equal" else 2
    straddle = 0 if labels in ("equal", "one split") else 2
    assert facts["duplicates"] | {"labels_differ": 0} == {
        "pairs": alike, "straddle": straddle, "labels_differ": 0,
    }  # fmt: skip
    if labels == "equal":  # one picture is no evidence for five folds
        assert facts["classes"] == {"judged": 0, "labelled": COUNT, "rare": CLASSES}
