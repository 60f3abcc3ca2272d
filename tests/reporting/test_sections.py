from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from pipeline_lib.artifacts.evaluation import DRAWS
from pipeline_lib.artifacts.features import write_features
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.evaluation.metrics import measures
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.report import Report
from pipeline_lib.reporting.members import Vectors, chosen_clusters, strips
from pipeline_lib.reporting.page import percent, points, tick
from pipeline_lib.reporting.runs import read_run
from pipeline_lib.reporting.sections.clusters import clusters, purity_bars, size_bars
from pipeline_lib.reporting.sections.dataset import data
from pipeline_lib.reporting.sections.head import head
from pipeline_lib.reporting.sections.relations import matrix, relations
from pipeline_lib.reporting.sections.run import run_section


def test_numbers_are_written_for_people():
    assert (percent(0.61349), points(0.0123), points(-0.25)) == ("61.3", "+1.2", "−25.0")
    assert points(-0.0001) == "+0.0"
    assert (tick(0.1), tick(-2.0), tick(100.0)) == ("0.1", "−2", "100")


def test_the_head_counts_the_data_set(workspace):
    found = head(workspace.collection, Dataset.load("dataset", workspace.params_file))
    assert found.dataset == "tiny & <small>"
    assert list(found.splits.items()) == [
        ("train", 24),
        ("val", 6),
        ("test", 30),
        ("test_shift", 9),
    ]
    assert (found.classes, found.tags, found.unseen, found.rejected) == (3, 3, 1, 4)
    assert found.size == "8 × 8"


def test_different_sizes_are_shown_as_a_range(workspace):
    collection = workspace.collection
    wider = pl.when(pl.col("sample_id") == "val-001").then(9).otherwise(pl.col("width"))
    changed = replace(collection, samples=collection.samples.with_columns(width=wider))
    assert head(changed, Dataset.load("dataset", workspace.params_file)).size == "8 × 8 to 9 × 8"


@pytest.fixture
def shown(workspace):
    return data(workspace.collection, Report.load("report", workspace.params_file))


def test_classes_and_tags_are_counted_in_every_split(shown):
    assert [[bar.count for bar in row.bars] for row in shown.classes.rows] == [[8, 2, 10, 3]] * 3
    # The first tag goes with the first class; the second and third share the third class.
    counts = {row.name: [bar.count for bar in row.bars] for row in shown.tags.rows}
    assert counts == {
        "boat & oar": [8, 2, 10, 3],
        "guitar": [0, 0, 10, 3],
        "<i>lamp</i>": [8, 2, 0, 0],
    }
    assert [row.name for row in shown.tags.rows if not row.seen] == ["guitar"]


def test_contact_sheets_spread_over_each_class(shown):
    assert [(sheet.split, sheet.left_out) for sheet in shown.sheets] == [
        ("train", 1),
        ("test_shift", 1),
    ]
    titles = [[p.title for p in pictures] for _, pictures in shown.sheets[0].rows]
    # Two of eight: the first and the last one of each class.
    assert titles[0] == ["train-000: harbour", "train-021: harbour"]
    assert [title[:9] for title in titles[1]] == ["train-001", "train-022"]


def test_what_was_noted_or_left_open_is_told(shown):
    assert shown.noted == ["labels are read as lists"]
    assert (shown.captions.count, shown.unknown.count, shown.unknown.images) == (0, 0, 0)


def test_rejections_are_counted_by_reason_most_frequent_first(shown):
    assert [(r.text, r.count, len(r.examples)) for r in shown.rejected] == [
        ("truncated image", 4, 3),
        ("empty file", 1, 1),
    ]


def of(workspace, name, collection):
    run = workspace.run(name)
    return run_section(run, [run], collection)


