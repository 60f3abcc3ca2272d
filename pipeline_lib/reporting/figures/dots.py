"""Dots with intervals: one metric of every run, split by split."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.reporting.figures.axis import Axis


@dataclass(frozen=True)
class Dot:
    """A run; ``low`` … ``high`` are places on the axis, 0…1."""

    run: str
    colour: int  # the run's number, the same on every split
    estimate: Estimate
    low: float
    value: float
    high: float
    references: list[float]  # the places of what the run is compared with


@dataclass(frozen=True)
class Lane:
    """The runs on one split."""

    split: str
    dots: list[Dot]


@dataclass(frozen=True)
class Dots:
    """All lanes on one axis."""

    ticks: list[tuple[float, float]]  # place and value
    lanes: list[Lane]


def dots(
    shown: Mapping[str, Mapping[str, Estimate]],
    references: Mapping[str, Mapping[str, Sequence[str]]],
    colours: Mapping[str, int],
) -> Dots:
    """Place the estimates of each split and run on a common axis.

    ``references`` are by split and run, ``colours`` by run.
    """
    estimates = [e for by_run in shown.values() for e in by_run.values()]
    axis = Axis.over([end for e in estimates for end in (e.low, e.high)])
    lanes = [
        Lane(
            split,
            [
                _dot(run, colours[run], by_run, references[split].get(run, ()), axis)
                for run in by_run
            ],
        )
        for split, by_run in shown.items()
    ]
    return Dots([(axis.share(tick), tick) for tick in axis.ticks], lanes)


def _dot(
    run: str,
    colour: int,
    by_run: Mapping[str, Estimate],
    references: Sequence[str],
    axis: Axis,
) -> Dot:
    estimate = by_run[run]
    low, value, high = (axis.share(v) for v in (estimate.low, estimate.value, estimate.high))
    places = [axis.share(by_run[name].value) for name in references]
    return Dot(run, colour, estimate, low, value, high, places)
