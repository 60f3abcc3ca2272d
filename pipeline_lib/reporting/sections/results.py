"""Section "Results": every run on every evaluation split and view, and against its references."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.evaluation.metric import Measure
from pipeline_lib.evaluation.metric import Protocol as Definition
from pipeline_lib.evaluation.metrics import protocols
from pipeline_lib.evaluation.view_names import ZSL, name_of, views_of
from pipeline_lib.reporting.budget import Budget, backbone
from pipeline_lib.reporting.comparison import references_in
from pipeline_lib.reporting.figures.by_category import ByCategory, by_category
from pipeline_lib.reporting.figures.dots import Dots, dots
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.runs import Run
from pipeline_lib.reporting.section import Section
from pipeline_lib.reporting.sections.findings import Compared, compared_in
from pipeline_lib.reporting.verdicts import verdict
from pipeline_lib.targets import Target

Rows = Mapping[tuple[str, str, str], list[dict[str, Any]]]
"""The table of comparisons by run, split and metric: a row for each reference."""


@dataclass(frozen=True)
class Difference:
    """One metric of a run beside that of one reference."""

    reference: str
    estimate: Estimate
    verdict: str


@dataclass(frozen=True)
class Score:
    """One metric of one run."""

    estimate: Estimate
    differences: list[Difference]
    seed_std: float | None  # standard deviation between seeds, where there are several


@dataclass(frozen=True)
class Line:
    """One run in a table."""

    run: Run
    scores: list[Score]  # one per metric


@dataclass(frozen=True)
class Protocol:
    """The metrics of one protocol on one split."""

    definition: Definition
    measures: list[Measure]
    lines: list[Line]


@dataclass(frozen=True)
class Split:
    """One evaluation split, or a view of it."""

    name: str
    images: int
    protocols: list[Protocol]  # with the runs that have this view


@dataclass(frozen=True)
class Brief:
    """One run in the compact table: the headline metric in one view."""

    run: Run
    budget: Budget
    estimate: Estimate
    compared: list[Compared]


@dataclass(frozen=True)
class Results:
    """The section."""

    target: Target
    headline: Measure  # the metric of the compact table and the chart
    groups: dict[str, list[Brief]]  # by backbone, on the first split
    dots: Dots
    charts: dict[str, ByCategory]  # AP of every tag, by view of the first split
    splits: list[Split]

    @property
    def compared(self) -> bool:
        """Whether some run is compared with another."""
        return any(brief.compared for briefs in self.groups.values() for brief in briefs)


def results(runs: list[Run], comparison: pl.DataFrame) -> Results:
    """Arrange the table of comparisons of runs with one target; there is at least one run."""
    colours = {run.name: number for number, run in enumerate(runs)}
    runs = [run for some in grouped(runs).values() for run in some]
    target, first = runs[0].target, runs[0].splits[0]
    having = _having(runs)
    headline = runs[0].headline(first)
    shown = {
        view: {run.name: run.estimates(view)[headline] for run in some}
        for view, some in having.items()
    }
    return Results(
        target=target,
        headline=headline,
        groups=_briefs(runs, first, headline),
        dots=dots(shown, _references(having), colours),
        charts={
            view: chart
            for view, some in having.items()
            if view in (first, name_of(first, ZSL)) and (chart := _chart(some, view, colours))
        },
        splits=[
            Split(view, some[0].images(view), _protocols(some, view, _rows(comparison)))
            for view, some in having.items()
        ],
    )


def grouped(runs: list[Run]) -> dict[str, list[Run]]:
    """Return the runs by the backbone that they see the images through, in order of appearance."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(backbone(run), []).append(run)
    return groups


def _briefs(runs: list[Run], view: str, headline: Measure) -> dict[str, list[Brief]]:
    by_name = {run.name: run for run in runs}
    return {
        name: [
            Brief(
                run,
                Budget.of(run),
                run.estimates(view)[headline],
                compared_in(run, view, by_name),
            )
            for run in some
        ]
        for name, some in grouped(runs).items()
    }


def _rows(comparison: pl.DataFrame) -> Rows:
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in comparison.iter_rows(named=True):
        found.setdefault((row["run"], row["split"], row["metric"]), []).append(row)
    return found


def _having(runs: list[Run]) -> dict[str, list[Run]]:
    """Return the runs that have each view, in reading order; not every run scores unseen labels."""
    every = {view for run in runs for view in run.views}
    order = [view for split in runs[0].splits for view in views_of(split, every)]
    return {view: [run for run in runs if view in run.views] for view in order}


def _references(having: Mapping[str, list[Run]]) -> dict[str, dict[str, list[str]]]:
    """Return the names of every run's references, by view."""
    return {
        view: {
            run.name: [other.name for other in references_in(run, view, {r.name: r for r in some})]
            for run in some
        }
        for view, some in having.items()
    }


def _chart(runs: list[Run], view: str, colours: Mapping[str, int]) -> ByCategory | None:
    """Draw the first metric that is shown label by label, if there is one."""
    tables = {run.name: next(iter(run.of_labels(view).values()), None) for run in runs}
    known = {name: table for name, table in tables.items() if table is not None}
    return by_category(known, colours) if known else None


def _protocols(runs: list[Run], split: str, rows: Rows) -> list[Protocol]:
    found = []
    for definition in protocols([runs[0].target]):
        measures = [m for m in runs[0].estimates(split) if m.metric.protocol == definition]
        lines = [
            Line(run, [_score(run, m, rows[run.name, split, m.name]) for m in measures])
            for run in runs
        ]
        found.append(Protocol(definition, measures, lines))
    return found


def _score(run: Run, measure: Measure, rows: list[dict[str, Any]]) -> Score:
    """Read one metric of a run from its rows, one for each reference."""
    view = rows[0]["split"]
    differences = []
    for row in rows:
        if row["difference"] is not None:
            found = Estimate(row["difference"], row["difference_low"], row["difference_high"])
            judged = verdict(measure, found, run.images(view))
            differences.append(Difference(row["reference"], found, judged))
    several = run.metrics["seeds"] > 1
    return Score(
        estimate=Estimate(rows[0]["value"], rows[0]["low"], rows[0]["high"]),
        differences=differences,
        seed_std=run.metrics[view][f"{measure.name}_seed_std"] if several else None,
    )


def _build(material: Material, target: Target) -> Results | None:
    some = [run for run in material.runs if run.target == target]
    return results(some, material.comparison) if some else None


SECTION = Section("results", "Results", 20, _build, per="target")
