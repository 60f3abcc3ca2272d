"""Backgrounds of kitchens, offices and bedrooms."""

from numpy.random import Generator

from pipeline_lib.datasets.scenes.backgrounds import parts
from pipeline_lib.datasets.scenes.backgrounds.background import Background
from pipeline_lib.datasets.scenes.colours import (
    BODY,
    CREAM,
    DARK,
    DARK_WOOD,
    GREY,
    LIGHT,
    SLATE,
    STEEL,
    WHITE,
    WOOD,
)
from pipeline_lib.datasets.scenes.light import Light
from pipeline_lib.datasets.scenes.pen import Glow, Pen


def tiles(p: Pen, light: Light, rng: Generator) -> None:
    """Draw a tiled wall, a worktop with cupboards and a chequered floor."""
    p.box(BODY, 0.0, 0.0, 1.0, 0.6)
    for step in range(1, 9):
        p.box("#ffffff70", 0.0, step * 0.072, 1.0, step * 0.072 + 0.01)
        p.box("#ffffff70", step / 8.5, 0.0, step / 8.5 + 0.01, 0.6)
    p.box("#cfc8bb", 0.0, 0.78, 1.0, 1.0)
    for column in range(-6, 6):
        x, far = column / 5, (column / 5 - 0.5) * 0.6 + 0.5
        p.polygon(GREY, (far, 0.8), (far + 0.06, 0.8), (x + 0.1, 0.9), (x, 0.9))
        p.polygon(GREY, (x + 0.1, 0.9), (x + 0.2, 0.9), (x + 0.28, 1.0), (x + 0.15, 1.0))
    parts.worktop(p, WOOD, CREAM, 0.54, 0.62, 4)


def dining_room(p: Pen, light: Light, rng: Generator) -> None:
    """Draw a papered wall with a window over a long table with a cloth."""
    parts.room(p, 0.72, "#b98a58")
    for x, y in ((x / 7, y / 7) for x in range(8) for y in range(5)):
        p.oval(LIGHT, x + 0.035 * (round(y * 7) % 2), y, 0.014)
    parts.window(p, light, rng.uniform(0.08, 0.16), 0.08, rng.uniform(0.44, 0.52), 0.36, WHITE)
    for x in (0.06, 0.9):
        p.box(DARK_WOOD, x, 0.68, x + 0.04, 0.94)
    p.box(WHITE, 0.0, 0.56, 1.0, 0.66)
    for x in range(10):
        p.polygon(DARK, (x / 9 - 0.05, 0.66), (x / 9 + 0.05, 0.66), (x / 9, 0.73))


def fitted_kitchen(p: Pen, light: Light, rng: Generator) -> None:
    """Draw hanging cupboards, an extractor hood and a stone worktop."""
    p.box(LIGHT, 0.0, 0.0, 1.0, 0.6)
    parts.bands(p, "#b9926a", "#a37c55", 0.78, 1.0)
    for left in (0.0, 0.22, 0.58, 0.8):
        p.box(BODY, left + 0.005, 0.0, left + 0.21, 0.24)
        p.box(STEEL, left + 0.17, 0.16, left + 0.185, 0.22)
    p.polygon(STEEL, (0.47, 0.06), (0.53, 0.06), (0.58, 0.2), (0.42, 0.2))
    p.box(Glow("#fff2c8"), 0.45, 0.2, 0.55, 0.215)
    parts.worktop(p, SLATE, BODY, 0.54, 0.61, 5)


def window_desk(p: Pen, light: Light, rng: Generator) -> None:
    """Draw a wide window on the town with blinds, and a long desk."""
    parts.room(p, 0.74, "#7d8791")
    parts.window(p, light, 0.1, 0.06, 0.9, 0.4, STEEL)
    for left in (0.14, 0.26, 0.4, 0.55, 0.66, 0.78):
        top = rng.uniform(0.18, 0.32)
        p.box("#6f7b8c", left, top, left + 0.1, 0.4)
    for y in (0.07, 0.1, 0.13, 0.16):
        p.box(WHITE, 0.1, y, 0.9, y + 0.015)
    parts.worktop(p, WOOD, LIGHT, 0.56, 0.63, 3)


def cubicle(p: Pen, light: Light, rng: Generator) -> None:
    """Draw a padded partition with notes pinned to it, and a white desk."""
    p.box("#e3e6e8", 0.0, 0.0, 1.0, 0.2)
    for left in (0.1, 0.6):
        p.box(Glow("#ffffff"), left, 0.04, left + 0.3, 0.07)
    p.box(BODY, 0.0, 0.16, 1.0, 0.7)
    for x in (0.0, 0.33, 0.66, 0.99):
        p.box(GREY, x, 0.15, x + 0.015, 0.7)
    for x, y in rng.uniform((0.04, 0.22), (0.9, 0.4), (6, 2)):
        p.box(("#f7e27a", "#f5b7c0", "#bfe3c1")[int(rng.integers(3))], x, y, x + 0.06, y + 0.06)
    p.box("#6d7480", 0.0, 0.68, 1.0, 1.0)
    for x, y in rng.uniform((0, 0.8), (1, 1), (30, 2)):
        p.oval("#7f8792", x, y, 0.008, 0.004)
    parts.worktop(p, WHITE, STEEL, 0.56, 0.62, 2)


