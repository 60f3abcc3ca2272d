"""Training curves: one small chart per column of the history, one line per seed."""

from dataclasses import dataclass

import polars as pl

from pipeline_lib.reporting.figures.axis import Axis

NOT_LOSSES = ("seed", "epoch", "lr", "images_encoded")
WIDTH, HEIGHT = 200, 110  # of the plotting area, pixels
LABELLED_EPOCHS = 2  # the first and the last


@dataclass(frozen=True)
class Curve:
    """The line of one seed, in pixels from the top left corner of the plotting area."""

    seed: int
    points: str  # "x,y x,y …", as SVG wants it
    end: tuple[float, float]
    last: float  # the value at the end


@dataclass(frozen=True)
class Chart:
    """One loss term."""

    term: str
    curves: list[Curve]
    ticks: list[tuple[float, float]]  # y in pixels, value
    epochs: int


def charts(history: pl.DataFrame) -> list[Chart]:
    """Draw every loss term of a history, in the epochs that know it.

    A second stage, which tunes a prompt, has fewer terms than the first.
    """
    return [_chart(term, history) for term in history.columns if term not in NOT_LOSSES]


def _chart(term: str, history: pl.DataFrame) -> Chart:
    axis = Axis.over(history[term].drop_nulls())
    epochs = int(history["epoch"].n_unique())
    curves = [
        _curve(int(seed), frame.sort("epoch")[term], axis, epochs)
        for (seed,), frame in sorted(history.group_by("seed"))
    ]
    return Chart(term, curves, [(_height(tick, axis), tick) for tick in axis.ticks], epochs)


def _curve(seed: int, values: pl.Series, axis: Axis, epochs: int) -> Curve:
    step = WIDTH / max(epochs - 1, 1)
    known = [(n, value) for n, value in enumerate(values) if value is not None]
    places = [(round(n * step, 1), _height(value, axis)) for n, value in known]
    return Curve(seed, " ".join(f"{x:g},{y:g}" for x, y in places), places[-1], known[-1][1])


def _height(value: float, axis: Axis) -> float:
    return round(HEIGHT * (1 - axis.share(value)), 1)
