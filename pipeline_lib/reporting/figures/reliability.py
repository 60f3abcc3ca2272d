"""A reliability diagram: what came true against what was believed, a line per kind of belief."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

SIDE = 200  # of the plotting area, pixels
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
SMALLEST, LARGEST = 1.5, 5.0  # radii of marks, pixels; their areas grow with the beliefs


@dataclass(frozen=True)
class Mark:
    """One bin; pixels from the top left corner of the plotting area."""

    x: float
    y: float
    radius: float
    probability: float  # mean of the bin
    true: float  # the share that came true
    beliefs: int


@dataclass(frozen=True)
class Line:
    """The bins of one kind of belief that hold something, by rising probability."""

    name: str
    points: str  # "x,y x,y …", as SVG wants it
    whiskers: str  # a path: of each bin the 95 % interval of what came true
    marks: list[Mark]


@dataclass(frozen=True)
class Reliability:
    """The diagram."""

    lines: list[Line]
    ticks: list[tuple[float, float]]  # pixels from the left, or from the bottom; value


def reliability(tables: Mapping[str, pl.DataFrame]) -> Reliability:
    """Draw tables of bins (artifacts/evaluation.py, Reliability), one for each kind of belief."""
    lines = [_line(name, table.drop_nulls().sort("bin")) for name, table in tables.items()]
    return Reliability(lines, [(SIDE * tick, tick) for tick in TICKS])


def _line(name: str, table: pl.DataFrame) -> Line:
    most = max(table["beliefs"].to_list(), default=1)
    marks = [
        Mark(
            x=round(SIDE * row["probability"], 1),
            y=_height(row["true"]),
            radius=round(SMALLEST + (LARGEST - SMALLEST) * (row["beliefs"] / most) ** 0.5, 1),
            probability=row["probability"],
            true=row["true"],
            beliefs=row["beliefs"],
        )
        for row in table.iter_rows(named=True)
    ]
    ends = zip(marks, table["true_low"], table["true_high"], strict=True)
    return Line(
        name=name,
        points=" ".join(f"{mark.x:g},{mark.y:g}" for mark in marks),
        whiskers="".join(f"M{m.x:g} {_height(low):g}V{_height(high):g}" for m, low, high in ends),
        marks=marks,
    )


def _height(share: float) -> float:
    return round(SIDE * (1 - share), 1)
