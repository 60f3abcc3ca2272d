"""Section "Results": every run on every evaluation split and view, and against the reference."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.evaluation.views import ZSL, name_of, views_of
from pipeline_lib.params.report import Report
from pipeline_lib.reporting.comparison import reference_of
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
    """One evaluation split, or a view of it."""

    name: str
    images: int
    reference: str  # "" without one
    protocols: list[Protocol]  # with the runs that have this view


@dataclass(frozen=True)
class Results:
    """The section."""

    target: str
    references: list[str]  # of any split or view
    headline: str  # the metric of the chart
    dots: Dots
    charts: dict[str, ByCategory]  # AP of every tag, by view of the first split
    splits: list[Split]


def results(runs: list[Run], comparison: pl.DataFrame, params: Report) -> Results:
    """Arrange the table of comparisons of runs with one target; there is at least one run."""
    target, first = runs[0].target, runs[0].splits[0]
    rows = {(r["run"], r["split"], r["metric"]): r for r in comparison.iter_rows(named=True)}
    having = _having(runs)
    references = {view: reference_of(target, view, params) for view in having}
    headline = _metrics(runs[0], first)[0]
    colours = {run.name: number for number, run in enumerate(runs)}
    shown = {
        view: {run.name: run.estimates(view)[headline] for run in some}
        for view, some in having.items()
    }
    return Results(
        target=target,
        references=sorted(set(references.values()) - {""}),
        headline=headline,
        dots=dots(shown, references, colours),
        charts={
            view: _chart(some, view, colours)
            for view, some in having.items()
            if target == "tags" and view in (first, name_of(first, ZSL))
        },
        splits=[
            Split(view, _images(some[0], view), references[view], _protocols(some, view, rows))
            for view, some in having.items()
        ],
    )


def _having(runs: list[Run]) -> dict[str, list[Run]]:
    """Return the runs that have each view, in reading order; not every run scores unseen labels."""
    every = {view for run in runs for view in run.views}
    order = [view for split in runs[0].splits for view in views_of(split, every)]
    return {view: [run for run in runs if view in run.views] for view in order}


def _chart(runs: list[Run], view: str, colours: Mapping[str, int]) -> ByCategory:
    tables = {run.name: run.average_precision.filter(pl.col("split") == view) for run in runs}
    return by_category(tables, colours)


def _metrics(run: Run, split: str) -> list[str]:
    """Return the metrics in reading order: by protocol, then by k."""
    order = list(PROTOCOLS)
    return sorted(run.estimates(split), key=lambda m: (order.index(protocol_of(m)), cut_of(m)))


def _images(run: Run, split: str) -> int:
    return run.per_image.filter(pl.col("split") == split)["sample_id"].n_unique()


def _protocols(runs: list[Run], split: str, rows: Rows) -> list[Protocol]:
    found = []
    for name in protocols_of(runs[0].target):
        metrics = [m for m in _metrics(runs[0], split) if protocol_of(m) == name]
        lines = [
            Line(run, [_score(run, rows[run.name, split, m]) for m in metrics]) for run in runs
        ]
        found.append(Protocol(name, metrics, lines))
    return found


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
