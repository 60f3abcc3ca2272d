"""Section "Results": every run on every evaluation split, and against the reference."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.reporting.figures.by_category import ByCategory, by_category
from pipeline_lib.reporting.figures.dots import Dots, dots
from pipeline_lib.reporting.protocols import PROTOCOLS, cut_of, protocol_of, protocols_of
from pipeline_lib.reporting.runs import Run

Rows = Mapping[tuple[str, str, str], dict[str, Any]]
"""The table of comparisons by run, split and metric."""


@dataclass(frozen=True)
class Score:
    """One metric of one run."""

    estimate: Estimate
    difference: Estimate | None  # to the reference
    verdict: str  # of the difference
    seed_std: float | None  # standard deviation between seeds, where there are several


@dataclass(frozen=True)
class Line:
    """One run in a table."""

    run: Run
    scores: list[Score]  # one per metric


@dataclass(frozen=True)
class Protocol:
    """The metrics of one protocol on one split."""

    name: str
    metrics: list[str]
    lines: list[Line]


@dataclass(frozen=True)
class Split:
    """One evaluation split."""

    name: str
    images: int
    protocols: list[Protocol]


@dataclass(frozen=True)
class Results:
    """The section."""

    target: str
    reference: str  # "" without one
    headline: str  # the metric of the chart
    dots: Dots
    chart: ByCategory | None  # AP of every tag on the first split
    splits: list[Split]


def results(runs: list[Run], comparison: pl.DataFrame, reference: str) -> Results:
    """Arrange the table of comparisons of runs with one target; there is at least one run."""
    target, splits = runs[0].target, runs[0].splits
    rows = {(r["run"], r["split"], r["metric"]): r for r in comparison.iter_rows(named=True)}
    headline = _metrics(runs[0], splits[0])[0]
    shown = {s: {run.name: run.estimates(s)[headline] for run in runs} for s in splits}
    return Results(
        target=target,
        reference=reference,
        headline=headline,
        dots=dots(shown, reference),
        chart=_chart(runs, splits[0]) if target == "tags" else None,
        splits=[
            Split(name, _images(runs[0], name), list(_protocols(runs, name, rows)))
            for name in splits
        ],
    )


def _chart(runs: list[Run], split: str) -> ByCategory:
    return by_category(
        {run.name: run.average_precision.filter(pl.col("split") == split) for run in runs}
    )


def _metrics(run: Run, split: str) -> list[str]:
    """Return the metrics in reading order: by protocol, then by k."""
    order = list(PROTOCOLS)
    return sorted(run.estimates(split), key=lambda m: (order.index(protocol_of(m)), cut_of(m)))


def _images(run: Run, split: str) -> int:
    return run.per_image.filter(pl.col("split") == split)["sample_id"].n_unique()


def _protocols(runs: list[Run], split: str, rows: Rows) -> Iterator[Protocol]:
    for name in protocols_of(runs[0].target):
        metrics = [m for m in _metrics(runs[0], split) if protocol_of(m) == name]
        lines = [
            Line(run, [_score(run, rows[run.name, split, m]) for m in metrics]) for run in runs
        ]
        yield Protocol(name, metrics, lines)


def _score(run: Run, row: dict[str, Any]) -> Score:
    difference = None
    if row["difference"] is not None:
        difference = Estimate(row["difference"], row["difference_low"], row["difference_high"])
    several = run.metrics["seeds"] > 1
    return Score(
        estimate=Estimate(row["value"], row["low"], row["high"]),
        difference=difference,
        verdict=_verdict(difference),
        seed_std=run.metrics[row["split"]].get(f"{row['metric']}_seed_std") if several else None,
    )


def _verdict(difference: Estimate | None) -> str:
    if difference is None:
        return ""
    if difference.covers_zero:
        return "no difference shown"
    return "better" if difference.value > 0 else "worse"
