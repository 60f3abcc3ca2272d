import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import PIL
import pytest
import timm
import torch
from safetensors.torch import load_file, save_file
from threadpoolctl import threadpool_limits

from pipeline_lib import closure
from pipeline_lib.artifacts.features import read_features, write_features
from pipeline_lib.encoders import extraction
from pipeline_lib.encoders.extraction import extract
from pipeline_lib.encoders.vision import build
from pipeline_lib.errors import InputError
from pipeline_lib.parallel import WORKERS
from pipeline_lib.params.features import Features
from pipeline_lib.progress import silent

# twenty pictures, two of them twice
FIRST = {f"{split}/{c}/{i}.png": ord(c) * 100 + i + 50 * (split == "test")
         for split in ("train", "test") for c in "ab" for i in range(5)}  # fmt: skip
FIRST |= {"train/a/again.png": FIRST["train/a/0.png"], "test/b/again.png": FIRST["train/b/3.png"]}
MORE = {
    "train/a/00-new.png": 1,
    "train/a/zz-new.png": 2,
    "test/b/again2.png": FIRST["test/a/1.png"],
}

KILLED = """
import os, signal, sys
from pathlib import Path

from pipeline_lib.artifacts.samples import SAMPLES
from pipeline_lib.datasets.images import Images
from pipeline_lib.params.features import Features
from pipeline_lib.encoders import extraction

ingest, parts, params = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
samples = SAMPLES.read(ingest / "samples.parquet")


def track(items, *, label, total):
    for number, item in enumerate(items):
        if number == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        yield item


extraction.IMAGES_PER_PART = 4
extraction.extract(
    Features.model_validate_json(params), samples,
    Images(ingest / "images.safetensors", samples), parts,
    per_chunk=9, device="cpu", track=track,
)
"""


@pytest.fixture(autouse=True)
def _small_parts_in_this_process(monkeypatch):
    monkeypatch.setattr(extraction, "IMAGES_PER_PART", 4)
    monkeypatch.setenv(WORKERS, "1")


@pytest.fixture
def section(tmp_path):
    """Build the section ``features``; the weights lie in a file."""
    path = tmp_path / "weights.safetensors"
    torch.manual_seed(5)
    save_file(timm.create_model("lenet5", num_classes=2).state_dict(), path)

    def make(**changes):
        values = {"batch_size": 2, "precision": "float32", "weights": str(path)}
        backbone = {"model": "lenet5", "pretrained": False, "image_size": 32}
        backbone |= {k: changes.pop(k) for k in list(changes) if k in backbone}
        return Features.model_validate({"backbone": backbone} | values | changes)

    return make


@pytest.fixture
def run(tmp_path, section):
    """Extract into a folder; return how many images were encoded, and the bytes of every file."""

    def start(data, out, parts="parts", **changes):
        params, samples = section(**changes), data.samples
        folder = tmp_path / out
        found = extract(
            params, samples, data.images, tmp_path / parts, per_chunk=1000, device="cpu",
            track=silent,
        )  # fmt: skip
        shards = (rows["global"] for rows in found.chunks)
        write_features(folder, samples["sample_id"].to_list(), shards)
        return found.encoded, {p.name: p.read_bytes() for p in sorted(folder.iterdir())}

    return start


def part_files(tmp_path, parts="parts"):
    return sorted((tmp_path / parts).rglob("*.safetensors"))


def test_vectors_are_those_of_the_model_in_the_order_of_the_samples(
    ingested, run, section, tmp_path
):
    data = ingested(FIRST)
    assert run(data, "out")[0] == 20
    ids = data.samples["sample_id"].to_list()
    vision = build(section().backbone, tmp_path / "weights.safetensors", num_classes=0, seed=0)
    pixels = data.images.pixels(range(len(ids)))
    with torch.inference_mode():
        inputs = vision.preprocess.normalise(vision.preprocess.geometry(pixels))
        expected = vision.model.eval()(inputs).numpy()
    np.testing.assert_allclose(read_features(tmp_path / "out", ids), expected, rtol=1e-4, atol=1e-5)


def test_duplicates_are_encoded_once_and_have_one_vector(ingested, run, tmp_path):
    data = ingested(FIRST)
    assert run(data, "out")[0] == len(set(FIRST.values())) == len(FIRST) - 2
    ids = data.samples["sample_id"].to_list()
    vectors = dict(zip(ids, read_features(tmp_path / "out", ids), strict=True))
    np.testing.assert_array_equal(vectors["train/a/again.png"], vectors["train/a/0.png"])
    np.testing.assert_array_equal(vectors["test/b/again.png"], vectors["train/b/3.png"])
    assert len(np.unique(np.stack(list(vectors.values())), axis=0)) == 20


def test_a_second_run_encodes_nothing(ingested, run):
    data = ingested(FIRST)
    _, first = run(data, "one")
    encoded, second = run(data, "two")
    assert encoded == 0
    assert second == first


def test_pixels_and_references_give_the_same_bytes(ingested, run):
    _, stored = run(ingested(FIRST), "one", parts="one-parts")
    encoded, referenced = run(ingested(FIRST, "references", "two"), "two", parts="two-parts")
    assert encoded == 20
    assert referenced == stored


@pytest.mark.parametrize("lost", [slice(0, 1), slice(1, 4), slice(0, 5)])
def test_lost_parts_are_computed_again(ingested, run, tmp_path, lost):
    data = ingested(FIRST)
    _, first = run(data, "one")
    parts = part_files(tmp_path)
    assert len(parts) == 5  # of four images
    for path in parts[lost]:
        path.unlink()
    encoded, second = run(data, "two")
    assert encoded == 4 * len(parts[lost])
    assert second == first


