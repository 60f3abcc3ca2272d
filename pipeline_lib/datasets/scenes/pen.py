"""A pen that records polygons, so that a drawing can be measured before it is painted."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, cos, hypot, pi, radians, sin

Point = tuple[float, float]


@dataclass(frozen=True)
class Tone:
    """The colour that differs from one instance of an object to the next."""

    shade: float = 0.0  # -1: black, 0: as it is, 1: white


@dataclass(frozen=True)
class Glow:
    """A colour that shines by itself: the light of the scene does not change it."""

    colour: str


Colour = str | Tone | Glow
"""``#rrggbb`` or ``#rrggbbaa`` under the light of the scene, or one of the special kinds."""


@dataclass(frozen=True)
class Shape:
    """A filled polygon."""

    colour: Colour
    points: tuple[Point, ...]


@dataclass
class Pen:
    """Records shapes, far to near; x to the right, y down, one unit for both, any origin."""

    shapes: list[Shape] = field(default_factory=list)

    def polygon(self, colour: Colour, *points: Point) -> None:
        """Fill the polygon through ``points``."""
        self.shapes.append(Shape(colour, points))

    def box(
        self,
        colour: Colour,
        left: float,
        top: float,
        right: float,
        bottom: float,
        corner: float = 0.0,
    ) -> None:
        """Fill a rectangle; ``corner`` is the radius that rounds its corners."""
        if not corner:
            self.polygon(colour, (left, top), (right, top), (right, bottom), (left, bottom))
            return
        corners = [
            (right - corner, bottom - corner, 0),
            (left + corner, bottom - corner, 90),
            (left + corner, top + corner, 180),
            (right - corner, top + corner, 270),
        ]
        self.polygon(
            colour, *(p for x, y, a in corners for p in _arc(x, y, corner, corner, a, a + 90))
        )

    def oval(self, colour: Colour, x: float, y: float, rx: float, ry: float | None = None) -> None:
        """Fill an ellipse around (x, y), or a circle of radius ``rx``."""
        self.polygon(colour, *_arc(x, y, rx, rx if ry is None else ry, 0, 360))

    def pie(
        self, colour: Colour, x: float, y: float, radius: float, start: float, stop: float
    ) -> None:
        """Fill a sector; degrees, clockwise from the right."""
        self.polygon(colour, (x, y), *_arc(x, y, radius, radius, start, stop))

    def dome(self, colour: Colour, left: float, right: float, bottom: float, height: float) -> None:
        """Fill the upper half of an ellipse."""
        middle, half = (left + right) / 2, (right - left) / 2
        self.polygon(colour, *_arc(middle, bottom, half, height, 180, 360))

    def arc(
        self,
        colour: Colour,
        width: float,
        x: float,
        y: float,
        radius: float,
        start: float = 0.0,
        stop: float = 360.0,
    ) -> None:
        """Draw a bent line of the given ``width``; by default a ring."""
        outer = _arc(x, y, radius + width / 2, radius + width / 2, start, stop)
        inner = _arc(x, y, radius - width / 2, radius - width / 2, start, stop)
        self.polygon(colour, *outer, *reversed(list(inner)))

    def star(
        self, colour: Colour, x: float, y: float, outer: float, inner: float, tips: int
    ) -> None:
        """Fill a star whose points lie on two circles in turn."""
        turns = [(pi * i / tips, outer if i % 2 else inner) for i in range(2 * tips)]
        self.polygon(colour, *((x + r * sin(a), y + r * cos(a)) for a, r in turns))

    def line(self, colour: Colour, width: float, *points: Point) -> None:
        """Draw straight pieces through ``points``, with square ends."""
        for (x0, y0), (x1, y1) in pairwise(points):
            scale = width / 2 / hypot(x1 - x0, y1 - y0)
            dx, dy = (x1 - x0) * scale, (y1 - y0) * scale
            self.polygon(
                colour,
                (x0 - dx - dy, y0 - dy + dx),
                (x0 - dx + dy, y0 - dy - dx),
                (x1 + dx + dy, y1 + dy - dx),
                (x1 + dx - dy, y1 + dy + dx),
            )

    def blob(self, colour: Colour, *points: Point) -> None:
        """Fill the smooth closed curve (Catmull-Rom) through ``points``."""
        n = len(points)
        ring = [
            (points[i - 1], points[i], points[(i + 1) % n], points[(i + 2) % n]) for i in range(n)
        ]
        self.polygon(colour, *(_between(*four, t / 4) for four in ring for t in range(4)))


def _arc(x: float, y: float, rx: float, ry: float, start: float, stop: float) -> Iterator[Point]:
    steps = max(2, ceil(abs(stop - start) / 12))
    for step in range(steps + 1):
        angle = radians(start + (stop - start) * step / steps)
        yield x + rx * cos(angle), y + ry * sin(angle)


def _between(a: Point, b: Point, c: Point, d: Point, t: float) -> Point:
    """Return the point at ``t`` (0 at b, 1 at c) of the Catmull-Rom spline."""
    weights = (
        (-t + 2 * t**2 - t**3) / 2,
        (2 - 5 * t**2 + 3 * t**3) / 2,
        (t + 4 * t**2 - 3 * t**3) / 2,
        (t**3 - t**2) / 2,
    )
    four = (a, b, c, d)
    return (
        sum(w * p[0] for w, p in zip(weights, four, strict=True)),
        sum(w * p[1] for w, p in zip(weights, four, strict=True)),
    )
