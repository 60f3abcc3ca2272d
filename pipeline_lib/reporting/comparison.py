"""Compare every run with the runs that it names as references, on the same images."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.artifacts.report import COMPARISON
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.intervals import Estimate, bootstrap
from pipeline_lib.evaluation.ranking import harmonic_mean
from pipeline_lib.params.report import Report
from pipeline_lib.reporting.runs import Run


def compare(runs: list[Run], params: Report) -> pl.DataFrame:
    """Return the table of comparisons; references that are not among the runs give no row.

    Raises:
        InputError: a reference predicts something else, or runs were judged on different images.
    """
    by_name = {run.name: run for run in runs}
    rows = [row for run in runs for view in run.views for row in _rows(run, view, by_name, params)]
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


def _rows(
    run: Run, view: str, by_name: Mapping[str, Run], params: Report
) -> Iterator[dict[str, Any]]:
    """Yield a row per metric and reference; of a run without one, the metrics alone."""
    others: list[Run | None] = [*references_in(run, view, by_name)]
    for other in others or [None]:
        found = differences(run, other, view, params) if other else {}
        for metric, estimate in run.estimates(view).items():
            row = {"run": run.name, "split": view, "metric": metric} | vars(estimate)
            row["reference"] = other.name if other else ""
            yield row | (_columns(found[metric]) if metric in found else {})


def _columns(difference: Estimate) -> dict[str, float | bool]:
    return {
        "difference": difference.value,
        "difference_low": difference.low,
        "difference_high": difference.high,
        "covers_zero": difference.covers_zero,
    }


def differences(ours: Run, theirs: Run, view: str, params: Report) -> dict[str, Estimate]:
    """Estimate ours − theirs for each metric in a view of both.

    One set of draws serves all metrics of both runs. For a mean over images that is
    `paired_difference`; F1 is no such mean, so it is formed from the averages in every draw.
    """
    a, b = (_values(run, view) for run in (ours, theirs))
    if not a["sample_id"].equals(b["sample_id"]):
        raise InputError(
            f"report: on '{view}', run '{ours.name}' was judged on other images ({len(a)}) than "
            f"the reference '{theirs.name}' ({len(b)}), expected the same; re-run `dvc repro`"
        )
    if ours.target == "tags":
        return _common_draws(ours, theirs, view)
    metrics = [name for name in a.columns[1:] if name in b.columns]
    values = np.concatenate([frame.select(metrics).to_numpy() for frame in (a, b)], axis=1)
    drawn = bootstrap(values, draws=params.draws, seed=params.seed)
    mine, reference = (_with_f1(metrics, means) for means in np.split(drawn, 2, axis=1))
    return {name: Estimate.of(mine[name] - reference[name]) for name in mine}


def _common_draws(ours: Run, theirs: Run, view: str) -> dict[str, Estimate]:
    """Read the differences from what `evaluate` computed in the same resamples of the images.

    Draws were centred on the observed value, which may carry one beyond the ends of the range.
    """
    names = [name for name in ours.draws if name.startswith(f"{view}/") and name in theirs.draws]
    return {
        name.removeprefix(f"{view}/"): Estimate.of(ours.draws[name] - theirs.draws[name]).within(
            -1, 1
        )
        for name in names
    }


def _values(run: Run, view: str) -> pl.DataFrame:
    """Return one row per image, sorted, and one column per metric."""
    here = run.per_image.filter(pl.col("split") == view)
    return here.pivot(on="metric", index="sample_id", values="value").sort("sample_id")


def _with_f1(metrics: list[str], means: np.ndarray) -> dict[str, np.ndarray]:
    columns = dict(zip(metrics, means.T, strict=True))
    f1 = {
        name.replace("precision", "f1"): harmonic_mean(
            columns[name], columns[name.replace("precision", "recall")]
        )
        for name in metrics
        if name.startswith("per_image_pr_precision_")
    }
    return columns | f1
