import os
import subprocess
import sys

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline_lib.artifacts import table
from pipeline_lib.artifacts.clusters import ASSIGNMENTS, Assignments
from pipeline_lib.artifacts.samples import REJECTED
from pipeline_lib.artifacts.table import METADATA_KEY, Table
from pipeline_lib.errors import InputError

IN_ANOTHER_PROCESS = """
import hashlib, sys
from pathlib import Path

import numpy as np
import polars as pl

from pipeline_lib.artifacts.samples import SAMPLES

many = 70_000
rng = np.random.default_rng(0)
tags = pl.Series([[int(t)] for t in rng.integers(0, 9, many)], dtype=pl.List(pl.Int32))
box = pl.struct(
    tag=pl.lit(1, pl.Int32), **{c: pl.lit(0.5, pl.Float32) for c in "xywh"}
)
frame = pl.DataFrame({"sample_id": rng.permutation(many).astype(str), "tags": tags}).with_columns(
    split=pl.lit("train"), classes="tags", difficult="tags", all_tags="tags",
    unknown="tags", captions=pl.lit(None, pl.List(pl.String)), boxes=pl.concat_list(box),
    width=pl.lit(3, pl.Int32), height=pl.lit(2, pl.Int32),
    sha256=pl.lit("0" * 64), path=pl.col("sample_id"), row=pl.lit(None, pl.Int64),
)
SAMPLES.write(frame, Path(sys.argv[1]))
print(pl.thread_pool_size(), hashlib.sha256(Path(sys.argv[1]).read_bytes()).hexdigest())
"""


def clusters(**columns):
    """A table of clusters, in the order given."""
    return pl.DataFrame(columns, schema_overrides={"cluster": pl.Int32})


TWO = clusters(sample_id=["b", "a"], cluster=[1, 2])


def test_rows_come_back_sorted_by_key(tmp_path):
    ASSIGNMENTS.write(TWO, tmp_path / "t")
    assert ASSIGNMENTS.read(tmp_path / "t").rows() == [("a", 2), ("b", 1)]
    assert TWO["sample_id"].to_list() == ["b", "a"]


