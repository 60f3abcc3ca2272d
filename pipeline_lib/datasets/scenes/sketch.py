"""Drawings as arrays of points: quick to move, and to measure before anything is painted."""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import cos, radians, sin

import numpy as np

from pipeline_lib.datasets.scenes.drawings import DRAWINGS
from pipeline_lib.datasets.scenes.pen import Colour, Pen, Shape


@dataclass(frozen=True)
class Sketch:
    """Polygons, far to near."""

    points: np.ndarray  # (points, 2), x and y of all polygons
    ends: tuple[int, ...]  # of each polygon in ``points``; the first number is 0
    colours: tuple[Colour, ...]  # of each polygon

    @classmethod
    def of(cls, shapes: list[Shape]) -> "Sketch":
        """Collect what a pen has drawn."""
        ends = np.cumsum([0, *(len(shape.points) for shape in shapes)])
        points = np.array([point for shape in shapes for point in shape.points], dtype=float)
        return cls(points, tuple(ends.tolist()), tuple(shape.colour for shape in shapes))

    def polygons(self, scale: float) -> list[list[float]]:
        """Return x, y, x, y, … of every polygon, in units of 1/``scale``."""
        flat = (self.points * scale).ravel().tolist()
        return [flat[2 * start : 2 * end] for start, end in pairwise(self.ends)]

    def extent(self) -> tuple[float, float, float, float]:
        """Return the left, top, right and bottom of everything drawn."""
        left, top = self.points.min(0).tolist()
        right, bottom = self.points.max(0).tolist()
        return left, top, right, bottom

    def standing(self, x: float, foot: float) -> "Sketch":
        """Move it so that it is centred on ``x`` and its lowest point lies at ``foot``."""
        left, _, right, bottom = self.extent()
        shift = np.array([x - (left + right) / 2, foot - bottom])
        return Sketch(self.points + shift, self.ends, self.colours)

    def filling(self, left: float, top: float, right: float, bottom: float) -> "Sketch":
        """Stretch it so that it reaches from edge to edge."""
        before, after = (
            np.array(self.extent()).reshape(2, 2),
            np.array([[left, top], [right, bottom]]),
        )
        scale = (after[1] - after[0]) / (before[1] - before[0])
        return Sketch((self.points - before[0]) * scale + after[0], self.ends, self.colours)

    def turned(self, height: float, tilt: float, *, flipped: bool) -> "Sketch":
        """Scale it from height 1 to ``height``, mirror it, and tilt it by degrees clockwise."""
        c, s = cos(radians(tilt)) * height, sin(radians(tilt)) * height
        matrix = np.array([[c, s], [-s, c]]) * ([[-1.0], [1.0]] if flipped else 1.0)
        return Sketch(self.points @ matrix, self.ends, self.colours)


@cache
def sketch(name: str, variant: str) -> Sketch:
    """Return an object's drawing, one unit high."""
    pen = Pen()
    DRAWINGS[name][variant](pen)
    drawn = Sketch.of(pen.shapes)
    _, top, _, bottom = drawn.extent()
    return Sketch(drawn.points / (bottom - top), drawn.ends, drawn.colours)
