"""One line per category on a common axis: where each run's AP lies."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from pipeline_lib.evaluation.intervals import Estimate

TICKS = (0.0, 0.5, 1.0)  # few, since every line draws them


@dataclass(frozen=True)
class Mark:
    """A run's AP; a place on the axis is the AP itself, 0…1."""

    run: str
    colour: int  # the run's number, the same in every figure
    estimate: Estimate


@dataclass(frozen=True)
class Line:
    """One category."""

    name: str
    images: int  # that carry it
    marks: list[Mark]


@dataclass(frozen=True)
class ByCategory:
    """Categories by falling AP of the first run, rare categories last among equal ones."""

    runs: dict[str, int]  # their colours
    lines: list[Line]
    unknown: int  # categories that no image carries


def by_category(tables: Mapping[str, pl.DataFrame], colours: Mapping[str, int]) -> ByCategory:
    """Arrange average_precision.parquet of each run, one metric on one split; colours by run."""
    first = next(iter(tables.values()))
    known = first.drop_nulls("value").sort(
        "value", "images", "category", descending=[True, True, False]
    )
    rows = {run: _rows(table) for run, table in tables.items()}
    lines = [
        Line(
            name,
            images,
            [Mark(run, colours[run], rows[run][category]) for run in rows],
        )
        for category, name, images in known.select("category", "name", "images").iter_rows()
    ]
    return ByCategory({run: colours[run] for run in tables}, lines, len(first) - len(known))


def _rows(table: pl.DataFrame) -> dict[int, Estimate]:
    known = table.drop_nulls("value")
    columns = known.select("category", "value", "low", "high")
    return {category: Estimate(*values) for category, *values in columns.iter_rows()}