def test_a_truncated_part_is_computed_again(ingested, run, tmp_path):
    data = ingested(FIRST)
    _, first = run(data, "one")
    path = part_files(tmp_path)[2]
    path.write_bytes(path.read_bytes()[:-5])
    encoded, second = run(data, "two")
    assert encoded == 4
    assert second == first


def test_a_run_that_is_killed_goes_on_where_it_stopped(ingested, run, section, tmp_path, root):
    data = ingested(FIRST)
    parts = tmp_path / "killed-parts"
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, data.folder, parts, section().model_dump_json()],
        check=False, cwd=root, env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL
    assert len(part_files(tmp_path, "killed-parts")) == 3
    encoded, resumed = run(data, "resumed", parts="killed-parts")
    assert encoded == 20 - 3 * 4
    _, fresh = run(data, "fresh")
    assert resumed == fresh


def test_a_grown_data_set_encodes_only_what_is_new(ingested, run):
    run(ingested(FIRST), "small")
    grown = ingested(MORE, name="grown")
    assert len(grown.samples) == len(FIRST) + 3
    encoded, after = run(grown, "grown")
    assert encoded == 2  # the third picture is known under another name
    _, fresh = run(grown, "fresh", parts="fresh-parts")
    assert after == fresh


def test_a_shrunk_data_set_encodes_nothing(ingested, run, tmp_path):
    run(ingested(FIRST), "large")
    (tmp_path / "pictures/train/a/4.png").unlink()
    shrunk = ingested({}, name="small")
    encoded, after = run(shrunk, "small")
    assert encoded == 0
    _, fresh = run(shrunk, "fresh", parts="fresh-parts")
    assert after == fresh


@pytest.mark.parametrize("batch_size", [1, 3, 4, 30])
def test_parts_hold_whole_batches(ingested, run, tmp_path, batch_size):
    run(ingested(FIRST), "out", batch_size=batch_size)
    # 20 images; 4 to a part, but never less than a batch
    parts = {1: 5, 3: 7, 4: 5, 30: 1}[batch_size]
    assert len(part_files(tmp_path)) == parts


def test_two_workers_give_the_same_bytes_as_one(ingested, run, monkeypatch):
    data = ingested(FIRST)
    _, alone = run(data, "one", parts="one-parts")
    monkeypatch.setenv(WORKERS, "2")
    encoded, together = run(data, "two", parts="two-parts")
    assert encoded == 20
    assert together == alone


def test_more_threads_outside_give_the_same_bytes(ingested, run):
    data = ingested(FIRST)
    _, one = run(data, "one", parts="one-parts")
    with threadpool_limits(limits=2):
        _, two = run(data, "two", parts="two-parts")
    assert two == one


def test_progress_counts_parts(ingested, section, tmp_path):
    data, seen = ingested(FIRST), []

    def track(items, *, label, total):
        seen.append((label, total))
        yield from items

    extract(section(), data.samples, data.images, tmp_path, per_chunk=9, device="cpu", track=track)
    assert seen == [("features: parts", 5)]


@pytest.mark.parametrize(
    "change", [{"batch_size": 3}, {"precision": "bfloat16"}, {"model": "test_resnet"}]
)
def test_another_parameter_encodes_anew(ingested, run, change):
    data = ingested(FIRST)
    weights = {"weights": "data/none"}
    assert run(data, "one", **weights)[0] == 20
    assert run(data, "two", **weights, **change)[0] == 20
    assert run(data, "three", **weights)[0] == 0


def test_other_weights_encode_anew_and_the_same_under_another_name_do_not(ingested, run, tmp_path):
    data, path = ingested(FIRST), tmp_path / "weights.safetensors"
    _, first = run(data, "one")
    copy = str(shutil.copy(path, tmp_path / "copy.safetensors"))
    assert run(data, "two", weights=copy) == (0, first)
    save_file({name: -value for name, value in load_file(path).items()}, path)
    encoded, other = run(data, "three")
    assert encoded == 20
    assert other != first
    assert run(data, "four", weights="data/none")[0] == 20


@pytest.mark.parametrize("library", [torch, timm, PIL])
def test_another_version_of_a_library_encodes_anew(ingested, run, monkeypatch, library):
    data = ingested(FIRST)
    run(data, "one")
    monkeypatch.setattr(library, "__version__", "0.0.0")
    assert run(data, "two")[0] == 20


def test_edited_encoders_encode_anew(ingested, run, monkeypatch, tmp_path, root):
    data = ingested(FIRST)
    run(data, "one")
    copy = tmp_path / "pipeline_lib"
    shutil.copytree(root / "pipeline_lib", copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(closure, "_folder", lambda package: copy)  # whose code is digested
    assert run(data, "two")[0] == 0
    extract = copy / "encoders/extractor.py"
    extract.write_text(extract.read_text(encoding="utf-8") + "# a comment\n", encoding="utf-8")
    assert run(data, "three")[0] == 0
    extract.write_text(extract.read_text(encoding="utf-8") + "EDITED = 1\n", encoding="utf-8")
    assert run(data, "four")[0] == 20


def test_a_changed_picture_of_the_data_set_is_named(ingested, run, tmp_path):
    data = ingested(FIRST, "references")
    (tmp_path / "pictures/train/a/4.png").unlink()
    with pytest.raises(
        InputError, match=r"image 'train/a/4\.png' of the data set: found .*No such"
    ):
        run(data, "out")


def test_missing_weights_are_named(ingested, run):
    with pytest.raises(InputError, match=r"data/gone\.pt: no such checkpoint"):
        run(ingested(FIRST), "out", weights="data/gone.pt")
