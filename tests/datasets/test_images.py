import pickle

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline_lib.datasets.decode import fingerprint
from pipeline_lib.datasets.images import Images, write_images
from pipeline_lib.datasets.location import DATA
from pipeline_lib.datasets.parquet_files import _scan
from pipeline_lib.datasets.registry import open_reader
from pipeline_lib.errors import InputError
from pipeline_lib.parallel import WORKERS
from pipeline_lib.progress import silent
from pipeline_lib.steps.ingest import ingest
from tests.datasets.conftest import PATHS


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch, tmp_path):
    monkeypatch.setenv(WORKERS, "1")
    (tmp_path / "data").mkdir()
    monkeypatch.setenv(DATA, str(tmp_path / "data"))  # images say nothing of their place


def ingested(params, path):
    result = ingest(open_reader(params)[1], params, track=silent)
    write_images(path, result.pixels, params)
    return result.samples, Images(path, result.samples)


@pytest.mark.parametrize("storage", ["pixels", "references"])
def test_pixels_come_in_the_order_that_is_asked_for(folder, tmp_path, dataset, storage):
    params = dataset(folder, storage=storage)
    samples, images = ingested(params, tmp_path / "images.safetensors")
    rows = [2, 0, 3, 2]
    assert len(images) == 4
    numbers = [PATHS.index(samples["sample_id"][row]) for row in rows]
    for pixels, number in zip(images.pixels(rows), numbers, strict=True):
        assert (pixels.shape, pixels.dtype) == ((2, 3, 3), np.uint8)
        assert pixels[1, 2].tolist() == [number, 0, 7]


@pytest.mark.parametrize("storage", ["pixels", "references"])
def test_rows_may_be_numpy_integers_or_none_at_all(folder, tmp_path, dataset, storage):
    _, images = ingested(dataset(folder, storage=storage), tmp_path / "images.safetensors")
    (pixels,) = images.pixels(np.array([3]))
    np.testing.assert_array_equal(pixels, images.pixels([3])[0])
    assert images.pixels([]) == []


@pytest.mark.parametrize("storage", ["pixels", "references"])
def test_images_can_be_sent_to_another_process(folder, tmp_path, dataset, storage):
    _, images = ingested(dataset(folder, storage=storage), tmp_path / "images.safetensors")
    copy = pickle.loads(pickle.dumps(images))
    np.testing.assert_array_equal(copy.pixels([1]), images.pixels([1]))


@pytest.mark.parametrize("storage", ["pixels", "references"])
def test_the_file_has_the_same_bytes_every_time(folder, tmp_path, dataset, storage):
    params = dataset(folder, storage=storage)
    ingested(params, tmp_path / "one")
    ingested(params, tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_references_hold_no_pixels(folder, tmp_path, dataset):
    ingested(dataset(folder, storage="references"), tmp_path / "images.safetensors")
    assert (tmp_path / "images.safetensors").stat().st_size < 2000


def test_references_have_the_same_bytes_wherever_the_data_set_lies(
    folder, tmp_path, dataset, monkeypatch
):
    ingested(dataset(folder, storage="references"), tmp_path / "one")
    moved = folder.rename(tmp_path / "elsewhere")
    monkeypatch.setenv(DATA, str(moved))
    samples, images = ingested(dataset(moved, storage="references"), tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    before = Images(tmp_path / "one", samples)
    np.testing.assert_array_equal(before.pixels([3]), images.pixels([3]))


def test_references_into_parquet_read_every_group_once(tmp_path, dataset, encoded):
    for split in ("train", "test"):
        images = [encoded(number, size=(number + 1, 1)) for number in range(6)]
        table = pa.table({"image": images, "label": ["cat", "dog"] * 3})
        pq.write_table(table, tmp_path / "data" / f"{split}.parquet", row_group_size=2)
    samples, images = ingested(dataset(tmp_path / "data"), tmp_path / "images.safetensors")
    rows = np.random.default_rng(0).permutation(12).tolist()
    before = _scan.cache_info().misses
    assert [len(pixels[0]) for pixels in images.pixels(rows)] == samples["width"][rows].to_list()
    assert _scan.cache_info().misses - before == 6


def test_other_samples_are_refused(folder, tmp_path, dataset):
    samples, _ = ingested(dataset(folder), tmp_path / "images.safetensors")
    with pytest.raises(InputError, match=r"holds 4 images, expected 3, .*dvc repro ingest"):
        Images(tmp_path / "images.safetensors", samples[:3])


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda path, encoded: path.unlink(), "No such file"),
        (lambda path, encoded: path.write_bytes(b""), "empty file: 0 bytes"),
        (lambda path, encoded: path.write_bytes(encoded(1, size=(9, 8))), "9 x 8 pixels"),
        (lambda path, encoded: path.write_bytes(encoded(2)), "other pixels of the same size"),
    ],
)
def test_a_changed_data_set_is_named(folder, tmp_path, dataset, encoded, change, found):
    params = dataset(folder, storage="references")
    _, images = ingested(params, tmp_path / "images.safetensors")
    change(folder / "test/b/4.png", encoded)
    with pytest.raises(InputError, match=f"'test/b/4.png' .*{found}.*expected the 3 x 2 pixels"):
        images.pixels([0, 1])


def test_a_data_set_that_has_moved_is_named(folder, tmp_path, dataset):
    params = dataset(folder, storage="references")
    samples, _ = ingested(params, tmp_path / "images.safetensors")
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(InputError, match=r"^PROTOWEAVE_DATA='.*data': there is no such folder, "):
        Images(tmp_path / "images.safetensors", samples)


def test_genuine_photos_are_what_was_hashed(shared_data, tmp_path, dataset, monkeypatch):
    folder = shared_data / "ingredient101"
    monkeypatch.setenv(DATA, str(folder / "food-101"))
    matrix = str(folder / "ingredient_matrix_101x446.npz")
    params = dataset(folder / "food-101", tag_matrix=matrix)
    samples, images = ingested(params, tmp_path / "images.safetensors")
    hashes = [fingerprint(pixels) for pixels in images.pixels(range(60))]
    assert hashes == samples["sha256"].to_list()