def book_wall(p: Pen, light: Light, rng: Generator) -> None:
    """Draw shelves with files along the wall over a dark desk."""
    parts.room(p, 0.74, "#8b6a4a")
    for y in (0.16, 0.36):
        left = 0.03
        while left < 0.92:
            width = rng.uniform(0.03, 0.055)
            colour = ("#a34a42", "#3e6a8f", "#d8c9a4", "#4d7a58", "#6b5c7d")[int(rng.integers(5))]
            p.box(colour, left, y - rng.uniform(0.09, 0.13), left + width, y)
            left += width + 0.006
        p.box(DARK_WOOD, 0.0, y, 1.0, y + 0.025)
    parts.worktop(p, DARK_WOOD, WOOD, 0.55, 0.62, 4)


def papered_room(p: Pen, light: Light, rng: Generator) -> None:
    """Draw striped paper, curtains, a boarded floor and a rug."""
    parts.room(p, 0.64, "#b5875a")
    for stripe in range(10):
        p.box(LIGHT, stripe / 10, 0.0, stripe / 10 + 0.045, 0.61)
    left = rng.uniform(0.1, 0.6)
    parts.window(p, light, left, 0.1, left + 0.26, 0.38, WHITE)
    for x in (left - 0.06, left + 0.26):
        p.polygon(DARK, (x, 0.06), (x + 0.07, 0.06), (x + 0.06, 0.44), (x - 0.01, 0.44))
    p.oval(DARK, 0.5, 0.85, 0.4, 0.1)
    p.oval(LIGHT, 0.5, 0.85, 0.32, 0.07)


def attic(p: Pen, light: Light, rng: Generator) -> None:
    """Draw a room under a sloping roof with a skylight and a low sideboard."""
    parts.room(p, 0.68, "#9c7048")
    p.polygon(LIGHT, (0.0, 0.0), (0.42, 0.0), (0.0, 0.46))
    p.polygon(LIGHT, (1.0, 0.0), (0.58, 0.0), (1.0, 0.46))
    p.line(DARK_WOOD, 0.03, (0.42, 0.0), (0.0, 0.46))
    p.line(DARK_WOOD, 0.03, (0.58, 0.0), (1.0, 0.46))
    parts.window(p, light, 0.4, 0.12, 0.6, 0.34, DARK_WOOD)
    p.box(WOOD, 0.0, 0.56, 1.0, 0.6)
    p.box(DARK_WOOD, 0.0, 0.6, 1.0, 0.74)
    for x in (0.18, 0.5, 0.82):
        p.box(WOOD, x - 0.13, 0.625, x + 0.13, 0.715)
        p.oval(CREAM, x, 0.67, 0.014)


def panelled_room(p: Pen, light: Light, rng: Generator) -> None:
    """Draw a painted wall over white panels, a string of lights and a carpet."""
    p.box(BODY, 0.0, 0.0, 1.0, 0.66)
    p.box(WHITE, 0.0, 0.4, 1.0, 0.66)
    for x in (0.02, 0.27, 0.52, 0.77):
        p.box("#dcd8cf", x, 0.44, x + 0.21, 0.62)
        p.box("#ece9e1", x + 0.015, 0.455, x + 0.195, 0.605)
    for step in range(13):
        x = step / 12
        p.oval(Glow("#ffe9a3"), x, 0.08 + 0.05 * abs(1 - (step % 6) / 3), 0.013)
    p.box(DARK, 0.0, 0.66, 1.0, 1.0)
    for x, y in rng.uniform((0, 0.67), (1, 1), (30, 2)):
        p.oval(BODY, x, y, 0.016, 0.006)


BACKGROUNDS = {
    "tiles": Background(tiles, ground=(0.86, 0.98), table=(0.57, 0.61), wall=(0.18, 0.36)),
    "dining room": Background(
        dining_room, ground=(0.84, 0.98), table=(0.59, 0.65), wall=(0.2, 0.36)
    ),
    "fitted kitchen": Background(
        fitted_kitchen, ground=(0.86, 0.98), table=(0.57, 0.6), wall=(0.36, 0.44)
    ),
    "window desk": Background(
        window_desk, ground=(0.86, 0.98), table=(0.59, 0.62), wall=(0.22, 0.42)
    ),
    "cubicle": Background(cubicle, ground=(0.86, 0.98), table=(0.58, 0.61), wall=(0.3, 0.44)),
    "book wall": Background(book_wall, ground=(0.86, 0.98), table=(0.58, 0.61), wall=(0.26, 0.46)),
    "papered room": Background(papered_room, ground=(0.72, 0.97), wall=(0.24, 0.46)),
    "attic": Background(attic, ground=(0.82, 0.97), table=(0.56, 0.59), wall=(0.3, 0.5)),
    "panelled room": Background(panelled_room, ground=(0.76, 0.97), wall=(0.24, 0.4)),
}
