"""Pieces that several backgrounds share. One unit is the width and height of the picture."""

from numpy.random import Generator

from pipeline_lib.datasets.scenes.colours import BODY, DARK, LIGHT, WHITE
from pipeline_lib.datasets.scenes.light import Light
from pipeline_lib.datasets.scenes.pen import Colour, Glow, Pen, Point

SHADES: tuple[Colour, ...] = (BODY, LIGHT, DARK)
BANDS = 14  # steps of a gradient: more cannot be told apart


def bands(p: Pen, top: str, bottom: str, y0: float, y1: float, *, glows: bool = False) -> None:
    """Fill the picture between two heights with a gradient of two ``#rrggbb`` colours."""
    for step in range(BANDS):
        colour = mixed(top, bottom, step / (BANDS - 1))
        y = y0 + (y1 - y0) * step / BANDS
        p.box(Glow(colour) if glows else colour, 0.0, y, 1.0, y1)


def mixed(first: str, second: str, share: float) -> str:
    """Return the colour ``share`` (0..1) of the way from ``first`` to ``second``."""
    pairs = zip(bytes.fromhex(first[1:]), bytes.fromhex(second[1:]), strict=True)
    return "#" + bytes(round(a + (b - a) * share) for a, b in pairs).hex()


def sky(p: Pen, light: Light, rng: Generator, horizon: float) -> None:
    """Draw the sky, with clouds by day, moon and stars by night."""
    p.box(Glow(light.sky[1]), 0.0, horizon, 1.0, 1.0)  # seen where hills leave a gap
    bands(p, *light.sky, 0.0, horizon, glows=True)
    if light.dark:
        for x, y in rng.uniform((0, 0), (1, horizon * 0.8), (14, 2)):
            p.oval(Glow("#f4f2d8"), x, y, 0.006)
        x, y = rng.uniform((0.1, 0.08), (0.9, 0.18))
        p.oval(Glow("#f6efc6"), x, y, 0.05)
        p.oval(Glow(light.sky[0]), x + 0.025, y - 0.012, 0.043)
    elif light.weather == "clear":
        for _ in range(int(rng.integers(1, 4))):
            x, y, size = rng.uniform((0, 0.05, 0.04), (1, horizon * 0.6, 0.08))
            _cloud(p, x, y, size)


def _cloud(p: Pen, x: float, y: float, size: float) -> None:
    for dx, dy, r in ((-1.3, 0.2, 0.7), (0, -0.2, 1), (1.2, 0.1, 0.8), (0, 0.4, 0.7)):
        p.oval(Glow("#ffffff90"), x + dx * size, y + dy * size, r * size * 1.2, r * size * 0.8)


def water(p: Pen, rng: Generator, y0: float, y1: float, far: str, near: str) -> None:
    """Draw water with short waves that grow towards the viewer."""
    bands(p, far, near, y0, y1)
    for depth in sorted(rng.uniform(0.05, 0.97, 16)):
        x, length = rng.uniform(0, 1), 0.04 + 0.1 * depth
        y = y0 + (y1 - y0) * depth
        p.line("#ffffff70", 0.008 + 0.006 * depth, (x - length, y), (x + length, y))


def ridge(
    p: Pen, rng: Generator, colour: Colour, y: float, height: float, peaks: int, *, sharp: bool
) -> None:
    """Draw a chain of hills, or of mountains if ``sharp``, that stands on ``y``."""
    step = 1.2 / peaks
    points: list[Point] = [(-0.3, y + 0.02)]
    for peak in range(peaks + 1):
        x = -0.1 + step * peak + rng.uniform(-0.2, 0.2) * step
        points += [(x, y - height * rng.uniform(0.6, 1)), (x + step / 2, y - height * 0.3)]
    points.append((1.4, y + 0.02))
    (p.polygon if sharp else p.blob)(colour, *points)


def ground(p: Pen, rng: Generator, colour: Colour, y: float, speck: Colour, specks: int) -> None:
    """Draw the ground from ``y`` down, strewn with small specks or tufts."""
    p.box(colour, 0.0, y, 1.0, 1.0)
    for x, depth in rng.uniform((0, 0.05), (1, 1), (specks, 2)):
        size = 0.006 + 0.012 * depth
        p.oval(speck, x, y + (1 - y) * depth, size * 1.6, size * 0.6)


def room(p: Pen, floor_top: float, floor: str) -> None:
    """Draw a wall in the colour of the pattern, a skirting board and a boarded floor."""
    p.box(BODY, 0.0, 0.0, 1.0, floor_top)
    p.box(floor, 0.0, floor_top, 1.0, 1.0)
    for x in (-0.9, -0.45, -0.12, 0.16, 0.39, 0.61, 0.84, 1.12, 1.45, 1.9):
        p.line("#00000028", 0.006, ((x + 0.5) / 2, floor_top), (x, 1.0))
    p.box(WHITE, 0.0, floor_top - 0.03, 1.0, floor_top)


def window(
    p: Pen, light: Light, left: float, top: float, right: float, bottom: float, frame: Colour
) -> None:
    """Draw a window with four panes and the sky outside."""
    p.box(frame, left - 0.02, top - 0.02, right + 0.02, bottom + 0.02)
    middle, centre = (top + bottom) / 2, (left + right) / 2
    p.box(Glow(light.sky[0]), left, top, right, middle)
    p.box(Glow(light.sky[1]), left, middle, right, bottom)
    p.box(frame, centre - 0.008, top, centre + 0.008, bottom)
    p.box(frame, left, middle - 0.008, right, middle + 0.008)


def worktop(p: Pen, top: Colour, front: Colour, y0: float, y1: float, doors: int) -> None:
    """Draw a counter or desk along the wall; ``y0`` and ``y1`` bound the surface on top."""
    p.box(front, 0.0, y1, 1.0, y1 + 0.19)
    for door in range(doors + 1):
        x = door / doors
        p.line("#00000040", 0.008, (x, y1 + 0.02), (x, y1 + 0.19))
        p.box("#00000060", x - 0.04, y1 + 0.07, x - 0.025, y1 + 0.12)
    p.box(top, 0.0, y0, 1.0, y1)
    p.box("#00000030", 0.0, y1, 1.0, y1 + 0.015)


def facade(
    p: Pen, light: Light, colour: Colour, left: float, right: float, top: float, foot: float
) -> None:
    """Draw the front of a town house with two columns of windows."""
    pane: Colour = Glow("#ffd981") if light.dark else "#a9c6d6"
    p.box(colour, left, top, right, foot)
    p.box("#00000035", left, top, right, top + 0.02)
    for row in range(int((foot - top - 0.12) / 0.11)):
        for share in (0.26, 0.74):
            x, level = left + (right - left) * share, top + 0.05 + 0.11 * row
            p.box(pane, x - 0.025, level, x + 0.025, level + 0.06)
