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
from threading import Lock
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline_lib.datasets.parquet_layout import ARROW
from pipeline_lib.errors import InputError

ROWS = 1024  # that are Python objects at a time
BUFFER = 2**20  # bytes that are read ahead, instead of a whole column of a group
LARGE = 2**28  # bytes of a group, above which it is not kept as a whole, …
WINDOW = 2**26  # … but so many bytes of it
MAGIC = b"ARROW1"  # at the head of an Arrow file with an index; a stream has none

Cells = dict[str, Any]


@dataclass(frozen=True)
class File:
    """One file of a data set."""

    path: str  # relative to the data set's folder
    bounds: tuple[int, ...]  # first row of every group, then the number of rows
    modified: int  # ns

    def cell(self, folder: Path, column: str, row: int) -> Any:
        """Return one cell; the group it is in, or a part of it, stays in memory, the last one only.

        Raises:
            IndexError: the file has no such row.
            OSError: the group is damaged.
        """
        group = bisect_right(self.bounds, row) - 1
        if row >= self.bounds[-1]:
            raise IndexError(f"row {row} of {self.bounds[-1]}")
        path, inside = folder / self.path, row - self.bounds[group]
        try:
            if _is_arrow(path):
                return _mapped_column(path, self.modified, group, column)[inside].as_py()
            return _scan(path, self.modified, group, column).cell(inside)
        except pa.ArrowException as error:
            raise OSError(str(error)) from error


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

    Without a name the column holds the texts. A text that is not in UTF-8 is None.

    Raises:
        InputError: the file is damaged.
    """
    wanted = [column] if _is_arrow(path) or not name else [f"{column}.{name}"]
    with _damage_of(path):
        for batch in _mapped_rows(path, wanted) if _is_arrow(path) else _read_rows(path, wanted):
            texts = batch.column(column)
            texts = pc.struct_field(texts, name) if name else texts
            try:
                yield from texts.to_pylist()
            except UnicodeDecodeError:
                yield from (_text(text) for text in texts)


def inspect(path: Path, folder: Path) -> tuple[File, pa.Schema]:
    """Read where a file's groups are, and its schema.

    Raises:
        InputError: the file is truncated or is of another kind.
    """
    with _damage_of(path):
        modified = path.stat().st_mtime_ns
        schema, sizes = _mapped_sizes(path, modified) if _is_arrow(path) else _read_sizes(path)
        _decode_names(schema)
    bounds = tuple(accumulate(sizes, initial=0))
    return File(path.relative_to(folder).as_posix(), bounds, modified), schema


def _decode_names(kind: pa.Schema | pa.DataType) -> None:
    """Read every name once: a damaged one fails where it is read, which is far from here."""
    count = len(kind) if isinstance(kind, pa.Schema) else kind.num_fields
    for place in range(count):
        field = kind.field(place)
        assert field.name is not None
        _decode_names(field.type)


def _cells(row: pa.RecordBatch) -> Cells | None:
    try:
        cells: Cells = row.to_pylist()[0]
        return cells
    except UnicodeDecodeError:
        return None


def _text(cell: pa.Scalar) -> str | None:
    try:
        text: str | None = cell.as_py()
        return text
    except UnicodeDecodeError:
        return None


def _read_rows(path: Path, columns: list[str]) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(path, buffer_size=BUFFER, pre_buffer=False) as file:
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
def _mapped_column(path: Path, modified: int, group: int, column: str) -> pa.Array:
    cells = _mapped(path, modified)[1][group].column(column)
    cells.validate(full=True)
    return cells


class _Scan:
    """A column of one row group, of which a window of rows is in memory and moves forwards.

    Programs that write a file at once make one group of it, which may be larger than memory.
    """

    def __init__(self, path: Path, group: int, column: str) -> None:
        self._file = pq.ParquetFile(path, buffer_size=BUFFER, pre_buffer=False)
        self._group, self._column = group, column
        meta = self._file.metadata.row_group(group)
        share = 1.0 if meta.total_byte_size <= LARGE else WINDOW / meta.total_byte_size
        self._rows = max(1, int(meta.num_rows * share))
        self._lock = Lock()
        self._start, self._cells = 0, pa.array([])  # first row of the window, and its cells
        self._restart()

    def cell(self, row: int) -> Any:
        """Return the cell of one row of the group."""
        with self._lock:
            if row < self._start:
                self._restart()
            while row >= self._start + len(self._cells):
                self._start += len(self._cells)
                self._cells = self._next()
            return self._cells[row - self._start].as_py()

    def _restart(self) -> None:
        self._start, self._cells = 0, pa.array([])
        self._batches = self._file.iter_batches(
            self._rows, row_groups=[self._group], columns=[self._column]
        )

    def _next(self) -> pa.Array:
        try:
            return next(self._batches).column(self._column)
        except (StopIteration, pa.ArrowException) as error:
            self._restart()
            raise OSError(f"row group {self._group} is damaged: {error}") from error


@lru_cache(maxsize=1)
def _scan(path: Path, modified: int, group: int, column: str) -> _Scan:
    """Return the one scan that is going on; ``modified`` as above."""
    return _Scan(path, group, column)


def _is_arrow(path: Path) -> bool:
    return path.suffix.lower() in ARROW


@contextmanager
def _damage_of(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:  # the last: of a name
        raise InputError(
            f"{path}: not a complete {'Arrow' if _is_arrow(path) else 'Parquet'} file ({error}); "
            "fetch it again, or move it away to go on without it"
        ) from error
