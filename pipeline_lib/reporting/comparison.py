"""Compare every run with the runs that it names as references, on the same images."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from pipeline_lib.artifacts.report import COMPARISON
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.evaluation.judge import difference
from pipeline_lib.evaluation.metric import Measure
from pipeline_lib.reporting.outcome import Outcome
from pipeline_lib.reporting.runs import Run


def compare(runs: list[Run]) -> pl.DataFrame:
    """Return the table of comparisons; references that are not among the runs give no row.

    Raises:
        InputError: a reference predicts something else, or runs were judged on different images.
    """
    by_name = {run.name: run for run in runs}
    rows = [row for run in runs for view in run.views for row in _rows(run, view, by_name)]
    return pl.DataFrame(rows, schema=COMPARISON.dtypes, orient="row")


def references_in(run: Run, view: str, by_name: Mapping[str, Run]) -> list[Run]:
    """Return the references of a run that were judged in a view too, in the order it names them.

    Raises:
        InputError: a reference predicts something else.
    """
    found = [by_name[name] for name in run.references if name in by_name]
    for other in found:
        if other.target != run.target:
            raise InputError(
                f"params.yaml: methods.{run.name}.reference names '{other.name}', which predicts "
                f"{other.target}, expected a run that predicts {run.target}; mend it"
            )
    return [other for other in found if view in other.views]


def _rows(run: Run, view: str, by_name: Mapping[str, Run]) -> Iterator[dict[str, Any]]:
    """Yield a row per metric and reference; of a run without one, the metrics alone."""
    others: list[Run | None] = [*references_in(run, view, by_name)]
    for other in others or [None]:
        found = differences(run, other, view) if other else {}
        for measure, estimate in run.estimates(view).items():
            row = {"run": run.name, "split": view, "metric": measure.name} | vars(estimate)
            row["reference"] = other.name if other else ""
            yield row | (_columns(found[measure]) if measure in found else {})


def _columns(difference: Estimate) -> dict[str, float | bool]:
    return {
        "difference": difference.value,
        "difference_low": difference.low,
        "difference_high": difference.high,
        "covers_zero": difference.covers_zero,
    }


def differences(ours: Outcome, theirs: Outcome, view: str) -> dict[Measure, Estimate]:
    """Estimate ours − theirs for each metric in a view of both.

    It is read from what `evaluate` computed in the same resamples of the images.

    Raises:
        InputError: they were judged on different images.
    """
    mine, others = ours.judged(view), theirs.judged(view)
    if not mine.equals(others):
        raise InputError(
            f"report: on '{view}', run '{ours.name}' was judged on other images ({len(mine)}) than "
            f"the reference '{theirs.name}' ({len(others)}), expected the same; re-run `dvc repro`"
        )
    names = {m: f"{view}/{m.name}" for m in ours.estimates(view)}
    return {
        measure: difference(measure, ours.draws[name], theirs.draws[name])
        for measure, name in names.items()
        if name in theirs.draws
    }