def test_the_order_of_rows_and_columns_changes_no_byte(tmp_path):
    ASSIGNMENTS.write(TWO, tmp_path / "one")
    ASSIGNMENTS.write(TWO[::-1].select("cluster", "sample_id"), tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_chunks_of_a_frame_change_no_byte(tmp_path):
    ASSIGNMENTS.write(TWO, tmp_path / "one")
    ASSIGNMENTS.write(pl.concat([TWO[:1], TWO[1:]], rechunk=False), tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_processes_with_one_and_two_threads_write_the_same_bytes(tmp_path, root):
    started = [
        subprocess.Popen(
            [sys.executable, "-c", IN_ANOTHER_PROCESS, tmp_path / threads],
            env=os.environ | {"POLARS_MAX_THREADS": threads, "PYTHONHASHSEED": threads},
            stdout=subprocess.PIPE, text=True, cwd=root,
        )
        for threads in ("1", "2")
    ]  # fmt: skip
    (one, digest), (two, same) = [process.communicate()[0].split() for process in started]
    assert (one, two) == ("1", "2")
    assert digest == same


def test_an_empty_table_keeps_its_columns(tmp_path):
    ASSIGNMENTS.write(TWO[:0], tmp_path / "t")
    assert ASSIGNMENTS.read(tmp_path / "t").schema == TWO.schema


def test_parquet_readers_of_others_understand_it(tmp_path):
    ASSIGNMENTS.write(TWO, tmp_path / "t")
    assert pq.read_table(tmp_path / "t").to_pylist() == [
        {"sample_id": "a", "cluster": 2},
        {"sample_id": "b", "cluster": 1},
    ]
    assert pl.read_parquet(tmp_path / "t").equals(TWO.sort("sample_id"))


def test_some_columns_can_be_read(tmp_path):
    ASSIGNMENTS.write(TWO, tmp_path / "t")
    assert ASSIGNMENTS.read(tmp_path / "t", ["cluster"]).to_dict(as_series=False) == {
        "cluster": [2, 1]
    }


def test_streaming_yields_row_groups_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "ROWS_PER_GROUP", 2)
    ids = [f"{i}" for i in range(5)]
    ASSIGNMENTS.write(clusters(sample_id=ids, cluster=range(5)), tmp_path / "t")
    frames = list(ASSIGNMENTS.stream(tmp_path / "t"))
    assert [len(f) for f in frames] == [2, 2, 1]
    assert pl.concat(frames)["sample_id"].to_list() == ids


FAULTS = {
    "missing column": (TWO.drop("cluster"), "column 'cluster' is missing, expected Int32"),
    "missing key": (TWO.drop("sample_id"), "column 'sample_id' is missing, expected String"),
    "wrong type": (
        TWO.with_columns(pl.col("cluster").cast(pl.Int64)),
        "column 'cluster' is Int64, expected Int32",
    ),
    "extra column": (
        TWO.with_columns(colour=pl.lit("red")),
        r"unexpected column 'colour'; expected \['sample_id', 'cluster'\]",
    ),
    "duplicate key": (
        clusters(sample_id=["a", "b", "a"], cluster=[1, 2, 3]),
        "rule 'primary_key' fails in 2 rows, first at {'sample_id': 'a'}",
    ),
    "out of range": (
        clusters(sample_id=["a", "b"], cluster=[1, -2]),
        r"rule 'cluster\|min' fails in 1 rows, first at {'sample_id': 'b'}",
    ),
    "null": (
        clusters(sample_id=["a", "b"], cluster=[1, None]),
        r"rule 'cluster\|nullability' fails in 1 rows, first at {'sample_id': 'b'}",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_frame_is_not_written(tmp_path, fault):
    frame, message = FAULTS[fault]
    path = tmp_path / "clusters.parquet"
    ASSIGNMENTS.write(TWO, path)
    old = path.read_bytes()
    with pytest.raises(
        InputError, match=rf"clusters\.parquet: {message}; re-run `dvc repro clusters`"
    ):
        ASSIGNMENTS.write(frame, path)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_file_is_not_read(tmp_path, fault):
    frame, message = FAULTS[fault]
    metadata = {METADATA_KEY: b'{"artifact": "Assignments", "version": 1}'}
    arrow = frame.to_arrow(compat_level=pl.CompatLevel.oldest()).replace_schema_metadata(metadata)
    pq.write_table(arrow, tmp_path / "t")
    with pytest.raises(InputError, match=f"/t: {message}"):
        ASSIGNMENTS.read(tmp_path / "t")
    with pytest.raises(InputError, match=f"/t: {message}"):
        list(ASSIGNMENTS.stream(tmp_path / "t"))


def test_types_of_single_columns_are_checked(tmp_path):
    metadata = {METADATA_KEY: b'{"artifact": "Assignments", "version": 1}'}
    arrow = pa.table({"cluster": [1]}).replace_schema_metadata(metadata)
    pq.write_table(arrow, tmp_path / "t")
    with pytest.raises(InputError, match="column 'cluster' is Int64, expected Int32"):
        ASSIGNMENTS.read(tmp_path / "t", ["cluster"])
    with pytest.raises(InputError, match="column 'sample_id' is missing, expected String"):
        ASSIGNMENTS.read(tmp_path / "t", ["sample_id"])


def test_a_missing_file_names_the_commands(tmp_path):
    expected = r"/t: missing; run `dvc repro clusters` or `dvc pull`"
    with pytest.raises(InputError, match=expected):
        ASSIGNMENTS.read(tmp_path / "t")


@pytest.mark.parametrize("keep", [0, 3, 0.5, -1])
def test_a_truncated_file_is_named(tmp_path, keep):
    ASSIGNMENTS.write(TWO, tmp_path / "t")
    content = (tmp_path / "t").read_bytes()
    size = int(len(content) * keep) if isinstance(keep, float) else keep
    (tmp_path / "t").write_bytes(content[:size])
    expected = r"/t: not a complete Parquet file \(.*\); re-run `dvc repro clusters`"
    with pytest.raises(InputError, match=expected):
        ASSIGNMENTS.read(tmp_path / "t")


def test_damaged_pages_are_named(tmp_path):
    ASSIGNMENTS.write(TWO, tmp_path / "t")
    content = bytearray((tmp_path / "t").read_bytes())
    content[4:60] = bytes(56)  # behind "PAR1": the header of the first page
    (tmp_path / "t").write_bytes(content)
    for read in (ASSIGNMENTS.read, lambda path: list(ASSIGNMENTS.stream(path))):
        with pytest.raises(
            InputError, match=r"(?s)/t: damaged \(.*\); re-run `dvc repro clusters`"
        ):
            read(tmp_path / "t")


def test_a_folder_is_no_table(tmp_path):
    with pytest.raises(InputError, match="not a complete Parquet file"):
        ASSIGNMENTS.read(tmp_path)


def test_a_table_of_another_artifact_is_named(tmp_path):
    ASSIGNMENTS.write(TWO, tmp_path / "t")
    expected = (
        r"holds {'artifact': 'Assignments', 'version': 1}, expected "
        r"{'artifact': 'Rejected', 'version': 1}; re-run `dvc repro ingest`"
    )
    with pytest.raises(InputError, match=expected):
        REJECTED.read(tmp_path / "t")


def test_a_table_of_another_version_is_named(tmp_path):
    Table(Assignments, stage="clusters", version=2).write(TWO, tmp_path / "t")
    with pytest.raises(InputError, match=r"'version': 2}, expected .*'version': 1}"):
        ASSIGNMENTS.read(tmp_path / "t")


def test_a_table_of_another_program_is_named(tmp_path):
    TWO.write_parquet(tmp_path / "t")
    with pytest.raises(InputError, match="holds a table of another program, expected"):
        ASSIGNMENTS.read(tmp_path / "t")


def test_dtypes_and_key_are_those_of_the_schema():
    assert ASSIGNMENTS.dtypes == {"sample_id": pl.String(), "cluster": pl.Int32()}
    assert REJECTED.key == ["item", "reason"]
