"""Exemplars from regions, kills and workers included."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from threadpoolctl import threadpool_limits

from pipeline_lib.artifacts.exemplars import GRAPHS, PROTOTYPES, VSE
from pipeline_lib.artifacts.labelled import SampleTable
from pipeline_lib.clustering.fuzzy_art.estimator import FuzzyART
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.beliefs import softmax
from pipeline_lib.knowledge.exemplars.hierarchy import NOTHING
from pipeline_lib.params.exemplars import Exemplars
from pipeline_lib.progress import silent
from pipeline_lib.steps.exemplars import match
from pipeline_lib.steps.exemplars.build import Hierarchy, build, prototype_table
from pipeline_lib.steps.exemplars.match import Matcher, likeliest, match_all
from tests.clustering.algorithms import FUZZY_ART, HDBSCAN, KMEANS
from tests.steps.planted import CLASSES, TAGS, Planted, contents, exemplars, planted

NAMES = [f"tag{i}" for i in range(TAGS)]
KILLED = """
import os, signal, sys
from pathlib import Path

from tests.steps.planted import Planted
from tests.steps.exemplars import test_exemplars
from pipeline_lib.clustering import problems
from pipeline_lib.params.exemplars import Exemplars

folder, parts, params, label, after = sys.argv[1:]


def track(items, *, label, total):
    for number, item in enumerate(items):
        if label == sys.argv[4] and number == int(after):
            os.kill(os.getpid(), signal.SIGKILL)
        yield item


