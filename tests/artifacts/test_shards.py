"""Arrays by row of the sample table, in shards."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_lib.artifacts import shards
from pipeline_lib.artifacts.arrays import FREE
from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.artifacts.shards import MAPS, REGIONS, Shards, artifact_of, shard_path
from pipeline_lib.errors import InputError
from tests.artifacts.filled import filled

KIND = Shards("numbers", "maps", FREE)
IDS = ["a", "b", "c", "d", "e"]
PAIRS = np.arange(10, dtype=np.float32).reshape(5, 2)
NAMES = np.arange(5, dtype=np.int32)


def chunks(*ends):
    starts = (0, *ends[:-1])
    for start, end in zip(starts, ends, strict=True):
        yield {"pair": PAIRS[start:end], "name": NAMES[start:end]}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Five images in shards of at most two: a row takes 12 bytes."""
    monkeypatch.setattr(shards, "SHARD_BYTES", 24)
    KIND.write(tmp_path / "n", IDS, chunks(1, 2, 3, 4, 5), scale=3)
    return tmp_path / "n"


def test_chunks_are_joined_until_a_shard_is_full(folder):
    rows = KIND.index.read(folder / "index.parquet").rows()
    assert rows == [("a", 0, 0), ("b", 0, 1), ("c", 1, 0), ("d", 1, 1), ("e", 2, 0)]
    assert [p.stem for p in sorted(folder.glob("*.safetensors"))] == [
        "rows-00000", "rows-00001", "rows-00002",
    ]  # fmt: skip


def test_a_chunk_that_is_larger_than_a_shard_is_one_shard(tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "SHARD_BYTES", 24)
    KIND.write(tmp_path, IDS, chunks(1, 5))
    assert KIND.index.read(tmp_path / "index.parquet")["shard"].to_list() == [0, 1, 1, 1, 1]
    np.testing.assert_array_equal(KIND.open(tmp_path, IDS).whole("pair"), PAIRS)


@pytest.mark.parametrize("ends", [(5,), (2, 5), (1, 2, 3, 4, 5)])
def test_how_rows_arrive_changes_no_byte(tmp_path, ends):
    KIND.write(tmp_path / "one", IDS, chunks(3, 5))
    KIND.write(tmp_path / "two", IDS, chunks(*ends))
    one, two = (
        {p.name: p.read_bytes() for p in (tmp_path / name).iterdir()} for name in ("one", "two")
    )
    assert one == two


def test_any_rows_come_in_the_order_asked_for(folder):
    reader = KIND.open(folder, IDS)
    for wanted in ([0], [4, 0, 2], [3, 3, 1], np.array([1, 4])):
        np.testing.assert_array_equal(reader.rows(wanted, "pair"), PAIRS[wanted])
        np.testing.assert_array_equal(reader.rows(wanted, "name"), NAMES[wanted])
    assert reader.rows([1], "pair").dtype == np.float32
    assert reader.rows([1], "name").dtype == np.int32


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_rows_of_any_shards_equal_the_whole(tmp_path_factory, data):
    ends = [*sorted(data.draw(st.sets(st.integers(1, 4)))), 5]
    wanted = data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=9))
    folder = tmp_path_factory.mktemp("shards")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "SHARD_BYTES", data.draw(st.sampled_from([1, 12, 24, 36, 10**6])))
        KIND.write(folder, IDS, chunks(*ends))
    reader = KIND.open(folder, IDS)
    np.testing.assert_array_equal(reader.whole("pair"), PAIRS)
    np.testing.assert_array_equal(reader.rows(wanted, "pair"), reader.whole("pair")[wanted])
    np.testing.assert_array_equal(np.concatenate(list(reader.chunks("name"))), NAMES)


def test_no_rows_are_refused(folder):
    with pytest.raises(ValueError, match="rows: expected at least one"):
        KIND.open(folder, IDS).rows([], "pair")


def test_header_shapes_and_length_are_known_without_reading(folder):
    reader = KIND.open(folder, IDS)
    assert len(reader) == 5
    assert reader.shapes == {"pair": (2,), "name": ()}
    assert reader.header["scale"] == 3


def test_a_reader_that_was_used_can_be_sent_to_another_process(folder):
    reader = KIND.open(folder, IDS)
    before = reader.rows([4, 1], "pair")
    sent = pickle.loads(pickle.dumps(reader))
    np.testing.assert_array_equal(sent.rows([4, 1], "pair"), before)
    assert sent.header == reader.header


@pytest.mark.parametrize("ids", [IDS[:4], [*IDS, "f"], ["a", "b", "c", "d", "x"]])
def test_other_images_are_refused(folder, ids):
    expected = rf"n: holds 5 other images than the {len(ids)} asked for; re-run `dvc repro maps`"
    with pytest.raises(InputError, match=expected):
        KIND.open(folder, ids)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(InputError, match=r"index\.parquet: missing; run `dvc repro maps`"):
        KIND.open(tmp_path / "gone", IDS)


def test_a_missing_shard_is_named(folder):
    shard_path(folder, 1).unlink()
    reader = KIND.open(folder, IDS)
    assert reader.rows([0, 4], "name").tolist() == [0, 4]
    with pytest.raises(InputError, match=r"rows-00001\.safetensors: missing; run `dvc repro maps`"):
        reader.rows([2], "name")


def test_a_truncated_shard_is_named(folder):
    path = shard_path(folder, 1)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(InputError, match=r"rows-00001\.safetensors: not a complete tensor file"):
        KIND.open(folder, IDS).whole("pair")


def test_shards_of_another_artifact_are_refused(folder):
    reader = Shards("letters", "maps", FREE).open(folder, IDS)
    with pytest.raises(InputError, match="holds artifact 'numbers' version 1, expected 'letters'"):
        reader.whole("pair")


def test_values_that_are_not_finite_are_refused(tmp_path):
    with pytest.raises(InputError, match="tensor 'pair' has 1 values that are not finite"):
        KIND.write(tmp_path, ["a"], [{"pair": np.array([[1, np.inf]], np.float16)}])


@pytest.mark.parametrize("kind", [MAPS, REGIONS])
def test_the_artifact_of_a_folder_is_known_by_its_shards(tmp_path, kind):
    kind.write(tmp_path / "f", ["a"], [filled(kind)])
    assert artifact_of(tmp_path / "f") == kind.artifact


def test_a_folder_of_something_else_holds_no_artifact(tmp_path):
    assert artifact_of(tmp_path) == ""
    write_json(tmp_path / "metrics.json", {})
    assert artifact_of(tmp_path) == ""
    Path(shard_path(tmp_path, 0)).write_bytes(b"no tensors")
    assert artifact_of(tmp_path) == ""
