"""Parquet tables with a contract: checked on write and read, sorted by key, stable bytes."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dataframely as dy
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline_lib.artifacts.atomic import replacing
from pipeline_lib.artifacts.versions import remedy
from pipeline_lib.errors import InputError

ROWS_PER_GROUP = 65_536
METADATA_KEY = b"protoweave"


@dataclass(frozen=True)
class Table:
    """One kind of table: its schema, the stage that writes it, and the version of its layout."""

    schema: type[dy.Schema]
    stage: str
    version: int = 1

    @property
    def key(self) -> list[str]:
        """The columns that identify and order the rows."""
        return self.schema.primary_key()

    @property
    def dtypes(self) -> pl.Schema:
        """The columns and their types."""
        return self.schema.create_empty().schema

    def write(self, frame: pl.DataFrame, path: Path) -> None:
        """Check ``frame``, sort it by key, and write it atomically.

        Raises:
            InputError: the frame breaks the contract, or the disk refuses.
        """
        frame = self.check(frame, path).select(self.dtypes.names()).sort(self.key)
        arrow = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        metadata = {"artifact": self.schema.__name__, "version": self.version}
        arrow = arrow.replace_schema_metadata({METADATA_KEY: json.dumps(metadata, sort_keys=True)})
        with replacing(path) as temporary:
            pq.write_table(arrow, temporary, row_group_size=ROWS_PER_GROUP, compression="zstd")

    def read(self, path: Path, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """Read and check the table; with ``columns``, only their types are checked.

        Raises:
            InputError: the file is missing, damaged, of another artifact, or breaks the contract.
        """
        with self._opened(path) as file, self._decoding(path):
            arrow = file.read(columns=None if columns is None else list(columns))
        frame = pl.DataFrame(arrow)
        return self.check(frame, path) if columns is None else self._typed(frame, path, columns)

    def stream(self, path: Path) -> Iterator[pl.DataFrame]:
        """Yield the table one row group at a time, for tables larger than memory."""
        with self._opened(path) as file:
            for group in range(file.num_row_groups):
                with self._decoding(path):
                    arrow = file.read_row_group(group)
                yield self.check(pl.DataFrame(arrow), path)

    def check(self, frame: pl.DataFrame, path: Path) -> pl.DataFrame:
        """Return ``frame``, or raise an InputError that names its first fault."""
        self._typed(frame, path, self.dtypes.names())
        extra = set(frame.columns) - set(self.dtypes)
        if extra:
            raise self._fault(
                path, f"unexpected column '{min(extra)}'; expected {self.dtypes.names()}"
            )
        _, failure = self.schema.filter(frame)
        if len(failure):
            rule, rows = next(iter(failure.counts().items()))
            example = failure.invalid().select(self.key).row(0, named=True)
            raise self._fault(path, f"rule '{rule}' fails in {rows} rows, first at {example}")
        return frame

    def _typed(self, frame: pl.DataFrame, path: Path, columns: Sequence[str]) -> pl.DataFrame:
        """Return ``frame``, or raise an InputError for the first missing or mistyped column."""
        for column in columns:
            found, expected = frame.schema.get(column, "missing"), self.dtypes[column]
            if found != expected:
                raise self._fault(path, f"column '{column}' is {found}, expected {expected}")
        return frame

    def _opened(self, path: Path) -> pq.ParquetFile:
        try:
            file = pq.ParquetFile(path, memory_map=True)
        except FileNotFoundError as error:
            raise InputError(
                f"{path}: missing; run `dvc repro {self.stage}` or `dvc pull`"
            ) from error
        except (pa.ArrowInvalid, OSError) as error:
            raise self._fault(path, f"not a complete Parquet file ({error})") from error
        written = json.loads((file.schema_arrow.metadata or {}).get(METADATA_KEY, b"{}"))
        expected = {"artifact": self.schema.__name__, "version": self.version}
        if written != expected:
            file.close()
            raise InputError(
                f"{path}: holds {written or 'a table of another program'}, expected {expected}; "
                f"{remedy(self.stage, expected, written)}"
            )
        return file

    @contextmanager
    def _decoding(self, path: Path) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, OSError) as error:
            raise self._fault(path, f"damaged ({error})") from error

    def _fault(self, path: Path, what: str) -> InputError:
        return InputError(f"{path}: {what}; re-run `dvc repro {self.stage}`")
