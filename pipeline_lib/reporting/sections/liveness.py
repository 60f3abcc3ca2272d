"""Section "Liveness": what the mechanism of each module comes to, beside what its row gained."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.runs import Run
from pipeline_lib.reporting.section import Section
from pipeline_lib.reporting.sections.findings import Compared, compared_in
from pipeline_lib.targets import Target

ALIVE, DEAD, UNJUDGED = "alive", "dead", ""


@dataclass(frozen=True)
class Value:
    """A reading on one split: the mean over seeds, and the extremes."""

    value: float
    least: float
    most: float
    verdict: str


@dataclass(frozen=True)
class Line:
    """One reading of one module."""

    module: str
    reading: str
    about: str
    bar: str  # "above 0.1"; "" where there is none
    values: dict[str, Value]  # by split


@dataclass(frozen=True)
class Modules:
    """The modules of one run."""

    run: Run
    lines: list[Line]
    compared: list[Compared]  # the headline metric against each reference


@dataclass(frozen=True)
class Liveness:
    """The section."""

    target: Target
    splits: list[str]  # in reading order
    runs: list[Modules]


def liveness(runs: list[Run]) -> Liveness | None:
    """Arrange the readings of runs with one target; None where no run has any."""
    by_name = {run.name: run for run in runs}
    found = [_modules(run, by_name) for run in runs if len(run.liveness)]
    if not found:
        return None
    splits = dict.fromkeys(s for one in found for line in one.lines for s in line.values)
    return Liveness(found[0].run.target, list(splits), found)


def _modules(run: Run, by_name: Mapping[str, Run]) -> Modules:
    lines: dict[tuple[str, str], Line] = {}
    for row in run.liveness.iter_rows(named=True):
        key = row["module"], row["reading"]
        bar = "" if row["bar"] is None else f"{'above' if row['above'] else 'below'} {row['bar']:g}"
        line = lines.setdefault(key, Line(*key, row["about"], bar, {}))
        verdict = {True: ALIVE, False: DEAD, None: UNJUDGED}[row["alive"]]
        line.values[row["split"]] = Value(row["value"], row["least"], row["most"], verdict)
    compared = compared_in(run, run.splits[0], by_name)
    return Modules(run, list(lines.values()), compared)


def _build(material: Material, target: Target) -> Liveness | None:
    return liveness([run for run in material.runs if run.target == target])


SECTION = Section("liveness", "Liveness", 22, _build, per="target")
