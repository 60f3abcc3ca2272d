"""A background: how it is drawn, and where things stand in it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from numpy.random import Generator

from pipeline_lib.datasets.scenes.light import Light
from pipeline_lib.datasets.scenes.pen import Pen

Place = Literal["ground", "water", "table", "sky", "wall"]
Zone = tuple[float, float]
"""The highest and lowest foot of what stands there: 0 is the top of the picture, 1 the bottom."""

# Where a thing goes if the background lacks its place: a boat into a kitchen, a clock onto a beach.
INSTEAD: dict[Place, Place] = {"water": "ground", "table": "ground", "sky": "wall", "wall": "sky"}


@dataclass(frozen=True)
class Background:
    """Every background has ground, and a sky or a wall."""

    draw: Callable[[Pen, Light, Generator], None]
    ground: Zone
    water: Zone | None = None
    table: Zone | None = None
    sky: Zone | None = None
    wall: Zone | None = None

    def zone(self, wanted: Place) -> tuple[Place, Zone]:
        """Return the place that a thing gets which belongs to ``wanted``, and its bounds."""
        zones = {"water": self.water, "table": self.table, "sky": self.sky, "wall": self.wall}
        for place in (wanted, INSTEAD.get(wanted, wanted)):
            if zone := zones.get(place):
                return place, zone
        return "ground", self.ground