def test_confusions_are_shown_by_images_that_were_taken_for_another_class(workspace):
    section = of(workspace, "base", workspace.collection)
    names = workspace.collection.class_names
    # Every second image is taken for the class after its own: five of ten, in both seeds.
    assert {(m.true, m.predicted, m.share) for m in section.mistakes} == {
        (names[i], names[(i + 1) % 3], 0.5) for i in range(3)
    }
    first = next(m for m in section.mistakes if m.true == names[0])
    assert [p.title[:8] for p in first.taken] == ["test-003", "test-009", "test-015", "test-021"]
    assert [p.title[:8] for p in first.right] == ["test-004", "test-010", "test-016"]


def test_a_right_guess_among_several_classes_is_no_confusion(workspace):
    # test-003 and test-009 carry the first class and were taken for the second.
    collection = workspace.collection
    also = pl.when(pl.col("sample_id") == "test-003").then([0, 1]).otherwise(pl.col("classes"))
    classes = also.cast(pl.List(pl.Int32)).alias("classes")
    several = replace(collection, samples=collection.samples.with_columns(classes))
    before, after = (of(workspace, "base", c) for c in (collection, several))
    assert (before.multi_label, after.multi_label) == (False, True)
    shares = [
        {(m.true, m.predicted): m.share for m in section.mistakes} for section in (before, after)
    ]
    pair = tuple(collection.class_names[:2])
    assert (shares[0][pair], shares[1][pair]) == (0.5, 0.4)
    taken = next(m.taken for m in after.mistakes if (m.true, m.predicted) == pair)
    assert [p.title[:8] for p in taken] == ["test-009", "test-015", "test-021", "test-027"]


def test_the_plane_shows_wrong_images_with_what_they_were_taken_for(workspace):
    section = of(workspace, "base", workspace.collection)
    marks = {m.title[:8]: m for group in section.groups for m in group.marks}
    assert len(marks) == 30
    assert marks["test-000"].title == "test-000: harbour"
    assert not marks["test-000"].wrong
    assert marks["test-003"].title == "test-003: harbour → <b>\"Köter\" & 'co'</b>"
    assert marks["test-003"].wrong


def test_a_flawless_run_has_no_confusions(workspace):
    assert of(workspace, "rival & son", workspace.collection).mistakes == []


def test_estimates_are_those_of_the_metrics_in_reading_order(workspace):
    estimates = workspace.run("base").estimates("test")
    assert list(estimates) == measures("classes", [1, 2], chosen=True)
    assert estimates[measures("classes", [2])[0]] == Estimate(1.0, 1.0, 1.0)


def test_a_metric_that_is_not_of_the_list_is_named(workspace, tmp_path):
    path = tmp_path / "draws.safetensors"
    DRAWS.write(path, {}, measures=[{"metric": "kappa", "cut": 1}])
    with pytest.raises(InputError, match=r"draws.safetensors: judged by 'kappa', expected"):
        read_run("base", {}, workspace.artifacts / "train" / "base", path.parent)


def test_a_missing_history_is_named(workspace, tmp_path):
    for stage in ("train", "evaluate"):
        (tmp_path / "artifacts" / stage).mkdir(parents=True)
    trained = tmp_path / "artifacts" / "train" / "base"
    trained.mkdir()
    (trained / "scores.safetensors").symlink_to(
        workspace.artifacts / "train" / "base" / "scores.safetensors"
    )
    (tmp_path / "artifacts" / "evaluate" / "base").symlink_to(
        workspace.artifacts / "evaluate" / "base"
    )
    workspace.folder = tmp_path
    with pytest.raises(InputError, match=r"base/history.csv: missing; run `dvc repro train`"):
        workspace.run("base")


def test_cluster_sizes_are_counted_in_bins_that_double():
    found = size_bars(np.array([1, 1, 2, 3, 4, 5, 8, 9, 16, 17]))
    assert [(bar.label, bar.count) for bar in found] == [
        ("1", 2), ("2", 1), ("3–4", 2), ("5–8", 2), ("9–16", 2), ("17–32", 1),
    ]  # fmt: skip


