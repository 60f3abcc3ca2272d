"""Part of each run: what its probabilities are worth, and what thresholds from val gain."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.special import expit

from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.artifacts.thresholds import Thresholds
from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.evaluation.judge import difference
from pipeline_lib.evaluation.metric import Measure
from pipeline_lib.evaluation.resampled import ALL, FROM_VAL, TEMPERED
from pipeline_lib.reporting.figures.reliability import Reliability, reliability
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.runs import Run
from pipeline_lib.reporting.section import Section
from pipeline_lib.reporting.verdicts import verdict

NAMES = {"as_trained": "as trained", TEMPERED: "temperature from val"}


@dataclass(frozen=True)
class Gain:
    """A metric with what was chosen on val, beside the same without."""

    measure: Measure
    before: Estimate
    after: Estimate
    difference: Estimate  # in the same resamples of the images
    verdict: str


@dataclass(frozen=True)
class Chosen:
    """A number of every seed."""

    mean: float
    each: dict[int, float]  # by seed


@dataclass(frozen=True)
class Decisions:
    """The part."""

    thresholds: Thresholds
    diagram: Reliability
    error: Estimate | None  # ECE
    gains: list[Gain]
    common: Chosen | None  # of tags: the probability that the common threshold is at
    temperature: Chosen | None  # of classes
    own: int  # tags with a threshold of their own
    remarks: dict[int, str]  # by seed


def decisions(run: Run) -> Decisions:
    """Show what a run believes on the test split."""
    seeds, table = run.thresholds.seeds, run.reliability.filter(pl.col("split") == TEST)
    kinds = {
        title: some
        for name, title in NAMES.items()
        if len(some := table.filter(pl.col("probabilities") == name))
    }
    errors = [e for m, e in run.estimates(TEST).items() if m.name in ("ece", "pair_ece")]
    common = {s: c.threshold for s, c in seeds.items() if c.threshold is not None}
    classes = run.target == "classes" and bool(seeds)
    return Decisions(
        thresholds=run.thresholds,
        diagram=reliability(kinds),
        error=next(iter(errors), None),
        gains=gains(run, TEST),
        common=_chosen({s: float(expit(logit)) for s, logit in common.items()}),
        temperature=_chosen({s: c.temperature for s, c in seeds.items()}) if classes else None,
        own=sum(run.thresholds.own) if common else 0,
        remarks={seed: c.remark for seed, c in seeds.items() if c.remark},
    )


def gains(run: Run, view: str) -> list[Gain]:
    """Compare each metric at what was chosen with the same metric without."""
    estimates = run.estimates(view)
    return [
        _gain(run, view, measure, before)
        for measure in estimates
        if measure.cut in FROM_VAL
        for before in estimates
        if before.metric == measure.metric and before.cut in (ALL, None)
    ]


def _gain(run: Run, view: str, after: Measure, before: Measure) -> Gain:
    estimates = run.estimates(view)
    ours, theirs = (run.draws[f"{view}/{m.name}"] for m in (after, before))
    found = difference(after, ours, theirs)
    judged = verdict(after, found, run.images(view))
    return Gain(after, estimates[before], estimates[after], found, judged)


def _chosen(each: dict[int, float]) -> Chosen | None:
    return Chosen(float(np.mean(list(each.values()))), each) if each else None


def _build(material: Material, run: Run) -> Decisions:
    return decisions(run)


SECTION = Section("decisions", "Probabilities and decisions", 41, _build, per="part")
