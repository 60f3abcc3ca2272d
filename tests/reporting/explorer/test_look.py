import re

import polars as pl
import pytest

from pipeline_lib.artifacts.quality import SUSPECTS
from pipeline_lib.reporting.explorer.doubts import MOST
from tests.reporting.conftest import CLASSES, SPLITS
from tests.reporting.explorer.looked_up import looked_up

SHOWN = {"test": 30, "test_shift": 9, "val": 6, "train": 24}


@pytest.fixture(scope="module")
def data(written):
    return looked_up(written)


def test_every_image_is_there_with_its_labels_and_a_picture(data, written):
    images = data["images"]
    assert dict(images["splits"]) == SHOWN == {split: SPLITS[split] for split in SHOWN}
    assert images["ids"][:2] + images["ids"][-1:] == ["test-000", "test-001", "train-023"]
    assert images["files"][0] == "pictures, row 0"
    assert images["names"]["classes"] == CLASSES
    assert images["classes"][:4] == [[0], [1], [2], [0]]
    assert images["unseen"] == [0, 0, 1]
    assert all((written / link).exists() for link, *_ in images["pictures"])
    assert images["judged"] == 45


def test_runs_are_described_with_those_that_they_are_compared_with(data):
    base, rival, _ = data["images"]["runs"]
    assert (base["name"], base["to"], base["sees"], base["cuts"]) == ("base", [], "", [])
    assert (rival["name"], rival["to"]) == ("rival & son", [0])


def test_errors_are_marked_with_how_sure_the_run_is_of_them(data):
    base, rival, _ = data["images"]["wrong"]
    assert [bool(sure) for sure in base[:30]] == [i % 2 == 1 for i in range(30)]
    assert min(filter(None, base)) > 333  # of three classes, the first
    assert set(rival) == {0}
    assert data["images"]["first"][0][:3] == [0, 2, 2]


def test_names_of_an_image_have_probabilities_and_marks(data):
    flat = data["shard0"]["names"][1][0]  # of test-001, by base: class 2 instead of 1
    assert [flat[::3], flat[2::3]] == [[2, 1, 0], [1, 2, 0]]  # decided, carried, neither
    assert sum(flat[1::3]) == pytest.approx(1000, abs=1)
    assert len(data["shard0"]["names"]) == 45


def test_the_nearest_training_images_are_of_its_class(data):
    images = data["images"]
    near = data["shard0"]["near"][0]  # features lie around a corner for each class
    assert len(near) == 2 * 6
    assert [images["classes"][place] for place in near[:6:2]] == [[0]] * 3
    assert all(images["ids"][place].startswith("train-") for place in near[::2])
    assert near[1::2] == sorted(near[1::2], reverse=True)


def test_doubted_labels_are_told_by_the_place_of_their_image(data, workspace):
    images = data["images"]
    table = SUSPECTS.read(workspace.artifacts / "quality/images/suspects.parquet")
    told = {images["ids"][int(place)]: rows for place, rows in images["doubts"].items()}
    assert sum(map(len, told.values())) == len(table.filter(pl.col("rank") <= MOST)) < len(table)
    first = table.filter(target="classes", kind="wrong", rank=1).row(0, named=True)
    sure = [round(1000 * first[f"{which}_probability"]) for which in ("given", "suggested")]
    assert [1, first["given"], first["suggested"], *sure] in told[first["sample_id"]]


def test_tags_have_thresholds_and_errors_of_both_kinds(tagged, tmp_path):
    page = tagged.report(tmp_path)
    images = looked_up(tmp_path)["images"]
    about = {run["name"]: run for run in images["runs"]}
    assert len(about["plain & tags"]["cuts"]) == 3
    assert images["first"][3] == []
    assert page.count("Errors by name</h3>") == 5


def test_errors_stand_in_the_section_of_each_run_by_name_and_link_to_the_pictures(html):
    part = html.split('id="run-1-errors-by-name"')[1].split("</table>")[0]
    assert "Of 30 images of" in part
    assert "15 are answered wrongly" in part
    names = re.findall(r'data-image="([^"]+)"', part)
    assert names == [f"test-{i:03d}" for i in range(1, 30, 2)]
    assert 'href="#pictures" data-look="run=base&amp;split=test&amp;show=wrong' in part
    other = html.split('id="run-2-errors-by-name"')[1]
    assert other.startswith(">Errors by name</h3>\n<p>No error: all of 30 images")


def test_what_is_not_shown_is_said(html):
    said = re.sub(r"\s+", " ", html)
    assert "test 30 of 30; test_shift 9 of 9; val 6 of 6; train 24 of 24." in said


def test_a_data_set_without_runs_can_be_looked_through(bare, tmp_path):
    assert 'id="pictures"' in bare.report(tmp_path)
    found = looked_up(tmp_path)
    assert found["images"]["runs"] == []
    assert found["shard0"]["near"] == []  # no stage has vectors
