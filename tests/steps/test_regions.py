"""Boxes as a table, and the measures of the stage ``regions``."""

import numpy as np
import polars as pl
import pytest

from pipeline_lib.artifacts.labelled import SampleTable
from pipeline_lib.artifacts.regions import BOXES
from pipeline_lib.artifacts.shards import REGIONS
from pipeline_lib.encoders.window import windows
from pipeline_lib.evaluation.beliefs import softmax
from pipeline_lib.evaluation.localisation import best_iou, hull, pointing
from pipeline_lib.methods.vscnet.lattice import lattice
from pipeline_lib.progress import silent
from pipeline_lib.steps.regions.find import find_regions, with_lattice
from pipeline_lib.steps.regions.measure import box_table, localisation, objects_of
from tests.steps.planted import DIMS, POOLED, TAGS, Planted, contents, planted, regions

WHOLE = [0.0, 0.0, 1.0, 1.0]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Planted:
    found = planted(tmp_path_factory.mktemp("planted"))
    found.locate()
    return found


def ideal(files: Planted) -> Planted:
    """Regions that lie on the objects, and name them."""
    objects = objects_of(files.samples["boxes"])
    count = len(files.ids)
    theta = np.tile(np.array([[1, 0, 0], [0, 1, 0]], np.float32), (count, 3, 1, 1))
    tags = np.zeros((count, 3, TAGS), np.float16)
    step = dict.fromkeys(range(count), 0)
    for image, tag, box in zip(objects.image, objects.tag, objects.box, strict=True):
        j, size, centre = step[image], box[2:] - box[:2], box[2:] + box[:2] - 1
        theta[image, j] = [[size[0], 0, centre[0]], [0, size[1], centre[1]]]
        tags[image, j, tag] = 9
        step[image] += 1
    arrays = {
        "theta": theta, "tags": tags, "descriptors": np.zeros((count, 3, DIMS), np.float16),
        "pooled": np.zeros((count, POOLED), np.float16),
        "assigned": np.full((count, 3), -1, np.int32),
    }  # fmt: skip
    REGIONS.write(files.folder / "ideal", files.ids, [arrays])
    return files


def test_windows_are_those_of_the_maps(files):
    assert windows(files.maps, files.samples).tolist() == [WHOLE] * len(files.ids)


def test_boxes_keep_the_contract_and_are_those_of_the_regions(files, tmp_path):
    window = windows(files.maps, files.samples)
    table = box_table(files.regions, files.samples, window)
    BOXES.write(table, tmp_path / "boxes.parquet")
    rows = BOXES.read(tmp_path / "boxes.parquet")
    assert len(rows) == 3 * len(files.ids)
    theta, beliefs = files.regions.whole("theta"), softmax(files.regions.whole("tags") * 1.0)
    ids, assigned = files.ids, files.regions.whole("assigned")
    boxes = hull(theta, window)
    for place, row in enumerate(rows.iter_rows(named=True)):
        image, region = divmod(place, 3)
        assert (row["sample_id"], row["region"]) == (ids[image], region)
        left, top, right, bottom = boxes[image, region]
        found = [row[name] for name in "xywh"]
        assert found == pytest.approx([left, top, right - left, bottom - top], abs=1e-5)
        assert row["tag"] == beliefs[image, region].argmax()
        assert row["probability"] == pytest.approx(beliefs[image, region].max(), abs=1e-3)
        assert row["assigned"] == assigned[image, region]
        turn = np.degrees(np.arctan2(theta[image, region, 1, 0], theta[image, region, 0, 0]))
        assert row["angle"] == pytest.approx(turn, abs=1e-3)


def test_regions_on_the_objects_are_measured_as_perfect(files):
    reader = REGIONS.open(ideal(files).folder / "ideal", files.ids)
    found = localisation(reader, files.table, windows(files.maps, files.samples), regions())
    assert found.keys() == {"test", "val"}  # training images have no boxes
    for values in found.values():
        assert values["mean_best_iou"] == pytest.approx(1, abs=1e-4)
        assert values["pointing_accuracy"] == 1
        assert values["mean_best_iou_random"] < 0.5
        assert values["mean_best_iou_grid"] < 0.5
        for name, value in values.items():
            if f"{name}_low" in values:
                assert values[f"{name}_low"] <= value <= values[f"{name}_high"], name
    assert (
        found["val"]["objects"]
        == len(objects_of(files.samples["boxes"])) - found["test"]["objects"]
    )