def test_purity_bins_hold_their_upper_end():
    found = purity_bars(np.array([0.1, 0.3, 0.31, 0.5, 1.0]))
    assert {bar.label: bar.count for bar in found if bar.count} == {
        "0–10 %": 1, "20–30 %": 1, "30–40 %": 1, "40–50 %": 1, "90–100 %": 1,
    }  # fmt: skip


def test_clusters_are_described_as_they_were_judged(workspace):
    found = clusters(workspace.artifacts / "clusters" / "classes", workspace.collection)
    assert found.quality["clusters"] == 5
    assert sum(bar.count for bar in found.sizes) == sum(bar.count for bar in found.purity) == 5


def test_the_largest_clusters_are_chosen_and_of_different_classes():
    table = pl.DataFrame(
        {
            "cluster": [0, 1, 2, 3, 4, 5],
            "size": [5, 9, 9, 7, 0, 8],
            "dominant": [1, 0, 0, None, None, None],
        }
    )
    assert chosen_clusters(table) == ([1, 0], [5, 3])


def test_members_nearest_to_the_mean_come_first(workspace, tmp_path):
    collection = workspace.collection
    ids = collection.samples["sample_id"].to_list()
    train = collection.rows("train")
    places = np.zeros((len(ids), 1), np.float32)
    places[train, 0] = np.arange(len(train))  # train-000 at 0, train-001 at 1, …
    write_features(tmp_path, ids, [places])
    table = pl.DataFrame({"cluster": [0, 1], "size": [10, 14], "dominant": [0, None]})
    labels = np.array([0] * 10 + [1] * 14)
    means = np.array([[4.4], [22.6]])
    (pure,), (mixed,) = strips(table, labels, means, Vectors(tmp_path), collection)
    assert [p.title[:9] for p in pure.pictures] == [
        f"train-{i:03d}" for i in (4, 5, 3, 6, 2, 7, 1, 8)
    ]
    assert [p.title[:9] for p in mixed.pictures[:3]] == ["train-023", "train-022", "train-021"]
    # Images 0 … 9 of three classes that take turns: four of the first, three of the others.
    assert pure.size == 10
    assert pure.classes == list(zip(collection.class_names, (0.4, 0.3, 0.3), strict=True))


def test_features_of_other_images_are_refused(workspace, tmp_path):
    write_features(tmp_path, ["train-000"], [np.zeros((1, 2), np.float32)])
    with pytest.raises(InputError, match=r"features of 1 of the 2 images"):
        Vectors(tmp_path).of(pl.Series(["train-000", "train-001"]))


def test_pair_counts_become_a_symmetric_matrix():
    pairs = pl.DataFrame(
        {"class_a": [0, 0, 1], "class_b": [0, 1, 2], "intra": [7, 0, 0], "inter": [0, 2, 3]}
    )
    assert matrix(pairs, 3, "intra", "inter").tolist() == [[7, 2, 0], [2, 0, 3], [0, 3, 0]]


def test_relations_are_shown_with_anchors_of_each_level(workspace):
    folders = (workspace.artifacts / s / "classes" for s in ("relations", "clusters", "features"))
    found = relations(*folders, workspace.collection)
    levels = {level: found.facts[level] for level in ("easy", "medium", "hard")}
    assert sum(levels.values()) == 24
    assert [sum(row.counts) for row in found.difficulty] == [8, 8, 8]
    assert [a.level for a in found.anchors] == [
        level for level, count in levels.items() for _ in range(min(count, 2))
    ]
    for anchor in found.anchors:
        assert anchor.image[0].title.endswith(anchor.classes)
        assert {p.title.partition(": ")[2] for p in anchor.positives} == {anchor.classes}
        assert anchor.classes not in {p.title.partition(": ")[2] for p in anchor.negatives}
    assert sum(bar.count for bar in found.served["positives"]) >= 24
