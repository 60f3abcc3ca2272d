"""What stands at the head of a run: what it is, and in which settings it differs from others."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pipeline_lib.reporting.budget import Budget, backbone
from pipeline_lib.reporting.runs import Run
from pipeline_lib.reporting.sweeps import leaves_of

NOT_THERE = "–"


@dataclass(frozen=True)
class Setting:
    """One parameter in which runs differ."""

    name: str  # "smoothing.k"
    ours: str
    theirs: list[str]  # distinct, of the other runs


@dataclass(frozen=True)
class Identity:
    """What a run is."""

    backbone: str
    budget: Budget
    seeds: list[int]
    references: tuple[str, ...]
    settings: dict[str, str]
    scores: str  # MD5 of the file of scores, as dvc.lock has it
    against: list[Setting]  # what differs from the first reference, of the settings of both
    siblings: list[str]  # runs of the same method and target
    among: list[Setting]  # what differs between those and this run


def identity(run: Run, runs: Iterable[Run]) -> Identity:
    """Describe a run among all ``runs``."""
    others = [other for other in runs if other is not run]
    siblings = [o for o in others if _kind(o) == _kind(run)]
    first = next((o for name in run.references for o in others if o.name == name), None)
    related = first is not None and first in siblings
    return Identity(
        backbone=backbone(run),
        budget=Budget.of(run),
        seeds=run.header["seeds"],
        references=run.references,
        settings={k: _text(v) for k, v in leaves_of(run.header["settings"]).items()},
        scores=run.digest,
        against=[] if first is None or related else _different(run, [first], common=True),
        siblings=[other.name for other in siblings],
        among=_different(run, siblings, common=False),
    )


def _kind(run: Run) -> tuple[str, str]:
    return run.header["method"], run.target


def _different(run: Run, others: list[Run], *, common: bool) -> list[Setting]:
    """Return the settings that some other run has otherwise; of ``common`` ones those alone."""
    ours = leaves_of(run.header["settings"])
    theirs = [leaves_of(other.header["settings"]) for other in others]
    names = sorted({name for each in (ours, *theirs) for name in each})
    if common:
        names = [name for name in names if name in ours and all(name in each for each in theirs)]
    found = []
    for name in names:
        values = [_text(each.get(name)) for each in theirs]
        own = _text(ours.get(name))
        if set(values) - {own}:
            found.append(Setting(name, own, sorted(set(values) - {own})))
    return found


def _text(value: Any) -> str:
    if value is None:
        return NOT_THERE
    return str(value).lower() if isinstance(value, bool) else str(value)