def test_a_lattice_has_boxes_of_csnets_size_and_is_measured_beside_them(files, tmp_path):
    material = files.material()
    finder = with_lattice(files.finder(), material)
    sizes = np.abs(np.diagonal(files.regions.whole("theta"), axis1=2, axis2=3))
    train = files.table.train
    assert finder.lattice == pytest.approx(tuple(sizes[train].mean((0, 1))), abs=1e-5)
    about = {"lattice": list(finder.lattice)}
    REGIONS.write(
        tmp_path, files.ids, find_regions(material, finder, files.no_folds, track=silent), **about
    )
    reader = REGIONS.open(tmp_path, files.ids)
    assert np.array_equal(reader.whole("tags"), files.regions.whole("tags"))
    window, rows = windows(files.maps, files.samples), files.table.rows("val")
    found = localisation(reader, files.table, window, regions())["val"]
    boxes = lattice(3, finder.lattice).numpy()[None].repeat(len(rows), 0)
    objects = objects_of(files.samples["boxes"][rows])
    expected = best_iou(hull(boxes, window[rows]), objects).mean()
    assert found["mean_best_iou_lattice"] == pytest.approx(expected)
    evidence = softmax(reader.rows(rows, "lattice_tags").astype(np.float32))
    pointed = pointing(hull(boxes, window[rows]), evidence, objects).mean()
    assert found["pointing_accuracy_lattice"] == pytest.approx(pointed)


def test_measures_are_means_over_objects_and_pairs(files):
    window = windows(files.maps, files.samples)
    found = localisation(files.regions, files.table, window, regions())["val"]
    rows = np.flatnonzero((files.samples["split"] == "val").to_numpy())
    objects = objects_of(files.samples["boxes"][rows])
    boxes = hull(files.regions.rows(rows, "theta"), window[rows])
    assert found["mean_best_iou"] == pytest.approx(best_iou(boxes, objects).mean())
    evidence = softmax(files.regions.rows(rows, "tags").astype(np.float32))
    assert found["pointing_accuracy"] == pytest.approx(pointing(boxes, evidence, objects).mean())


def test_random_regions_come_from_the_seed(files):
    window = windows(files.maps, files.samples)

    def random(seed):
        found = localisation(files.regions, files.table, window, regions(seed=seed))
        return found["val"]["mean_best_iou_random"]

    assert random(0) == random(0)
    assert random(0) != random(50)


def test_splits_without_boxes_are_left_out(files):
    bare = files.samples.with_columns(
        boxes=pl.when(pl.col("split") == "val").then("boxes").otherwise(None)
    )
    table, seen = SampleTable(samples=bare), windows(files.maps, bare)
    found = localisation(files.regions, table, seen, regions())
    assert found.keys() == {"val"}
    none = files.samples.with_columns(boxes=pl.lit(None, files.samples.schema["boxes"]))
    assert localisation(files.regions, SampleTable(samples=none), seen, regions()) == {}


def test_objects_by_hand():
    box = {"tag": 4, "x": 0.25, "y": 0.5, "w": 0.5, "h": 0.25}
    found = objects_of(pl.Series([None, [box, box | {"tag": 1}], [], [box | {"x": 0.0}]]))
    assert found.image.tolist() == [1, 1, 3]
    assert found.tag.tolist() == [4, 1, 4]
    np.testing.assert_allclose(found.box[0], [0.25, 0.5, 0.75, 0.75])
    assert len(found) == 3


def test_measuring_writes_nothing(files):
    before = contents(files.folder)
    localisation(files.regions, files.table, windows(files.maps, files.samples), regions())
    assert contents(files.folder) == before
