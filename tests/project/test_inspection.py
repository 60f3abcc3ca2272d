import json

import numpy as np
import polars as pl
import pytest

from pipeline_lib.artifacts.arrays import FREE
from pipeline_lib.artifacts.clusters import ASSIGNMENTS
from pipeline_lib.artifacts.tensors import Tensors
from pipeline_lib.errors import InputError
from pipeline_lib.project.inspection import content_digest, describe

TENSORS = Tensors("numbers", "features", FREE)


@pytest.fixture
def table(tmp_path):
    """A table of 1234 rows."""
    ids = [f"{i:04d}" for i in range(1234)]
    clusters = {"sample_id": ids, "cluster": range(1234)}
    frame = pl.DataFrame(clusters, ASSIGNMENTS.dtypes)
    ASSIGNMENTS.write(frame, tmp_path / "t.parquet")
    return tmp_path / "t.parquet"


@pytest.fixture
def tensors(tmp_path):
    """Two tensors and a header that is too long to print."""
    arrays = {"b": np.zeros((3, 4), np.float32), "a": np.array(7)}
    TENSORS.write(tmp_path / "t.safetensors", arrays, seeds=[1, 2], long="x" * 200)
    return tmp_path / "t.safetensors"


def test_a_table_is_described_by_its_columns_and_first_rows(table):
    found = describe(table, 2)
    assert found.kind == "table"
    assert found.facts == {
        "rows": "1,234",
        "size": f"{table.stat().st_size:,} bytes",
        "sample_id": "String",
        "cluster": "Int32",
        "header.artifact": '"Assignments"',
        "header.version": "1",
    }
    assert found.head.rows() == [("0000", 0), ("0001", 1)]
    assert describe(table, 0).head.height == 0


def test_a_tensor_file_is_described_by_its_shapes_and_header(tensors):
    found = describe(tensors, 5)
    assert found.kind == "tensors"
    assert found.facts == {
        "size": f"{tensors.stat().st_size:,} bytes",
        "a": "I64 ()",
        "b": "F32 (3, 4)",
        "header.artifact": '"numbers"',
        "header.long": '"' + "x" * 96 + "...",
        "header.seeds": "[1, 2]",
        "header.version": "1",
    }
    assert len(found.facts["header.long"]) == 100
    assert (found.head, found.content) == (None, "")


@pytest.mark.parametrize(("name", "kind"), [("m.json", "json"), ("h.csv", "csv")])
def test_a_text_is_shown_whole(tmp_path, name, kind):
    (tmp_path / name).write_text("ä,b\n1,2\n", encoding="utf-8")
    found = describe(tmp_path / name, 5)
    assert (found.kind, found.content) == (kind, "ä,b\n1,2\n")
    assert found.facts == {"size": "9 bytes"}


def test_a_folder_is_described_by_its_files(table, tensors, tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner/a.json").write_text("{}")
    found = describe(tmp_path, 5)
    assert found.kind == "folder"
    assert list(found.facts) == ["inner/a.json", "t.parquet", "t.safetensors"]
    assert found.facts["inner/a.json"] == "2 bytes"


def test_a_table_of_another_program_is_described_too(tmp_path):
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "t.parquet")
    assert describe(tmp_path / "t.parquet", 5).facts["a"] == "Int64"


def test_nothing_is_named(tmp_path):
    expected = r"gone\.parquet: nothing there; run `dvc repro`, or `dvc pull`"
    with pytest.raises(InputError, match=expected):
        describe(tmp_path / "gone.parquet", 5)


def test_what_is_no_artifact_is_named(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(InputError, match=r"notes\.txt: not an artifact; expected a folder, \.parq"):
        describe(tmp_path / "notes.txt", 5)


@pytest.mark.parametrize("name", ["t.parquet", "t.safetensors", "t.json"])
def test_a_damaged_file_is_named(tmp_path, name):
    (tmp_path / name).write_bytes(b"\xff\xfe not at all")
    expected = rf"{name}: damaged, or not what its name says \(.*\); run `dvc repro`"
    with pytest.raises(InputError, match=expected):
        describe(tmp_path / name, 5)


def test_the_digest_of_a_table_is_that_of_its_content(table, tmp_path):
    other = tmp_path / "other.parquet"
    frame = pl.read_parquet(table)
    frame.write_parquet(other, compression="lz4", row_group_size=100)
    assert other.read_bytes() != table.read_bytes()
    assert content_digest(other) == content_digest(table)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.with_columns(pl.lit(1, pl.Int32).alias("cluster")),
        lambda t: t[::-1],
        lambda t: t.rename({"cluster": "group"}),
        lambda t: t.with_columns(pl.col("cluster").cast(pl.Int64)),
        lambda t: t[:-1],
    ],
)
def test_another_content_has_another_digest(table, tmp_path, change):
    change(pl.read_parquet(table)).write_parquet(tmp_path / "other.parquet")
    assert content_digest(tmp_path / "other.parquet") != content_digest(table)


TENSOR_CHANGES = {
    "value": {"arrays": {"b": np.ones((3, 4), np.float32)}},
    "shape": {"arrays": {"b": np.zeros((4, 3), np.float32)}},
    "type": {"arrays": {"b": np.zeros((3, 4), np.int32)}},
    "name": {"arrays": {"c": np.zeros((3, 4), np.float32)}},
    "header": {"header": {"seeds": [1]}},
}


@pytest.mark.parametrize("change", TENSOR_CHANGES)
def test_other_tensors_have_another_digest(tmp_path, change):
    def digest(name, arrays=None, header=None):
        arrays = arrays or {"b": np.zeros((3, 4), np.float32)}
        TENSORS.write(tmp_path / name, arrays, **(header or {"seeds": [1, 2]}))
        return content_digest(tmp_path / name)

    assert digest("one.safetensors") == digest("two.safetensors")
    assert digest("three.safetensors", **TENSOR_CHANGES[change]) != digest("one.safetensors")


def test_the_digest_of_a_folder_is_that_of_all_its_files(table, tmp_path):
    folder = tmp_path / "folder"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.json").write_text("{}")
    table.rename(folder / "inner/t.parquet")
    before = content_digest(folder)
    pl.read_parquet(folder / "inner/t.parquet").write_parquet(folder / "inner/t.parquet")
    assert content_digest(folder) == before
    (folder / "a.json").rename(folder / "b.json")
    renamed = content_digest(folder)
    (folder / "b.json").write_text(json.dumps(1))
    assert len({before, renamed, content_digest(folder)}) == 3
