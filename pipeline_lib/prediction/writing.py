"""Tables that grow while they are made, outlive a kill, and are there whole or not at all."""

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline_lib.artifacts.atomic import replacing
from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.datasets.reader import Item, Rejection
from pipeline_lib.errors import InputError
from pipeline_lib.fingerprint import digest
from pipeline_lib.prediction.scoring import Batch, Outcome, Scoring
from pipeline_lib.prediction.sources import Pictures
from pipeline_lib.prediction.table import REASON, Layout, as_csv, refuse_separator
from pipeline_lib.progress import Track

CHUNK = 256  # pictures that a kill costs at most, beside those at work
GROUP = 2**26  # bytes of rows that are one group of Parquet
ABOUT = ".about.json"  # beside the table: what it is of
FORMATS = (".csv", ".parquet")


class Chunk(NamedTuple):
    """Pictures whose rows are kept together until all are there."""

    key: str  # of what decides them: pictures, run and layout
    items: list[Item | Rejection]

    @property
    def ids(self) -> list[str]:
        """The ids of the pictures."""
        return [i.key if isinstance(i, Item) else i.item for i in self.items]


def chunks(pictures: Pictures, key: str) -> Iterator[Chunk]:
    """Part pictures by their places, so that a chunk does not depend on where work began."""
    items = pictures.items()
    while some := list(islice(items, CHUNK)):
        state = [(_place(item), pictures.state(item.path or "")) for item in some]
        yield Chunk(digest([key, state]), some)


def _place(item: Item | Rejection) -> tuple[str | None, ...]:
    if isinstance(item, Rejection):
        return item.item, item.reason
    return item.key, item.path, None if item.row is None else str(item.row)


@dataclass(frozen=True)
class Parts:
    """Finished chunks beside the table that they are for."""

    folder: Path

    @classmethod
    def of(cls, out: Path) -> "Parts":
        """Return those of a table."""
        return cls(out.with_name(f".{out.name}.parts"))

    def add(self, key: str, frame: pl.DataFrame) -> None:
        """Keep the rows of a chunk."""
        with replacing(self._path(key)) as temporary:
            frame.write_parquet(temporary)

    def has(self, key: str) -> bool:
        """Tell whether a chunk is kept whole; a damaged one is computed again."""
        try:
            return self._path(key).exists() and bool(pq.read_metadata(self._path(key)).num_rows)
        except (pa.ArrowException, OSError):
            return False

    def read(self, key: str) -> pl.DataFrame:
        """Return the rows of a chunk."""
        return pl.read_parquet(self._path(key))

    def clear(self) -> None:
        """Delete all of them."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.parquet"


def frames(
    wanted: Iterable[Chunk], scoring: Scoring, layout: Layout
) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield the key and the rows of every chunk."""
    pending: list[Chunk] = []
    size = scoring.run.batch_size

    def batches() -> Iterator[Batch]:
        for chunk in wanted:
            pending.append(chunk)
            for start in range(0, len(chunk.items), size):
                end = start + size
                yield Batch(chunk.items[start:end], last=end >= len(chunk.items))

    found: list[Outcome] = []
    for batch, outcomes in scoring.outcomes(batches()):
        found += outcomes
        if batch.last:
            chunk = pending.pop(0)
            yield chunk.key, layout.frame(chunk.ids, found)
            found = []


def write_predictions(
    out: Path, scoring: Scoring, layout: Layout, *, key: str, about: dict[str, Any], track: Track
) -> dict[str, int]:
    """Write a row for every picture, and beside the table what it is of.

    Rows that an earlier, killed call finished are not computed again, and the end has equal bytes.

    Returns:
        the reasons of rows without a prediction, with their numbers.

    Raises:
        InputError: ``out`` is of another kind or somebody else's, cannot be written, or what the
            pictures or the run are to blame for.
    """
    refuse_others(out, layout)
    parts, keys = Parts.of(out), list[str]()

    def missing() -> Iterator[Chunk]:
        for chunk in tracked(scoring.pictures, key, track):
            keys.append(chunk.key)
            if not parts.has(chunk.key):
                yield chunk

    for of, frame in frames(missing(), scoring, layout):
        parts.add(of, frame)
    reasons = Counter[str]()
    with replacing(out) as temporary:
        whole = (_counted(parts.read(of), reasons) for of in keys)
        write = _write_csv if out.suffix == ".csv" else _write_parquet
        write(temporary, whole, layout)
    counts = dict(sorted(reasons.items()))
    write_json(about_path(out), about | {"without_prediction": counts})
    parts.clear()
    return counts


def tracked(pictures: Pictures, key: str, track: Track) -> Iterator[Chunk]:
    """Yield the chunks under a display of progress."""
    total = -(-len(pictures) // CHUNK)
    return track(chunks(pictures, key), label=f"pictures, {CHUNK} at a time", total=total)


def about_path(out: Path) -> Path:
    """Return where it is told what a table is of."""
    return out.with_name(f"{out.name}{ABOUT}")


def refuse_others(out: Path, layout: Layout) -> None:
    """Do nothing where a table can be written.

    Raises:
        InputError: the name ends otherwise, a name of a tag does not fit, or the file is not ours.
    """
    if out.suffix not in FORMATS:
        raise InputError(
            f"{out}: ends in '{out.suffix}', expected {' or '.join(FORMATS)}; name the file so"
        )
    if out.exists() and not about_path(out).exists():
        raise InputError(
            f"{out}: is there already and was not written by `protoweave predict`, expected a new "
            "file or one of its own; choose another name, or move it away"
        )
    if out.suffix == ".csv" and layout.cuts is not None:
        refuse_separator(layout.names)


def _counted(frame: pl.DataFrame, reasons: Counter[str]) -> pl.DataFrame:
    reasons.update(frame[REASON].drop_nulls().to_list())
    return frame


def _write_csv(path: Path, rows: Iterable[pl.DataFrame], layout: Layout) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(as_csv(layout.frame([], []), header=True))
        for frame in rows:
            file.write(as_csv(frame, header=False))


def _write_parquet(path: Path, rows: Iterable[pl.DataFrame], layout: Layout) -> None:
    schema = layout.frame([], []).to_arrow().schema
    with pq.ParquetWriter(path, schema) as writer:
        for group in _groups(rows):
            writer.write_table(group.to_arrow(), row_group_size=len(group))


def _groups(rows: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Put small frames together, as readers want groups of some size."""
    held: list[pl.DataFrame] = []
    for frame in rows:
        held.append(frame)
        if sum(one.estimated_size() for one in held) >= GROUP:
            yield pl.concat(held)
            held = []
    if held:
        yield pl.concat(held)
