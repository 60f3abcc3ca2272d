"""How often a number takes which values, as a small chart."""

from dataclasses import dataclass

import numpy as np

from pipeline_lib.reporting.figures.axis import Axis

BINS = 24
WIDTH, HEIGHT = 200, 64  # of the plotting area, pixels


@dataclass(frozen=True)
class Column:
    """One bin, in pixels from the top left corner of the plotting area."""

    x: float
    y: float
    width: float
    height: float
    count: int
    low: float
    high: float


@dataclass(frozen=True)
class Histogram:
    """The chart."""

    name: str
    columns: list[Column]  # bins that hold something
    ticks: list[tuple[float, float]]  # x in pixels, value


def histogram(name: str, values: np.ndarray) -> Histogram:
    """Count finite values, of which there is at least one, in bins of equal width."""
    axis = Axis.over([float(values.min()), float(values.max())])
    edges = np.linspace(axis.ticks[0], axis.ticks[-1], BINS + 1)
    counts, _ = np.histogram(values, edges)
    heights = (HEIGHT * counts / counts.max()).round(1)
    width = WIDTH / BINS
    columns = [
        Column(
            x=round(i * width, 1),
            y=round(HEIGHT - float(heights[i]), 1),
            width=round(width - 0.5, 1),  # a gap between bins
            height=float(heights[i]),
            count=int(counts[i]),
            low=float(edges[i]),
            high=float(edges[i + 1]),
        )
        for i in np.flatnonzero(counts)
    ]
    return Histogram(name, columns, [(round(WIDTH * axis.share(t), 1), t) for t in axis.ticks])
