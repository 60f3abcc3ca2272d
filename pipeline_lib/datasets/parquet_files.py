"""Read Parquet files by row group: labels without the images, images one group at a time."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline_lib.errors import InputError


@dataclass(frozen=True)
class File:
    """One Parquet file of a data set."""

    path: str  # relative to the data set's folder
    bounds: tuple[int, ...]  # first row of every row group, then the number of rows
    modified: int  # ns

    def cell(self, folder: Path, column: str, row: int) -> Any:
        """Return one cell; the row group it is in stays in memory, the last one only.

        Raises:
            IndexError: the file has no such row.
        """
        group = bisect_right(self.bounds, row) - 1
        if row >= self.bounds[-1]:
            raise IndexError(f"row {row} of {self.bounds[-1]}")
        cells = _row_group(folder / self.path, self.modified, group, column)
        return cells[row - self.bounds[group]].as_py()


def find_files(root: Path) -> list[Path]:
    """Return ``root`` itself, the Parquet files in it, or those in its folder ``data``."""
    if root.is_file():
        return [root] if root.suffix == ".parquet" else []
    return sorted(root.glob("*.parquet")) or sorted(root.glob("data/*.parquet"))


def inspect(path: Path, folder: Path) -> tuple[File, pa.Schema]:
    """Read a file's footer.

    Raises:
        InputError: the file is truncated or is no Parquet file.
    """
    with _opened(path) as file:
        sizes = (file.metadata.row_group(group).num_rows for group in range(file.num_row_groups))
        bounds = tuple(accumulate(sizes, initial=0))
        relative = path.relative_to(folder).as_posix()
        return File(relative, bounds, path.stat().st_mtime_ns), file.schema_arrow


def rows(path: Path, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield ``columns`` of every row.

    Raises:
        InputError: the file is damaged.
    """
    with _opened(path) as file:
        for group in range(file.num_row_groups):
            try:
                table = file.read_row_group(group, columns=list(columns))
            except (pa.ArrowInvalid, OSError) as error:
                raise _damaged(path, error) from error
            yield from table.to_pylist()


def _opened(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(
        f"{path}: not a complete Parquet file ({error}); fetch it again, or move it away to go on "
        "without it"
    )


@lru_cache(maxsize=1)
def _row_group(path: Path, modified: int, group: int, column: str) -> pa.ChunkedArray:
    """Return one row group; ``modified`` keeps the cache from outliving a change of the file."""
    with pq.ParquetFile(path) as file:
        return file.read_row_group(group, columns=[column]).column(column)
