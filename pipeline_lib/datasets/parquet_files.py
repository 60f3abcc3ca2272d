"""Read files of rows by group: labels without the images, images one group at a time.

A group is a row group of a Parquet file or a record batch of an Arrow file, which is mapped into
memory, not read.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline_lib.datasets.parquet_layout import ARROW
from pipeline_lib.errors import InputError

ROWS = 1024  # that are Python objects at a time
MAGIC = b"ARROW1"  # at the head of an Arrow file with an index; a stream has none

Cells = dict[str, Any]


@dataclass(frozen=True)
class File:
    """One file of a data set."""

    path: str  # relative to the data set's folder
    bounds: tuple[int, ...]  # first row of every group, then the number of rows
    modified: int  # ns

    def cell(self, folder: Path, column: str, row: int) -> Any:
        """Return one cell; the group it is in stays in memory, the last one only.

        Raises:
            IndexError: the file has no such row.
            OSError: the group is damaged.
        """
        group = bisect_right(self.bounds, row) - 1
        if row >= self.bounds[-1]:
            raise IndexError(f"row {row} of {self.bounds[-1]}")
        cells = _group(folder / self.path, self.modified, group, column)
        return cells[row - self.bounds[group]].as_py()


def rows(path: Path, columns: Sequence[str]) -> Iterator[Cells | None]:
    """Yield ``columns`` of every row; None for a row with a text that is not in UTF-8.

    Raises:
        InputError: the file is damaged.
    """
    wanted = list(dict.fromkeys(columns))
    with _damage_of(path):
        for batch in _mapped_rows(path, wanted) if _is_arrow(path) else _read_rows(path, wanted):
            try:
                yield from batch.to_pylist()
            except UnicodeDecodeError:
                yield from (_cells(batch.slice(row, 1)) for row in range(batch.num_rows))


def texts_within(path: Path, column: str, name: str) -> Iterator[str | None]:
    """Yield the field ``name`` of the structs in a column, without reading the other fields.

    Raises:
        InputError: the file is damaged.
    """
    wanted = [column] if _is_arrow(path) else [f"{column}.{name}"]
    with _damage_of(path):
        for batch in _mapped_rows(path, wanted) if _is_arrow(path) else _read_rows(path, wanted):
            structs = batch.column(column)
            yield from pc.struct_field(structs, name).to_pylist()


def inspect(path: Path, folder: Path) -> tuple[File, pa.Schema]:
    """Read where a file's groups are, and its schema.

    Raises:
        InputError: the file is truncated or is of another kind.
    """
    with _damage_of(path):
        modified = path.stat().st_mtime_ns
        schema, sizes = _mapped_sizes(path, modified) if _is_arrow(path) else _read_sizes(path)
    bounds = tuple(accumulate(sizes, initial=0))
    return File(path.relative_to(folder).as_posix(), bounds, modified), schema


def _cells(row: pa.RecordBatch) -> Cells | None:
    try:
        cells: Cells = row.to_pylist()[0]
        return cells
    except UnicodeDecodeError:
        return None


def _read_rows(path: Path, columns: list[str]) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path) as file:
        yield from file.iter_batches(ROWS, columns=columns)


def _read_sizes(path: Path) -> tuple[pa.Schema, list[int]]:
    with pq.ParquetFile(path) as file:
        groups = range(file.num_row_groups)
        return file.schema_arrow, [file.metadata.row_group(group).num_rows for group in groups]


def _mapped_rows(path: Path, columns: list[str]) -> Iterator[pa.RecordBatch]:
    for batch in _mapped(path, path.stat().st_mtime_ns)[1]:
        chosen = batch.select(columns)
        chosen.validate(full=True)  # mapped memory is used as it is: damage would be a crash
        yield from (chosen.slice(start, ROWS) for start in range(0, chosen.num_rows, ROWS))


def _mapped_sizes(path: Path, modified: int) -> tuple[pa.Schema, list[int]]:
    schema, batches = _mapped(path, modified)
    return schema, [batch.num_rows for batch in batches]


@lru_cache(maxsize=64)
def _mapped(path: Path, modified: int) -> tuple[pa.Schema, list[pa.RecordBatch]]:
    """Return the batches of an Arrow file; ``modified`` keeps the cache true to the file."""
    source = pa.memory_map(str(path))
    if source.read(len(MAGIC)) == MAGIC:
        file = pa.ipc.open_file(source)
        return file.schema, [file.get_batch(place) for place in range(file.num_record_batches)]
    source.seek(0)
    stream = pa.ipc.open_stream(source)
    return stream.schema, list(stream)


@lru_cache(maxsize=1)
def _group(path: Path, modified: int, group: int, column: str) -> pa.Array | pa.ChunkedArray:
    """Return a column of one group; ``modified`` as above."""
    try:
        if _is_arrow(path):
            cells = _mapped(path, modified)[1][group].column(column)
            cells.validate(full=True)
            return cells
        with pq.ParquetFile(path) as file:
            return file.read_row_group(group, columns=[column]).column(column)
    except pa.ArrowException as error:
        raise OSError(str(error)) from error


def _is_arrow(path: Path) -> bool:
    return path.suffix.lower() in ARROW


@contextmanager
def _damage_of(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{path}: not a complete {'Arrow' if _is_arrow(path) else 'Parquet'} file ({error}); "
            "fetch it again, or move it away to go on without it"
        ) from error
