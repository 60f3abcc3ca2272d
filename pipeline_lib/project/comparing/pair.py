"""Two runs metric by metric: ours − theirs in the same resamples of the same images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipeline_lib.artifacts.labelled import read_labelled
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.evaluation.metric import Measure
from pipeline_lib.evaluation.view_names import split_of
from pipeline_lib.params.nearest import nearest
from pipeline_lib.project.comparing.named_run import NamedRun
from pipeline_lib.reporting.comparison import differences
from pipeline_lib.reporting.outcome import Outcome
from pipeline_lib.reporting.verdicts import verdict

SAMPLES, CATEGORIES = LABELS = (
    "data/artifacts/ingest/samples.parquet",
    "data/artifacts/ingest/categories.parquet",
)
RESAMPLING = ("draws", "seed")  # of section `evaluation`: which resamples are drawn


@dataclass(frozen=True)
class Line:
    """One metric of two runs in one view."""

    reference: str  # the name of the other run
    view: str
    measure: Measure
    ours: Estimate
    theirs: Estimate
    difference: Estimate
    images: int
    verdict: str  # of reporting/verdicts.py, on ours


def lines(ours: Outcome, theirs: Outcome, views: Sequence[str]) -> list[Line]:
    """Compare two runs in some views, by every metric of both.

    Raises:
        InputError: they predict something else, were judged on other images or in other resamples,
            or one was not judged in such a view.
    """
    if ours.target != theirs.target:
        raise InputError(
            f"'{ours.name}' predicts {ours.target} and '{theirs.name}' {theirs.target}, expected "
            "runs that predict the same"
        )
    return [line for view in views for line in _lines(ours, theirs, view)]


def _lines(ours: Outcome, theirs: Outcome, view: str) -> list[Line]:
    for run in (ours, theirs):
        refuse_unjudged(run, view)
    _refuse_other_draws(ours, theirs, view)
    a, b, images = ours.estimates(view), theirs.estimates(view), ours.images(view)
    return [
        Line(
            theirs.name,
            view,
            measure,
            a[measure],
            b[measure],
            gain,
            images,
            verdict(measure, gain, images),
        )
        for measure, gain in differences(ours, theirs, view).items()
    ]


def refuse_unjudged(run: Outcome, view: str) -> None:
    """Do nothing where a run was judged in a view.

    Raises:
        InputError: it was not.
    """
    if view not in run.views:
        raise InputError(
            f"'{run.name}' was not judged on '{view}', expected one of its splits or views"
            f"{nearest(view, run.views)}"
        )


def _refuse_other_draws(ours: Outcome, theirs: Outcome, view: str) -> None:
    first = f"{view}/{ours.headline(view).name}"
    a, b = (len(run.draws[first]) - 1 if first in run.draws else 0 for run in (ours, theirs))
    if a != b:
        raise InputError(
            f"on '{view}', '{ours.name}' was judged in {a} resamples of the images and "
            f"'{theirs.name}' in {b}, expected the same ones; set evaluation.draws alike and "
            "run `dvc repro evaluate`"
        )


def refuse_other_resamples(
    ours: str, ours_by: Mapping[str, Any], theirs: str, theirs_by: Mapping[str, Any]
) -> None:
    """Do nothing where two runs were judged in the same resamples, as far as it is recorded.

    Args:
        ours: the name of the one.
        ours_by: section `evaluation` as it was judged by; empty where nobody knows.
        theirs: the name of the other.
        theirs_by: the same of the other.

    Raises:
        InputError: they were drawn otherwise.
    """
    for key in RESAMPLING if ours_by and theirs_by else ():
        if ours_by[key] != theirs_by[key]:
            raise InputError(
                f"'{ours}' was judged with evaluation.{key} {ours_by[key]} and '{theirs}' with "
                f"{theirs_by[key]}, expected the same, as differences are formed in the same "
                "resamples; set it alike and run `dvc repro evaluate`"
            )


def judged_by(run: NamedRun) -> Mapping[str, Any]:
    """Return the section `evaluation` that dvc.lock says a run was judged by; or nothing."""
    sections = (run.recorded("evaluate").get("params") or {}).get("params.yaml") or {}
    found: Mapping[str, Any] = sections.get("evaluation") or {}
    return found


def compared(ours: NamedRun, theirs: NamedRun, views: Sequence[str]) -> list[Line]:
    """Compare two runs in some views, as ``lines``, once their resamples are known to be the same.

    Raises:
        InputError: as ``lines``; or they were judged in other resamples.
    """
    names = (ours.outcome.name, theirs.outcome.name)
    refuse_other_resamples(names[0], judged_by(ours), names[1], judged_by(theirs))
    return lines(ours.outcome, theirs.outcome, views)


def relabelled(ours: NamedRun, theirs: NamedRun, view: str) -> int:
    """Return of how many images of a view's split two revisions hold other labels.

    Raises:
        InputError: the samples of a revision are not in DVC's cache.
    """
    known = [[run.revision.digests.get(path) for path in LABELS] for run in (ours, theirs)]
    if known[0] == known[1]:
        return 0
    a, b = (_labels(run, split_of(view)) for run in (ours, theirs))
    both = a.join(b, on="sample_id", suffix="_theirs")
    return both.filter(pl.col("labels") != pl.col("labels_theirs")).height


def _labels(run: NamedRun, split: str) -> pl.DataFrame:
    """Return the names of what each image of a split carries, in one text."""
    target = run.outcome.target
    with run.revision.opened(LABELS) as root:
        table = read_labelled(root / SAMPLES, root / CATEGORIES)
        rows = table.rows(split).tolist()
        names = ["\0".join(sorted(table.label(row, target).split(", "))) for row in rows]
        return pl.DataFrame({"sample_id": table.ids_of(rows), "labels": names})
