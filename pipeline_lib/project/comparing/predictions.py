"""Predictions that were made elsewhere, as a table: a row per image, a column per class or tag.

Columns bear the names alone, or as `protoweave predict` writes them: "score NAME", or "probability
NAME". The others are not looked at.
"""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
from scipy.special import logit

from pipeline_lib.datasets.label_names import some
from pipeline_lib.errors import InputError
from pipeline_lib.params.nearest import nearest

Kind = Literal["scores", "probabilities"]
IDS = ("sample_id", "id")
FORMS: tuple[tuple[str, Kind | None], ...] = (
    ("score ", "scores"),
    ("probability ", "probabilities"),
    ("", None),
)
CERTAIN = 1000.0  # in place of an infinite logit or log: beyond all others


@dataclass(frozen=True)
class Predictions:
    """What a table says of the images of a split."""

    scores: np.ndarray  # (images, names) float64; logs or logits where they were probabilities
    names: list[str]  # those of the known names that have a column, in their order
    kind: Kind  # what the columns hold
    said: bool  # whether somebody said so; else it is read off the numbers
    more: bool  # whether the images that may lack are there, after the others
    others: int  # rows of other images of the data set
    unread: list[str]  # columns that nothing is taken from


def columns_of(path: Path) -> list[str]:
    """Return the names of the columns of a table.

    Raises:
        InputError: it is neither Parquet nor CSV, missing or damaged.
    """
    with _reading(path):
        if path.suffix == ".parquet":
            return list(pl.read_parquet_schema(path))
        with path.open(encoding="utf-8-sig", newline="") as file:
            return next(csv.reader(file), [])


def found_names(columns: Sequence[str], names: Sequence[str]) -> tuple[str, list[str]]:
    """Return how columns are called before the names, and the names that have one."""
    there = set(columns)
    held = [(form, [n for n in names if f"{form}{n}" in there]) for form, _ in FORMS]
    return max(held, key=lambda pair: len(pair[1]))  # the first of equal ones


def read_predictions(
    path: Path,
    ids: Sequence[str],
    known: set[str],
    names: Sequence[str],
    *,
    more: Sequence[str] = (),
    exclusive: bool = False,
    id_column: str = "",
    kind: Kind | None = None,
) -> Predictions:
    """Read what a table says of some images.

    Args:
        path: Parquet or CSV.
        ids: of the images that are judged, in order.
        known: the ids of all images of the data set.
        names: of all classes or tags, in index order; some may lack.
        more: ids of images that are read too if all of them are there.
        exclusive: whether probabilities are a softmax over the names, else they are sigmoids.
        id_column: which column holds ids; "" is "sample_id", or "id".
        kind: what the columns of scores hold; None reads it off their names or numbers.

    Raises:
        InputError: images or ids are missing, unknown or repeated, or a value is no finite number.
    """
    table = _read(path)
    column = _id_column(path, table.columns, id_column)
    form, have = found_names([c for c in table.columns if c != column], names)
    read = [f"{form}{name}" for name in have]
    there = table[column].cast(pl.String)
    with_more = set(more) <= set(there)
    ids = [*ids, *more] if with_more else list(ids)
    rows = _rows(path, there, ids, known)
    values = _numbers(path, table[rows].select(read), ids)
    said = kind or dict(FORMS)[form]
    of_range: Kind = "probabilities" if ((values >= 0) & (values <= 1)).all() else "scores"
    held = said or of_range
    return Predictions(
        scores=values if held == "scores" else _scores(path, values, read, ids, exclusive),
        names=have,
        kind=held,
        said=said is not None,
        more=with_more,
        others=len(table) - len(ids),
        unread=[c for c in table.columns if c not in {column, *read}],
    )


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    if path.suffix not in (".parquet", ".csv"):
        raise InputError(f"{path}: expected predictions as .parquet or .csv, found '{path.suffix}'")
    if not path.is_file():
        raise InputError(f"{path}: no such file, expected predictions as Parquet or CSV")
    try:
        yield
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as a table ({error}); write it anew") from error


def _read(path: Path) -> pl.DataFrame:
    """Read the table; ids are texts, and names of columns are as CSV quotes them."""
    columns = columns_of(path)
    if len(set(columns)) < len(columns):
        raise InputError(f"{path}: two columns have one name, expected different names")
    with _reading(path):
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        ids = dict.fromkeys(IDS, pl.String)
        frame = pl.read_csv(path, infer_schema_length=None, schema_overrides=ids)
        return frame.rename(dict(zip(frame.columns, columns, strict=True)))


def _id_column(path: Path, columns: Sequence[str], wanted: str) -> str:
    for name in [wanted] if wanted else IDS:
        if name in columns:
            return name
    expected = wanted or " or ".join(IDS)
    raise InputError(
        f"{path}: has no column '{expected}', expected one with the ids of samples.parquet; name "
        f"it with --id{nearest(expected, columns)}"
    )


def _rows(path: Path, found: pl.Series, ids: Sequence[str], known: set[str]) -> list[int]:
    """Return the row of each image."""
    unknown = [one for one in found.to_list() if one not in known]
    if unknown:
        raise InputError(
            f"{path}: {len(unknown)} of {len(found)} ids are no images of the data set, such as "
            f"{some(list(map(str, unknown)))}, expected those of data/artifacts/ingest/"
            f"samples.parquet{nearest(unknown[0], known)}"
        )
    place: dict[str, int] = {}
    for row, one in enumerate(found.to_list()):
        if place.setdefault(one, row) != row:
            raise InputError(
                f"{path}: id '{one}' is in rows {place[one]} and {row}, expected one row per image"
            )
    lost = [one for one in ids if one not in place]
    if lost:
        raise InputError(
            f"{path}: {len(lost)} of the {len(ids)} images that are judged have no row, such as "
            f"{some(lost)}, expected all, as metrics on some of them compare with nothing"
        )
    return [place[one] for one in ids]


def _numbers(path: Path, table: pl.DataFrame, ids: Sequence[str]) -> np.ndarray:
    """Return the values (images, columns)."""
    for column, kind in table.schema.items():
        if not kind.is_numeric():
            raise InputError(f"{path}: column '{column}' is {kind}, expected numbers")
    values = table.select(pl.all().cast(pl.Float64).fill_null(np.nan)).to_numpy()
    _refuse(path, ~np.isfinite(values), values, table.columns, ids, "finite numbers")
    return values


def _scores(
    path: Path, values: np.ndarray, columns: Sequence[str], ids: Sequence[str], exclusive: bool
) -> np.ndarray:
    """Return what a softmax over the names, or a sigmoid of each, turns into the probabilities."""
    _refuse(path, (values < 0) | (values > 1), values, columns, ids, "probabilities, 0 to 1")
    with np.errstate(divide="ignore"):
        turned = np.log(values) if exclusive else logit(values)
    found: np.ndarray = np.clip(turned, -CERTAIN, CERTAIN)
    return found


def _refuse(
    path: Path,
    wrong: np.ndarray,
    values: np.ndarray,
    columns: Sequence[str],
    ids: Sequence[str],
    expected: str,
) -> None:
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise InputError(
            f"{path}: {int(wrong.sum())} values are wrong, first {values[row, column]} in column "
            f"'{columns[column]}' of image '{ids[row]}', expected {expected}"
        )
