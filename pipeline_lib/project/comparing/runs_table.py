"""Runs × metrics, with intervals, the spread between seeds, and gains over a reference."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.evaluation.metric import Measure
from pipeline_lib.params.nearest import nearest
from pipeline_lib.project.comparing.pair import Line, lines
from pipeline_lib.reporting.outcome import Outcome


@dataclass(frozen=True)
class Score:
    """One metric of one run in one view."""

    run: Outcome
    view: str
    measure: Measure
    estimate: Estimate
    seed_std: float  # standard deviation between seeds, 0 of one seed
    gain: Line | None  # over the reference, where there is one that predicts the same

    @property
    def row(self) -> dict[str, object]:
        """The row of a file, in full precision; shares of 1."""
        gain = self.gain
        return {
            "run": self.run.name,
            "split": self.view,
            "metric": self.measure.name,
            "value": self.estimate.value,
            "low": self.estimate.low,
            "high": self.estimate.high,
            "seed_std": self.seed_std,
            "seeds": seeds(self.run),
            "images": self.run.images(self.view),
            "reference": gain.reference if gain else "",
            "difference": gain.difference.value if gain else None,
            "difference_low": gain.difference.low if gain else None,
            "difference_high": gain.difference.high if gain else None,
            "verdict": gain.verdict if gain else "",
        }


ROW = pl.Schema(
    {
        **dict.fromkeys(("run", "split", "metric"), pl.String()),
        **dict.fromkeys(("value", "low", "high", "seed_std"), pl.Float64()),
        **dict.fromkeys(("seeds", "images"), pl.Int64()),
        "reference": pl.String(),
        **dict.fromkeys(("difference", "difference_low", "difference_high"), pl.Float64()),
        "verdict": pl.String(),
    }
)
"""The columns of a file; differences are null, and the reference "", where none is compared."""


def scores(
    runs: Sequence[Outcome],
    views: Sequence[str],
    metrics: Sequence[str],
    reference: Outcome | None = None,
) -> list[Score]:
    """Return what a table shows, run by run.

    Args:
        runs: one at least, of classes, of tags, or both.
        views: splits or views; a run that was not judged in one has no score there.
        metrics: as files name them; none stands for the one that sums a run up.
        reference: the gains are over this run, on the same images.

    Raises:
        InputError: no run was judged in such a view or by such a metric.
    """
    for view in views:
        _refuse_unknown("split or view", view, [v for run in runs for v in run.views])
    for name in metrics:
        known = [m.name for run in runs for v in views if v in run.views for m in run.estimates(v)]
        _refuse_unknown("metric", name, known)
    return [
        score
        for run in runs
        for view in views
        if view in run.views
        for score in _scores(run, view, metrics, reference)
    ]


def csv(found: Iterable[Score]) -> str:
    """Return a line per run, view and metric, numbers in full precision."""
    return pl.DataFrame([score.row for score in found], schema=ROW, orient="row").write_csv()


def seeds(run: Outcome) -> int:
    """Return how many seeds a run is the mean of."""
    return int(run.metrics["seeds"])


def _scores(
    run: Outcome, view: str, metrics: Sequence[str], reference: Outcome | None
) -> list[Score]:
    gains = _gains(run, reference, view)
    flat, headline = run.metrics[view], run.headline(view).name
    return [
        Score(run, view, m, estimate, flat[f"{m.name}_seed_std"], gains.get(m))
        for m, estimate in run.estimates(view).items()
        if m.name in (metrics or [headline])
    ]


def _gains(run: Outcome, reference: Outcome | None, view: str) -> dict[Measure, Line]:
    if reference is None or reference.name == run.name or reference.target != run.target:
        return {}
    return {line.measure: line for line in lines(run, reference, [view])}


def _refuse_unknown(kind: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise InputError(
            f"'{name}' is no {kind} that one of these runs was judged by{nearest(name, set(known))}"
        )
