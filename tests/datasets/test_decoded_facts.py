"""Pictures that were decoded before are not decoded again."""

import hashlib
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline_lib.datasets import decoding
from pipeline_lib.datasets.decoded_facts import FactStore
from pipeline_lib.datasets.registry import open_reader
from pipeline_lib.parallel import WORKERS
from pipeline_lib.progress import silent
from pipeline_lib.steps.ingest import ingest
from pipeline_lib.steps.listing import list_files
from tests.datasets.conftest import PATHS


class Watched:
    """What was read and decoded of a data set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.decoded = 0
        self.read: Counter[str] = Counter()
        decode, read = decoding.decode_picture, Path.read_bytes

        def decode_picture(encoded, **limits):
            self.decoded += 1
            return decode(encoded, **limits)

        def read_bytes(path):
            if path.suffix == ".png":
                self.read[path.name] += 1
            return read(path)

        monkeypatch.setattr(decoding, "decode_picture", decode_picture)
        monkeypatch.setattr(Path, "read_bytes", read_bytes)

    def take(self) -> tuple[int, int]:
        """Return how many were decoded and how many were read since."""
        found = (self.decoded, self.read.total())
        self.decoded = 0
        self.read.clear()
        return found


@pytest.fixture
def watched(monkeypatch):
    monkeypatch.setenv(WORKERS, "1")
    return Watched(monkeypatch)


@pytest.fixture
def ingested(folder, tmp_path, dataset):
    """Ingest as the stage does, after its list of files."""

    def run(*, listed=True, **changes):
        params = dataset(folder, **{"storage": "references"} | changes)
        listing = tmp_path / "files.jsonl"
        listing.write_bytes(list_files(folder, tmp_path / "kept").text)
        kept = FactStore.below(tmp_path / "decoded", listing if listed else None)
        return ingest(open_reader(params)[1], params, track=silent, kept=kept)

    return run


def test_a_second_time_nothing_is_decoded_or_read(ingested, watched):
    first = ingested()
    assert watched.take() == (4, 4)
    again = ingested()
    assert watched.take() == (0, 0)
    assert again.samples.equals(first.samples)
    assert again.account == first.account


def test_a_picture_that_is_new_is_decoded_alone_and_so_is_one_that_changed(
    ingested, watched, folder, encoded
):
    ingested()
    watched.take()
    (folder / "train/a/5.png").write_bytes(encoded(9))
    (folder / "test/a/3.png").write_bytes(encoded(11))
    grown = ingested()
    assert watched.take() == (2, 2)
    pixels = {"5.png": 9, "3.png": 11, "1.png": 0}
    for name, sha in zip(grown.samples["sample_id"], grown.samples["sha256"], strict=True):
        if (number := pixels.get(Path(name).name)) is not None:
            picture = decoding.decode_picture(encoded(number), max_pixels=100).pixels
            assert sha == decoding.fingerprint(picture)


def test_without_a_list_files_are_read_and_not_decoded(ingested, watched):
    first = ingested(listed=False)
    assert watched.take() == (4, 4)
    assert ingested(listed=False).samples.equals(first.samples)
    assert watched.take() == (0, 4)


def test_pictures_inside_a_table_are_read_and_not_decoded(tmp_path, dataset, watched, encoded):
    rows = [encoded(number) for number in range(4)]
    table = {"image": rows, "label": ["a", "b"] * 2, "split": ["train"] * 2 + ["test"] * 2}
    (tmp_path / "data").mkdir()
    pq.write_table(pa.table(table), tmp_path / "data" / "all.parquet")
    found = []
    for decoded in (4, 0):
        params = dataset(tmp_path / "data", storage="references")
        kept = FactStore.below(tmp_path / "decoded", None)
        found.append(ingest(open_reader(params)[1], params, track=silent, kept=kept))
        assert watched.take()[0] == decoded
    assert found[0].samples.equals(found[1].samples)


def test_pixels_that_are_kept_are_decoded_whatever_is_known(ingested, watched):
    ingested()
    watched.take()
    first = ingested(storage="pixels")
    assert watched.take() == (4, 4)
    assert np.array_equal(ingested(storage="pixels").pixels, first.pixels)


def test_a_known_picture_that_is_too_large_today_is_refused(ingested, folder, encoded):
    (folder / "train/a/5.png").write_bytes(encoded(9, size=(6, 5)))
    assert len(ingested().samples) == 5
    found = ingested(max_pixels=10, max_rejected=1.0)
    assert len(found.samples) == 4
    assert found.rejected["reason"].to_list() == ["too many pixels"]


@pytest.mark.parametrize("harm", [lambda path: path.write_bytes(b"PAR1"), Path.unlink])
def test_a_part_that_is_damaged_or_gone_is_decoded_again(ingested, watched, tmp_path, harm):
    first = ingested()
    watched.take()
    for part in (tmp_path / "decoded").rglob("*.parquet"):
        harm(part)
    assert ingested().samples.equals(first.samples)
    assert watched.take() == (4, 4)
    ingested()
    assert watched.take() == (0, 0)


def test_a_killed_run_goes_on_where_it_was(ingested, watched, monkeypatch):
    monkeypatch.setattr(decoding, "PART", 1)
    monkeypatch.setattr(decoding, "CHUNK", 1)
    decode, calls = decoding.decode_picture, []

    def dying(encoded, **limits):
        calls.append(encoded)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return decode(encoded, **limits)

    with monkeypatch.context() as during:
        during.setattr(decoding, "decode_picture", dying)
        with pytest.raises(KeyboardInterrupt):
            ingested()
    watched.take()
    whole = ingested()
    assert watched.take() == (2, 2)
    assert len(whole.samples) == 4


def test_what_a_list_says_of_another_folder_is_not_taken(folder, tmp_path, dataset, watched):
    """Paths of the same names in a list that is not this data set's lead to no facts."""
    listing = tmp_path / "files.jsonl"
    sha = hashlib.sha256(b"another picture").hexdigest()
    listing.write_text("".join(json.dumps([path, 3, sha]) + "\n" for path in PATHS))
    params = dataset(folder, storage="references")
    kept = FactStore.below(tmp_path / "decoded", listing)
    for _ in range(2):
        ingest(open_reader(params)[1], params, track=silent, kept=kept)
        assert watched.take() == (4, 4)
