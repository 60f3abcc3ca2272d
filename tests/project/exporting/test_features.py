import io

import numpy as np
import polars as pl
import pyarrow.parquet as pq
import pytest
from PIL import Image
from typer.testing import CliRunner

from pipeline_lib import cli
from pipeline_lib.api import open_project
from pipeline_lib.artifacts.evaluation import EMBEDDING
from pipeline_lib.artifacts.samples import SAMPLES
from pipeline_lib.artifacts.thresholds import read_thresholds
from pipeline_lib.errors import InputError
from pipeline_lib.project.exporting import features
from tests.project.comparing.conftest import checkout, judged  # noqa: F401 - fixtures
from tests.reporting.conftest import CLASSES, SIDE, SPLITS, TAGS


def silent(items, **_):
    return items


@pytest.fixture
def exported(judged, tmp_path):  # noqa: F811
    def export(run, *splits, **options):
        path = tmp_path / "out" / f"{run}.parquet"
        options = {"pictures": "bytes", "side": 256} | options
        found = features.export_features(judged.root, run, path, splits, track=silent, **options)
        return found, path

    return export


def test_a_prediction_that_is_left_open_is_neither_correct_nor_wrong(judged, exported):  # noqa: F811
    _, path = exported("plain & tags", "test")
    before = pl.read_parquet(path)["correct"].to_list()
    samples = judged.root / "data/artifacts/ingest/samples.parquet"
    frame = SAMPLES.read(samples)
    open_ = [[tag for tag in range(len(TAGS)) if tag not in own] for own in frame["tags"]]
    unknown = pl.Series(open_, dtype=frame.schema["unknown"])
    SAMPLES.write(frame.with_columns(unknown=unknown), samples)
    _, path = exported("plain & tags", "test")
    assert pl.read_parquet(path)["correct"].to_list() == [right or None for right in before]
    assert False in before


def test_a_row_holds_what_a_run_made_of_an_image(judged, exported):  # noqa: F811
    found, path = exported("base", "test", "val")
    frame = pl.read_parquet(path)
    run = open_project(judged.root).runs["base"]
    assert frame["sample_id"].to_list() == [
        one for split in ("test", "val") for one in run.scores(split)["sample_id"]
    ]
    assert (found.images, len(frame)) == (36, 36)
    test = frame.filter(split="test")
    np.testing.assert_array_equal(
        np.array(test["embedding"].to_list(), np.float32), run.features("test")["vector"].to_numpy()
    )
    # image i is of class i modulo 3, and base is right on every second one
    assert test["label"].to_list() == [CLASSES[i % 3] for i in range(30)]
    assert test["correct"].to_list() == [i % 2 == 0 for i in range(30)]
    wrong = [CLASSES[(i % 3 + i % 2) % 3] for i in range(30)]
    assert test["prediction"].to_list() == wrong
    # scores 2, 1, 0 or 2, 0, 0, whatever the order
    powers = np.exp([2.0, 0, 0]), np.exp([2.0, 1, 0])
    expected = [powers[i % 2].max() / powers[i % 2].sum() for i in range(30)]
    assert test["probability"].to_list() == pytest.approx(expected)
    assert test["predicted_tags"].is_null().all()
    places = EMBEDDING.read(judged.root / "data/artifacts/evaluate/base/embedding.parquet")
    placed = test.filter(pl.col("projection_x").is_not_null())
    assert placed.select("sample_id", x="projection_x", y="projection_y").equals(places)
    assert found.placed == len(places)
    assert frame.filter(split="val")["projection_x"].is_null().all()


def test_tags_are_named_above_what_was_chosen_for_them(judged, exported):  # noqa: F811
    _, path = exported("plain & tags", "test")
    frame = pl.read_parquet(path)
    scores = open_project(judged.root).runs["plain & tags"].scores("test").drop("sample_id")
    chosen = read_thresholds(judged.root / "data/artifacts/evaluate/plain & tags/thresholds.json")
    cuts = chosen.of(0).by_label or [chosen.of(0).threshold] * len(TAGS)
    expected = [
        [name for name, value, cut in zip(TAGS, row, cuts, strict=True) if value > cut]
        for row in scores.iter_rows()
    ]
    assert frame["predicted_tags"].to_list() == expected
    assert 0 < frame["predicted_tags"].list.len().sum() < frame.height * len(TAGS)


def test_pictures_are_jpegs_no_larger_than_told(exported):
    for side, size in ((256, SIDE), (4, 4)):
        _, path = exported("base", "test", side=side)
        (first, *_) = pl.read_parquet(path)["image"].to_list()
        assert first["path"] is None
        with Image.open(io.BytesIO(first["bytes"])) as picture:
            assert (picture.format, picture.size) == ("JPEG", (size, size))
    _, path = exported("base", "test", pictures="none")
    assert pl.read_parquet(path)["image"].is_null().all()


def test_rows_are_written_in_groups_and_the_bytes_are_the_same_again(exported, monkeypatch):
    _, whole = exported("base", "test", "test_shift")
    rows, first = pl.read_parquet(whole), whole.read_bytes()
    assert exported("base", "test", "test_shift")[1].read_bytes() == first
    monkeypatch.setattr(features, "ROWS_PER_GROUP", 7)
    _, path = exported("base", "test", "test_shift")
    with pq.ParquetFile(path) as file:
        counts = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    assert counts == [7, 7, 7, 7, 2, 7, 2]
    assert sum(counts) == SPLITS["test"] + SPLITS["test_shift"]
    assert pl.read_parquet(path).equals(rows)


def test_pictures_that_are_files_are_named_by_their_paths(checkout, tmp_path):  # noqa: F811
    place = tmp_path / "photos"
    place.mkdir()
    checkout.change("dataset", path=str(place))
    samples = checkout.root / "data/artifacts/ingest/samples.parquet"
    rows = SAMPLES.read(samples).with_columns(
        path=pl.col("sample_id") + ".png", row=pl.lit(None, pl.Int64)
    )
    SAMPLES.write(rows, samples)
    for name in rows.filter(split="val")["path"]:
        Image.new("RGB", (8, 8)).save(place / name)
    out = tmp_path / "out.parquet"
    words = ["export", "features", "base", "--split", "val", "--pictures", "paths"]
    output = CliRunner().invoke(cli.app, [*words, "--out", str(out)], catch_exceptions=False).output
    assert output == f"{out}: 6 images, 0 of them with a place in the plane\n"
    paths = [one["path"] for one in pl.read_parquet(out)["image"].to_list()]
    assert paths == [str(place / name) for name in rows.filter(split="val")["path"]]
    with pytest.raises(InputError, match=r"'test-000' is no file of its own below .*--pictures by"):
        CliRunner().invoke(
            cli.app, ["export", "features", "base", *words[5:]], catch_exceptions=False
        )
    assert not (checkout.root / "base-features.parquet").exists()


def test_what_there_is_not_is_refused(judged, exported, monkeypatch):  # noqa: F811
    with pytest.raises(InputError, match=r"no run 'bsae'; did you mean 'base'"):
        exported("bsae", "test")
    with pytest.raises(InputError, match=r"has no split 'tset'; did you mean 'test'"):
        exported("base", "tset")
    monkeypatch.chdir(judged.root)
    words = ["export", "features", "base", "--pictures", "png"]
    with pytest.raises(InputError, match=r"--pictures is 'png', expected bytes, paths, none"):
        CliRunner().invoke(cli.app, words, catch_exceptions=False)