test_exemplars.in_small_pieces()
test_exemplars.write(
    Planted(Path(folder)), Exemplars.model_validate_json(params), Path(parts), Path(parts) / "out",
    track,
)
"""


def in_small_pieces() -> None:
    """One tag per batch of clusterings, seven images per part."""
    from pipeline_lib.clustering import problems

    problems.BATCH = 1
    match.IMAGES_AT_ONCE = 7


@pytest.fixture(autouse=True)
def _small_pieces_in_this_process(monkeypatch):
    monkeypatch.setattr(match, "IMAGES_AT_ONCE", 7)
    monkeypatch.setattr("pipeline_lib.clustering.problems.BATCH", 1)
    monkeypatch.setenv("PROTOWEAVE_WORKERS", "1")


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Planted:
    found = planted(tmp_path_factory.mktemp("planted"))
    found.locate()
    return found


def classes_of(files: Planted) -> np.ndarray:
    return files.table.targets("classes")


def write(
    files: Planted, params: Exemplars, parts: Path, out: Path, track: Any = silent
) -> Hierarchy:
    """Do what the stage does."""
    classes, reader = classes_of(files), files.regions
    with threadpool_limits(limits=1):
        found = build(reader, files.table, classes, params, parts, track=track)
        matches = match_all(reader, files.table, classes, found, params, parts, track=track)
        GRAPHS.write(out, files.ids, matches)
    PROTOTYPES.write(prototype_table(found, files.ids, NAMES), out / "prototypes.parquet")
    VSE.write(out / "exemplars.safetensors", found.arrays)
    return found


def test_supervised_regions_of_training_images_are_clustered_by_tag(files, tmp_path):
    found = write(files, exemplars(), tmp_path / "parts", tmp_path / "out")
    assigned = files.regions.whole("assigned")
    train = (files.samples["split"] == "train").to_numpy()
    assert len(found.filed) == (assigned[train] != NOTHING).sum()
    for i in range(len(found.filed)):
        image, region = found.filed.image[i], found.filed.region[i]
        assert train[image]
        assert found.filed.tag[i] == assigned[image, region]
        assert found.exemplars.tag[found.exemplars.member[i]] == assigned[image, region]
    x = files.regions.whole("descriptors").astype(np.float32)[found.filed.image, found.filed.region]
    low, high = x.min(0), x.max(0)
    np.testing.assert_allclose(found.filed.x, (x - low) / (high - low), atol=1e-6)
    np.testing.assert_array_equal(found.arrays["low"], low)


def test_clusters_are_those_of_fuzzy_art_tag_by_tag(files, tmp_path):
    found = write(files, exemplars(), tmp_path / "parts", tmp_path / "out")
    arrays, _ = VSE.read(tmp_path / "out/exemplars.safetensors")
    start = 0
    for tag in range(TAGS):
        own = np.flatnonzero(found.filed.tag == tag)
        model = FuzzyART(rho=0.7, alpha=0.01, beta=0.5, max_iter=2, scale="none")
        model.fit(found.filed.x[own])
        names, labels = np.unique(model.labels_, return_inverse=True)
        np.testing.assert_array_equal(found.exemplars.member[own], start + labels)
        boxes = arrays["weights"][start : start + len(names)]
        np.testing.assert_array_equal(boxes, model.weights_[names].astype(np.float32))
        start += len(names)
    assert start == len(found.exemplars) == len(arrays["mean"])


def test_kmeans_makes_at_most_as_many_clusters_per_tag(files, tmp_path):
    found = write(files, exemplars(algorithm=KMEANS), tmp_path / "parts", tmp_path / "out")
    counts = np.bincount(found.exemplars.tag)
    assert counts.max() == 2
    assert "weights" not in VSE.read(tmp_path / "out/exemplars.safetensors")[0]


def test_hdbscan_leaves_regions_outside_every_prototype(files, tmp_path):
    params = exemplars(algorithm=HDBSCAN | {"min_cluster_size": 2, "min_samples": 1})
    found = write(files, params, tmp_path / "parts", tmp_path / "out")
    member, filed = found.exemplars.member, found.filed
    noise = member == NOTHING
    assert 0 < noise.sum() < len(noise)
    np.testing.assert_array_equal(found.exemplars.size, np.bincount(member[~noise]))
    for number in range(len(found.exemplars)):
        mean = filed.x[member == number].mean(0)
        np.testing.assert_allclose(found.exemplars.mean[number], mean, rtol=1e-5)
    table = PROTOTYPES.read(tmp_path / "out/prototypes.parquet")
    shown = {(m["sample_id"], m["region"]) for row in table["members"] for m in row}
    outside = zip(filed.image[noise], filed.region[noise], strict=True)
    assert not shown & {(files.ids[image], region) for image, region in outside}
    # regions outside are matched as any others are
    matched = GRAPHS.open(tmp_path / "out", files.ids).whole("matched")
    assert (matched[filed.image[noise], filed.region[noise]] != NOTHING).any()


def test_regions_that_are_all_noise_are_refused(files, tmp_path):
    params = exemplars(algorithm=HDBSCAN | {"min_samples": 400})
    expected = r"exemplars: hdbscan finds no cluster among \d+ regions of 5 tags, all is noise"
    with pytest.raises(InputError, match=expected):
        write(files, params, tmp_path / "parts", tmp_path / "out")


def test_of_tag_and_class_every_cluster_is_pure(files, tmp_path):
    params = exemplars(condition="tag_and_class", keep={"size": 1, "share": 1.0})
    write(files, params, tmp_path / "parts", tmp_path / "out")
    table = PROTOTYPES.read(tmp_path / "out/prototypes.parquet")
    assert (table["share"] == 1).all()
    assert table["retained"].all()


def test_the_table_tells_what_the_prototypes_are(files, tmp_path):
    found = write(files, exemplars(), tmp_path / "parts", tmp_path / "out")
    table = PROTOTYPES.read(tmp_path / "out/prototypes.parquet")
    known, assigned = found.exemplars, files.regions.whole("assigned")
    place = {name: row for row, name in enumerate(files.ids)}
    for row in table.iter_rows(named=True):
        number = row["prototype"]
        assert (row["tag"], row["size"]) == (known.tag[number], known.size[number])
        assert row["name"] == f"tag{row['tag']}"
        assert row["share"] == known.counts[number].max() / row["size"]
        assert row["majority"] == known.counts[number].argmax()
        assert len(row["members"]) == min(row["size"], 8)
        for member in row["members"]:
            assert assigned[place[member["sample_id"]], member["region"]] == row["tag"]


def test_without_classes_there_is_no_majority(files, tmp_path):
    classless = np.zeros_like(classes_of(files))
    found = build(
        files.regions, files.table, classless, exemplars(), tmp_path, track=silent
    )  # fmt: skip
    table = prototype_table(found, files.ids, NAMES)
    assert set(table["majority"]) == {NOTHING}
    assert not table["retained"].any()


def test_graphs_hold_what_was_matched(files, tmp_path):
    found = write(files, exemplars(temperature="none"), tmp_path / "parts", tmp_path / "out")
    graphs = GRAPHS.open(tmp_path / "out", files.ids)
    raw = softmax(files.regions.whole("tags").astype(np.float32))
    matched, tag = graphs.whole("matched"), graphs.whole("prototype_tag")
    assert (matched >= 0).any()
    np.testing.assert_array_equal(tag[matched >= 0], found.exemplars.tag[matched[matched >= 0]])
    assert (tag[matched < 0] == NOTHING).all()
    tags, refined = graphs.whole("tags"), graphs.whole("refined")
    np.testing.assert_array_equal(graphs.whole("raw"), np.take_along_axis(raw, tags, 2))
    share = np.where(matched >= 0, 0.3, 0)[:, :, None]
    expected = (1 - share) * graphs.whole("raw") + share * (tags == tag[:, :, None])
    np.testing.assert_allclose(refined, expected, rtol=1e-5)
    test = (files.samples["split"] != "train").to_numpy()
    means = found.exemplars.mean[matched[test]].astype(np.float16)
    known = matched[test] >= 0
    np.testing.assert_array_equal(graphs.whole("prototypes")[test][known], means[known])
    beliefs = graphs.whole("beliefs")
    np.testing.assert_allclose(beliefs.sum(1), (matched >= 0).any(1), atol=1e-5)
    np.testing.assert_array_equal(graphs.whole("pooled"), files.regions.whole("pooled"))
    assert graphs.whole("regions").min() >= 0
    assert graphs.whole("regions").max() <= 1


def test_labels_of_test_images_change_nothing(files, tmp_path):
    write(files, exemplars(), tmp_path / "parts", tmp_path / "one")
    classes = classes_of(files)
    test = (files.samples["split"] != "train").to_numpy()
    classes[test] = np.roll(classes[test], 1, 1)
    found = build(files.regions, files.table, classes, exemplars(), tmp_path / "p", track=silent)
    matches = match_all(
        files.regions, files.table, classes, found, exemplars(), tmp_path / "p", track=silent
    )
    GRAPHS.write(tmp_path / "two", files.ids, matches)
    one, two = (GRAPHS.open(tmp_path / name, files.ids) for name in ("one", "two"))
    for name in one.shapes:
        np.testing.assert_array_equal(one.whole(name), two.whole(name))


@pytest.mark.parametrize("changes", [{}, {"algorithm": KMEANS, "similarity": "cosine"}])
def test_two_workers_give_the_same_bytes_as_one(files, tmp_path, monkeypatch, changes):
    params = exemplars(**changes)
    write(files, params, tmp_path / "a", tmp_path / "one")
    monkeypatch.setenv("PROTOWEAVE_WORKERS", "2")
    write(files, params, tmp_path / "b", tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


@pytest.mark.parametrize(
    ("label", "after", "clusterings", "matches"),
    [("clusterings", 2, 2, 0), ("exemplars: matching", 3, TAGS, 4)],
)
def test_a_kill_goes_on_where_it_stopped(
    files, tmp_path, root, label, after, clusterings, matches
):  # fmt: skip
    parts, params = tmp_path / "killed", exemplars()
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, files.folder, parts, params.model_dump_json(), label,
         str(after)],
        check=False, cwd=root, env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL
    assert len(list((parts / "clusterings").glob("*"))) == clusterings
    assert len(list(parts.glob("matches/*/*"))) == matches
    seen: dict[str, int] = {}

    def track(items: Any, *, label: str, total: int) -> Any:
        seen[label] = total
        yield from items

    write(files, params, parts, tmp_path / "resumed", track)
    assert seen == {"clusterings": TAGS - clusterings, "exemplars: matching": 5 - matches}
    write(files, params, tmp_path / "parts", tmp_path / "fresh")
    assert contents(tmp_path / "resumed") == contents(tmp_path / "fresh")


def counted(files: Planted, params: Exemplars, parts: Path, out: Path) -> dict[str, int]:
    seen: dict[str, int] = {}

    def track(items: Any, *, label: str, total: int) -> Any:
        seen[label] = total
        yield from items

    write(files, params, parts, out, track)
    return seen


def test_a_second_run_computes_nothing_and_other_settings_what_they_change(files, tmp_path):
    parts, out = tmp_path / "parts", tmp_path / "out"
    everything = {"clusterings": TAGS, "exemplars: matching": 5}
    assert counted(files, exemplars(), parts, out) == everything
    assert counted(files, exemplars(), parts, out) == dict.fromkeys(everything, 0)
    matching = {"clusterings": 0, "exemplars: matching": 5}
    assert counted(files, exemplars(keep={"share": 0.9}), parts, out) == matching
    assert counted(files, exemplars(top_tags=1), parts, out) == matching
    assert counted(files, exemplars(filtering=0.1), parts, out) == matching
    assert counted(files, exemplars(algorithm=FUZZY_ART | {"rho": 0.8}), parts, out) == everything


@pytest.mark.parametrize("kind", ["clusterings", "matches"])
def test_a_damaged_part_is_computed_again(files, tmp_path, kind):
    parts = tmp_path / "parts"
    write(files, exemplars(), parts, tmp_path / "one")
    path = min((parts / kind).rglob("*.safetensors"))
    path.write_bytes(path.read_bytes()[:-4])
    write(files, exemplars(), parts, tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_other_labels_are_matched_anew(files, tmp_path, monkeypatch):
    parts, out = tmp_path / "parts", tmp_path / "out"
    write(files, exemplars(), parts, out)
    before = set((parts / "matches").iterdir())
    wider = np.pad(classes_of(files), ((0, 0), (0, 1)))
    reader, table = files.regions, files.table
    found = build(reader, table, wider, exemplars(), parts, track=silent)
    chunks = list(match_all(reader, table, wider, found, exemplars(), parts, track=silent))
    assert chunks[0]["beliefs"].shape[1] == CLASSES + 1
    assert len(set((parts / "matches").iterdir()) - before) == 1


def test_regions_without_any_tag_are_refused(files, tmp_path):
    copy = Planted(Path(shutil.copytree(files.folder, tmp_path / "copy")))
    table = SampleTable(samples=copy.samples.with_columns(split=pl.lit("test")))
    with pytest.raises(InputError, match="no region of a training image carries a tag, expected"):
        build(copy.regions, table, classes_of(copy), exemplars(), tmp_path, track=silent)


def test_the_likeliest_tags_hold_the_matched_one(monkeypatch):
    monkeypatch.setattr(match, "LIKELY", 2)
    raw = np.array([[[0.1, 0.2, 0.3, 0.4]] * 3])
    found = likeliest(raw, np.array([[0, 2, NOTHING]]))
    assert found.tolist() == [[[3, 0], [3, 2], [3, 2]]]
    monkeypatch.setattr(match, "LIKELY", 16)
    assert likeliest(raw, np.array([[0, 2, NOTHING]])).tolist() == [[[3, 2, 1, 0]] * 3]


def test_regions_of_a_lattice_are_scaled_and_named_and_matched_with_nothing(files, tmp_path):
    found = files.regions
    names = ("descriptors", "tags", "pooled")
    own = {name: found.whole(name) for name in names}
    hierarchy = build(found, files.table, classes_of(files), exemplars(), tmp_path, track=silent)
    matcher = Matcher.of(hierarchy, exemplars())
    plain = matcher.new(own)
    swapped = own | {"lattice": own["descriptors"], "lattice_tags": own["tags"]}
    beside = matcher.new(swapped)
    assert beside.keys() - plain.keys() == {"lattice", "lattice_tags", "lattice_raw"}
    assert all(np.array_equal(beside[name], plain[name]) for name in plain)
    assert np.array_equal(beside["lattice"], beside["regions"])
    beliefs = softmax(own["tags"].astype(np.float32))
    assert np.array_equal(beside["lattice_tags"][:, :, 0], beliefs.argmax(2))
    np.testing.assert_allclose(beside["lattice_raw"][:, :, 0], beliefs.max(2), rtol=1e-5)
