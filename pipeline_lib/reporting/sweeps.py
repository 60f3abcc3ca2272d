"""Runs of one method that differ in one number."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline_lib.reporting.runs import Run


@dataclass(frozen=True)
class Sweep:
    """The runs of one sweep, by rising number."""

    method: str
    setting: str  # e.g. "isr.alpha"
    values: list[float]
    runs: list[Run]


def sweeps(runs: Iterable[Run]) -> list[Sweep]:
    """Find every sweep: two runs or more whose settings are equal but for one number.

    What is read of a run is the section that it was trained with, seeds apart, so neither its name
    nor the order of runs says what belongs together. A run may be a point of several sweeps.
    """
    families = defaultdict[tuple[str, str, str], list[tuple[float, Run]]](list)
    for run in runs:
        leaves = leaves_of(run.header["settings"])
        for setting, value in leaves.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                rest = {name: other for name, other in leaves.items() if name != setting}
                key = (run.header["method"], setting, json.dumps(rest, sort_keys=True))
                families[key].append((float(value), run))
    return [
        Sweep(method, setting, *_ordered(points))
        for (method, setting, _), points in sorted(families.items(), key=lambda item: item[0])
        if len({value for value, _ in points}) > 1
    ]


def _ordered(points: list[tuple[float, Run]]) -> tuple[list[float], list[Run]]:
    points = sorted(points, key=lambda point: (point[0], point[1].name))
    return [value for value, _ in points], [run for _, run in points]


def leaves_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings that are nested as "section.key"."""
    return dict(_leaves(settings))


def _leaves(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what is nested as "section.key"."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
