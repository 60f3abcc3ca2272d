"""What stands in front of objects and has no name, so that a part of them is out of sight."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from numpy.random import Generator

from pipeline_lib.datasets.scenes.backgrounds.background import Place
from pipeline_lib.datasets.scenes.colours import DARK_LEAF, LEAF, STONE, WHITE
from pipeline_lib.datasets.scenes.pen import Pen
from pipeline_lib.datasets.scenes.picture import Edges, Placed
from pipeline_lib.datasets.scenes.sketch import Sketch

LEAST, MOST = 0.35, 0.6  # share of an object's width that is covered
BEYOND = 0.06  # of an object's width and height that a cover is larger on its free sides

CLOTH, SEAM = "#8f8578", "#736a60"


def covered(objects: Sequence[Placed], chance: float, rng: Generator) -> list[Placed]:
    """Let something stand before the left or the right part of each object, by chance."""
    return [
        replace(placed, cover=_edges(placed, rng)) if rng.random() < chance else placed
        for placed in objects
    ]


def _edges(placed: Placed, rng: Generator) -> Edges:
    left, top, right, bottom = placed.sketch.extent()
    share = (right - left) * float(rng.uniform(LEAST, MOST))
    aside, above = BEYOND * (right - left), BEYOND * (bottom - top)
    if rng.random() < 0.5:
        return left - aside, top - above, left + share, bottom
    return right - share, top - above, right + aside, bottom


@cache
def cover(place: Place) -> Sketch:
    """Return what covers things at a place; stretch it over what is covered."""
    pen = Pen()
    if place == "sky":
        _cloud(pen)
    elif place == "water":
        _reed(pen)
    else:
        _sack(pen)
    return Sketch.of(pen.shapes)


def _cloud(p: Pen) -> None:
    p.box(WHITE, 0.0, 0.2, 1.0, 0.8, 0.2)
    for x in (0.25, 0.5, 0.75):
        p.oval(WHITE, x, 0.5, 0.25, 0.5)


def _reed(p: Pen) -> None:
    p.box(DARK_LEAF, 0.0, 0.1, 1.0, 1.0)
    for left in (0.0, 0.2, 0.4, 0.6, 0.8):
        p.polygon(LEAF, (left, 1.0), (left + 0.1, 0.0), (left + 0.2, 1.0))


def _sack(p: Pen) -> None:
    p.box(CLOTH, 0.0, 0.0, 1.0, 1.0, 0.08)
    p.box(SEAM, 0.46, 0.0, 0.54, 1.0)
    p.box(STONE, 0.0, 0.3, 1.0, 0.36)
