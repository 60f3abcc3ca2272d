"""Pictures in, tables out: by command and in Python, after a kill, whatever the threads."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, fields

import numpy as np
import polars as pl
import pytest
from PIL import Image
from typer.testing import CliRunner

from pipeline_lib import cli
from pipeline_lib.errors import InputError
from pipeline_lib.prediction import writing
from pipeline_lib.prediction.run import Options, Prediction
from pipeline_lib.prediction.scoring import Batch, Scoring
from pipeline_lib.prediction.sources import Files, find_pictures
from pipeline_lib.prediction.writing import CHUNK, Parts
from tests.conftest import ROOT
from tests.prediction.untrained import CLASSES, photographs, untrained


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """Two runs, and a folder of sound, odd and damaged pictures."""
    root = tmp_path_factory.mktemp("checkout")
    untrained(root)
    untrained(root, "tags", "tags")
    photographs(root / "photos", 70)
    odd = root / "photos/odd"
    odd.mkdir()
    whole = (root / "photos/a/0001.png").read_bytes()
    (odd / "cut.png").write_bytes(whole[:400])
    (odd / "empty.jpg").touch()
    (odd / "text.jpg").write_text("not a picture")
    turned = Image.fromarray(np.arange(40 * 60 * 3, dtype=np.uint8).reshape(40, 60, 3))
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.save(odd / "turned.png", exif=exif)
    turned.convert("CMYK").save(odd / "cmyk.jpg")
    Image.fromarray(np.full((40, 40), 30_000, np.uint16)).save(odd / "deep.png")
    return root


@pytest.fixture
def here(checkout, monkeypatch):
    monkeypatch.chdir(checkout)
    monkeypatch.setenv("PROTOWEAVE_DEVICE", "cpu")
    return checkout


def command(*arguments):
    found = CliRunner().invoke(cli.app, ["predict", *map(str, arguments)])
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found


def prediction(root, paths=("photos",), name="base", **options):
    run = untrained(root, name, "tags" if name == "tags" else "classes")
    return Prediction(run, find_pictures([str(root / path) for path in paths]), Options(**options))


def test_a_command_writes_a_row_for_every_picture(here, tmp_path):
    out = tmp_path / "new/p.csv"
    found = command("base", "photos", "--out", out, "--top", 2)
    assert "seed 4 of 4, 7: 6 classes, on cpu; no temperature" in found.stderr
    assert f"{out}: 76 pictures; 1 empty file; 1 not an image; 1 truncated image" in found.stderr
    table = pl.read_csv(out)
    assert table.columns[:3] == ["id", "top_1", "top_1_probability"]
    reasons = table.filter(pl.col("reason").is_not_null()).select("id", "reason").rows()
    assert reasons == [
        ("odd/cut.png", "truncated image"),
        ("odd/empty.jpg", "empty file"),
        ("odd/text.jpg", "not an image"),
    ]
    assert set(table["top_1"].drop_nulls()) <= set(CLASSES)
    about = json.loads((tmp_path / "new/p.csv.about.json").read_text())
    assert (about["run"], about["seed"], about["names"]) == ("base", 4, CLASSES)
    assert about["without_prediction"] == {
        "empty file": 1, "not an image": 1, "truncated image": 1
    }  # fmt: skip
    assert sorted(path.name for path in out.parent.iterdir()) == ["p.csv", "p.csv.about.json"]


def test_command_python_and_recogniser_agree(here, tmp_path):
    command("base", "photos", "--out", tmp_path / "p.parquet", "--all", "--scores", "--seed", 4)
    table = pl.read_parquet(tmp_path / "p.parquet")
    asked = prediction(here, probabilities=True, scores=True)
    assert pl.concat(asked.frames()).equals(table)
    sound = table.filter(pl.col("reason").is_null())
    pixels = [
        np.array(Image.open(here / "photos" / path).convert("RGB"))
        for path in sound["id"]
        if not path.startswith("odd")
    ]
    expected = asked.run.score_images(pixels).logits.numpy()
    found = sound.select(pl.col("^score .*$")).to_numpy()[: len(pixels)]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    printed = command("base", "photos", "--all", "--scores")
    text = pl.read_csv(io.StringIO(printed.stdout))
    assert text["top_1"].equals(table["top_1"])


def test_a_picture_has_the_same_row_wherever_it_stands(here):
    alone = pl.concat(prediction(here, ["photos/b/0040.png"], scores=True).frames())
    beside = pl.concat(prediction(here, scores=True).frames())
    row = beside.filter(pl.col("id") == "b/0040.png")
    assert alone.drop("id").equals(row.drop("id"))


def test_threads_change_no_byte(here, tmp_path, monkeypatch):
    for threads in ("1", "3"):
        monkeypatch.setenv("PROTOWEAVE_WORKERS", threads)
        for end in ("csv", "parquet"):
            prediction(here, name="tags").write(tmp_path / f"{threads}.{end}")
    for end in ("csv", "parquet"):
        one, three = (tmp_path / f"{threads}.{end}" for threads in "13")
        assert one.read_bytes() == three.read_bytes()


def test_what_was_finished_is_not_computed_again(here, tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "CHUNK", 32)
    monkeypatch.setenv("PROTOWEAVE_WORKERS", "1")  # what is at work at the stop is lost
    prediction(here).write(tmp_path / "whole.csv")
    out, interrupted = tmp_path / "p.csv", prediction(here)

    def stop(items, *, label, total):
        for number, item in enumerate(items):
            if number == 2:
                raise KeyboardInterrupt
            yield item

    with pytest.raises(KeyboardInterrupt):
        interrupted.write(out, stop)
    assert not out.exists()
    kept = {path.name for path in Parts.of(out).folder.iterdir()}
    assert kept
    again = prediction(here)
    scored = []
    score = type(again.run).score_prepared
    monkeypatch.setattr(
        type(again.run), "score_prepared", lambda run, x: scored.append(len(x)) or score(run, x)
    )
    again.write(out)
    assert len(scored) == 3 - len(kept)
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert not Parts.of(out).folder.exists()


def test_a_killed_command_goes_on_to_equal_bytes(checkout, tmp_path):
    many = tmp_path / "many"
    photographs(many, 1)
    for number in range(3 * CHUNK):
        (many / f"{number}.png").hardlink_to(many / "b/0000.png")
    words = ["-m", "pipeline_lib.cli", "predict", "base", str(many), "--out"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PROTOWEAVE_WORKERS": "1"}
    out = tmp_path / "p.parquet"
    start = {"cwd": checkout, "env": environment, "start_new_session": True}
    process = subprocess.Popen([sys.executable, *words, str(out)], **start)
    kept = Parts.of(out).folder
    while not list(kept.glob("*.parquet")):
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not out.exists()
    (min(kept.glob("*.parquet"))).write_bytes(b"damaged")  # is computed again
    run = prediction(checkout).run
    pictures = find_pictures([str(many)])
    Prediction(run, pictures).write(out)
    Prediction(run, pictures).write(tmp_path / "whole.parquet")
    assert out.read_bytes() == (tmp_path / "whole.parquet").read_bytes()


def test_other_pictures_or_other_options_are_computed_anew(here, tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "CHUNK", 32)
    photographs(tmp_path / "some", 64)
    run, source = untrained(here), str(tmp_path / "some")
    keys = [chunk.key for chunk in writing.chunks(find_pictures([source]), "one")]
    assert len(set(keys)) == 2
    photographs(tmp_path / "other", 1, seed=1)
    (tmp_path / "other/b/0000.png").replace(tmp_path / "some/b/0040.png")
    changed = [chunk.key for chunk in writing.chunks(find_pictures([source]), "one")]
    assert [a == b for a, b in zip(keys, changed, strict=True)] == [True, False]
    pictures = find_pictures([source])
    names = {Prediction(run, pictures, Options(top=top))._key for top in (1, 2)}
    assert len(names) == 2


def test_parquet_is_read_as_files_are(here, tmp_path):
    files = sorted((here / "photos/a").iterdir())
    table = pl.DataFrame(
        {"id": [f"a/{f.name}" for f in files], "image": [f.read_bytes() for f in files]}
    )
    table.write_parquet(tmp_path / "rows.parquet", row_group_size=7)
    found = pl.concat(prediction(here, [tmp_path / "rows.parquet"]).frames())
    expected = pl.concat(prediction(here).frames())
    assert found.equals(expected[: len(files)])


def test_too_many_pixels_are_a_reason(here):
    found = pl.concat(prediction(here, ["photos/odd/deep.png"], max_pixels=100).frames())
    assert found["reason"].to_list() == ["too many pixels"]


def test_what_cannot_be_written_is_refused(here, tmp_path):
    asked = prediction(here)
    with pytest.raises(InputError, match=r"p\.txt: ends in '\.txt', expected \.csv or \.parquet"):
        asked.write(tmp_path / "p.txt")
    (tmp_path / "mine.csv").write_text("mine")
    with pytest.raises(InputError, match=r"mine\.csv: is there already and was not written by"):
        asked.write(tmp_path / "mine.csv")
    assert (tmp_path / "mine.csv").read_text() == "mine"
    odd = untrained(tmp_path, "odd", "tags", names=["a;b", "c"])
    asked = Prediction(odd, find_pictures([str(here / "photos")]))
    with pytest.raises(InputError, match="a;b hold ';'"):
        asked.write(tmp_path / "p.csv")
    asked.write(tmp_path / "p.parquet")


def test_pictures_are_read_no_further_ahead_than_threads_need(here):
    loaded = []

    @dataclass(frozen=True)
    class Watched(Files):
        def load(self, path, row):
            loaded.append(path)
            return super().load(path, row)

    found = find_pictures(["photos"])
    pictures = Watched(**{field.name: getattr(found, field.name) for field in fields(found)})
    items = list(pictures.items())
    batches = (Batch(items[start : start + 2]) for start in range(0, 60, 2))
    outcomes = Scoring(untrained(here), pictures, 10**6, threads=2).outcomes(batches)
    for done, _ in enumerate(outcomes, start=1):
        assert len(loaded) <= 2 * (done + 2)  # at work: a batch for each thread
    assert len(loaded) == 60


def test_own_names_are_for_runs_that_are_told_by_name_and_given_once(here):
    with pytest.raises(InputError, match="method base has weights for each of its 6 names and non"):
        command("base", "photos", "--names", "heron, kayak")
    with pytest.raises(InputError, match="--names and --names-beside are given, expected one of"):
        command("base", "photos", "--names", "heron", "--names-beside", "kayak")
