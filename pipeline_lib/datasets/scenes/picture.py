"""The plan of one picture: everything that is to be drawn, and so everything that is true of it."""

from dataclasses import dataclass
from functools import cached_property

from pipeline_lib.datasets.reader import Box
from pipeline_lib.datasets.scenes.backgrounds.background import Place
from pipeline_lib.datasets.scenes.sketch import Sketch, sketch

Gain = tuple[float, float, float]
"""Factors of red, green and blue."""
Edges = tuple[float, float, float, float]
"""Left, top, right and bottom."""


@dataclass(frozen=True)
class Placed:
    """An object in its place. Lengths are fractions of the picture's width (= height)."""

    name: str
    variant: str
    place: Place  # where it stands in this background
    x: float  # of its middle
    foot: float  # y of its lowest point
    height: float  # before it is tilted
    tilt: float  # degrees, clockwise
    flipped: bool
    colour: str  # of the parts that differ between instances
    gain: Gain
    cover: Edges | None = None  # of what stands before a part of it

    @cached_property
    def sketch(self) -> Sketch:
        """Its polygons in the picture."""
        drawn = sketch(self.name, self.variant)
        return drawn.turned(self.height, self.tilt, flipped=self.flipped).standing(
            self.x, self.foot
        )

    @cached_property
    def box(self) -> Box:
        """Its rectangle, clipped to the picture."""
        left, top, right, bottom = (min(max(edge, 0.0), 1.0) for edge in self.sketch.extent())
        return Box(self.name, left, top, right - left, bottom - top)


@dataclass(frozen=True)
class Backdrop:
    """What is behind the objects."""

    scene: str  # whose background it is: the picture's own, or another one
    pattern: str  # which of that scene's patterns
    colour: str
    gain: Gain
    seed: int  # of clouds, waves, houses, rain …


@dataclass(frozen=True)
class Picture:
    """One picture of the data set."""

    scene: str
    backdrop: Backdrop
    objects: tuple[Placed, ...]  # far to near
    caption: str
    tags: tuple[str, ...]  # as somebody gave them; what is true of it, objects say
