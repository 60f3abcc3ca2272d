"""Backgrounds of parks, gardens, farms, mountains and forests."""

from numpy.random import Generator

from pipeline_lib.datasets.scenes.backgrounds import parts
from pipeline_lib.datasets.scenes.backgrounds.background import Background
from pipeline_lib.datasets.scenes.colours import (
    BODY,
    BRICK,
    CREAM,
    DARK,
    DARK_LEAF,
    DARK_WOOD,
    LEAF,
    LIGHT,
    STONE,
    WHITE,
    WOOD,
)
from pipeline_lib.datasets.scenes.light import Light
from pipeline_lib.datasets.scenes.pen import Pen

SNOW = "#f1f5fa"


def lawn(p: Pen, light: Light, rng: Generator) -> None:
    """Draw a lawn with a winding path, and the town far behind."""
    parts.sky(p, light, rng, 0.44)
    for left in (0.04, 0.2, 0.33, 0.56, 0.7, 0.86):
        p.box("#a7b1bd", left, 0.44 - rng.uniform(0.06, 0.17), left + 0.11, 0.44)
    parts.ridge(p, rng, DARK, 0.46, 0.08, 6, sharp=False)
    parts.ground(p, rng, BODY, 0.45, LIGHT, 24)
    x = rng.uniform(0.3, 0.7)
    p.blob(
        "#d9c9a3",
        (x, 0.45),
        (x + 0.03, 0.45),
        (x + 0.1, 0.62),
        (x + 0.05, 0.8),
        (x + 0.3, 1.1),
        (x - 0.25, 1.1),
        (x - 0.12, 0.8),
        (x + 0.02, 0.62),
    )


def pond(p: Pen, light: Light, rng: Generator) -> None:
    """Draw a lawn around a pond with lilies."""
    parts.sky(p, light, rng, 0.4)
    parts.ridge(p, rng, DARK, 0.42, 0.12, 5, sharp=False)
    parts.ground(p, rng, BODY, 0.4, LIGHT, 20)
    p.oval("#5e9fb2", 0.5, 0.62, 0.44, 0.11)
    p.oval("#7fbccb", 0.48, 0.6, 0.36, 0.07)
    for x, y in rng.uniform((0.2, 0.56), (0.8, 0.68), (6, 2)):
        p.oval(LEAF, x, y, 0.03, 0.012)


def paling(p: Pen, light: Light, rng: Generator) -> None:
    """Draw a lawn and flower beds before a white paling fence."""
    parts.sky(p, light, rng, 0.4)
    parts.ridge(p, rng, DARK_LEAF, 0.46, 0.12, 5, sharp=False)
    parts.ground(p, rng, BODY, 0.44, LIGHT, 18)
    for y in (0.38, 0.5):
        p.box(CREAM, 0.0, y, 1.0, y + 0.025)
    for post in range(12):
        x = 0.02 + post * 0.086
        p.polygon(WHITE, (x, 0.34), (x + 0.025, 0.3), (x + 0.05, 0.34), (x + 0.05, 0.56), (x, 0.56))
    p.box("#7a5a3c", 0.0, 0.56, 1.0, 0.63)
    for x in rng.uniform(0, 1, 12):
        p.oval(LEAF, x, 0.57, 0.035, 0.03)


def hedge(p: Pen, light: Light, rng: Generator) -> None:
    """Draw a clipped hedge behind a lawn with stepping stones."""
    parts.sky(p, light, rng, 0.3)
    p.box(DARK_LEAF, 0.0, 0.26, 1.0, 0.54)
    for x, y in rng.uniform((0, 0.25), (1, 0.52), (36, 2)):
        p.oval("#3c8244", x, y, 0.035, 0.025)
    parts.ground(p, rng, BODY, 0.54, LIGHT, 20)
    for x, y in ((0.44, 0.6), (0.52, 0.7), (0.46, 0.82), (0.55, 0.95)):
        p.oval(STONE, x, y, 0.17 * y - 0.05, 0.07 * y - 0.02)


def terrace(p: Pen, light: Light, rng: Generator) -> None:
    """Draw a brick wall with a window, a bed of earth and a paved terrace."""
    p.box(BRICK, 0.0, 0.0, 1.0, 0.52)
    for row in range(9):
        y = 0.06 * row
        p.box("#00000022", 0.0, y, 1.0, y + 0.008)
        for brick in range(7):
            joint = (brick + (row % 2) / 2) / 6.5
            p.box("#00000022", joint, y, joint + 0.008, y + 0.06)
    parts.window(p, light, 0.36, 0.1, 0.64, 0.36, WHITE)
    p.box("#6d5036", 0.0, 0.5, 1.0, 0.58)
    for x in rng.uniform(0, 1, 14):
        p.oval(LEAF, x, 0.5, 0.04, 0.035)
    p.box(BODY, 0.0, 0.58, 1.0, 1.0)
    for y in (0.66, 0.78, 0.94):
        p.box("#00000026", 0.0, y, 1.0, y + 0.008)
    for x in (-0.3, 0.1, 0.5, 0.9, 1.3):
        p.line("#00000026", 0.008, ((x + 0.5) / 2, 0.58), (x, 1.0))


def field(p: Pen, light: Light, rng: Generator) -> None:
    """Draw ploughed and green fields under low hills."""
    parts.sky(p, light, rng, 0.42)
    parts.ridge(p, rng, "#86a868", 0.42, 0.12, 3, sharp=False)
    p.box("#d8b850", 0.0, 0.41, 1.0, 0.5)
    parts.ground(p, rng, BODY, 0.49, DARK, 10)
    for x in range(-9, 20, 3):
        p.line(DARK, 0.014, (0.5 + (x / 10 - 0.5) * 0.45, 0.5), (x / 10, 1.02))


def farmyard(p: Pen, light: Light, rng: Generator) -> None:
    """Draw bare earth behind a rail fence, pasture beyond."""
    parts.sky(p, light, rng, 0.4)
    parts.ridge(p, rng, "#6f9a58", 0.46, 0.1, 4, sharp=False)
    p.box("#86b05c", 0.0, 0.44, 1.0, 0.56)
    parts.ground(p, rng, BODY, 0.55, DARK, 30)
    for y in (0.42, 0.5):
        p.box(WOOD, 0.0, y, 1.0, y + 0.03)
    for x in (0.06, 0.28, 0.5, 0.72, 0.94):
        p.box(DARK_WOOD, x - 0.02, 0.38, x + 0.02, 0.6)


def stable(p: Pen, light: Light, rng: Generator) -> None:
    """Draw the inside of a barn: boards, beams, a window and straw."""
    p.box(BODY, 0.0, 0.0, 1.0, 0.6)
    for x in range(9):
        p.box("#00000030", x / 8 - 0.006, 0.0, x / 8 + 0.006, 0.6)
    parts.window(p, light, 0.38, 0.14, 0.62, 0.32, DARK_WOOD)
    p.box(DARK_WOOD, 0.0, 0.02, 1.0, 0.07)
    p.line(DARK_WOOD, 0.045, (0.0, 0.28), (0.2, 0.04))
    p.line(DARK_WOOD, 0.045, (1.0, 0.28), (0.8, 0.04))
    p.box("#d9b45a", 0.0, 0.6, 1.0, 1.0)
    for x, y in rng.uniform((0, 0.6), (1, 1), (40, 2)):
        turn = rng.uniform(-0.05, 0.05)
        p.line("#b58c34", 0.008, (x - 0.04, y - turn), (x + 0.04, y + turn))


def peaks(p: Pen, light: Light, rng: Generator) -> None:
    """Draw grey peaks with snow over an alpine meadow."""
    parts.sky(p, light, rng, 0.55)
    parts.ridge(p, rng, "#aab6c6", 0.52, 0.3, 4, sharp=True)
    for x, top in ((0.12, 0.2), (0.5, 0.1), (0.86, 0.18)):
        x, top = x + rng.uniform(-0.06, 0.06), top + rng.uniform(-0.03, 0.05)
        p.polygon("#76808f", (x, top), (x + 0.34, 0.6), (x - 0.34, 0.6))
        p.polygon(
            SNOW,
            (x, top),
            (x + 0.09, top + 0.12),
            (x + 0.03, top + 0.1),
            (x - 0.03, top + 0.14),
            (x - 0.09, top + 0.12),
        )
    parts.ridge(p, rng, DARK, 0.62, 0.1, 4, sharp=False)
    parts.ground(p, rng, BODY, 0.58, LIGHT, 22)


def snowfield(p: Pen, light: Light, rng: Generator) -> None:
    """Draw white slopes under white peaks."""
    parts.sky(p, light, rng, 0.55)
    parts.ridge(p, rng, "#9fb2c9", 0.56, 0.4, 3, sharp=True)
    parts.ridge(p, rng, BODY, 0.6, 0.24, 4, sharp=True)
    p.blob(SNOW, (-0.2, 1.1), (-0.1, 0.5), (0.3, 0.6), (0.7, 0.54), (1.2, 0.62), (1.2, 1.1))
    p.line("#c5d3e4", 0.014, (0.0, 0.74), (0.45, 0.7), (1.0, 0.8))
    p.line("#c5d3e4", 0.014, (0.0, 0.9), (0.5, 0.84), (1.0, 0.94))


def clearing(p: Pen, light: Light, rng: Generator) -> None:
    """Draw pale trunks behind a glade, leaves above."""
    parts.bands(p, "#b9cfa0", "#6f9a62", 0.0, 0.6)
    for x in rng.uniform(0, 1, 11):
        p.box("#5a6e4c", x - 0.015, 0.0, x + rng.uniform(0.0, 0.025), 0.58)
    for x, y in rng.uniform((0, 0), (1, 0.12), (20, 2)):
        p.oval(DARK, x, y, 0.09, 0.06)
    parts.ridge(p, rng, DARK, 0.6, 0.08, 7, sharp=False)
    parts.ground(p, rng, BODY, 0.58, "#8a7a45", 30)


def thicket(p: Pen, light: Light, rng: Generator) -> None:
    """Draw the dark edge of a wood, with ferns and a path of needles."""
    parts.sky(p, light, rng, 0.3)
    for x, y in rng.uniform((0, 0.16), (1, 0.5), (44, 2)):
        p.oval(parts.SHADES[int(rng.integers(2)) * 2], x, y, 0.1, 0.08)
    p.box(DARK, 0.0, 0.46, 1.0, 0.58)
    parts.ground(p, rng, "#9a8558", 0.57, "#77663f", 34)
    for x in rng.uniform(0, 1, 9):
        for lean in (-0.06, -0.03, 0.0, 0.03, 0.06):
            p.line(LEAF, 0.01, (x, 0.62), (x + lean, 0.62 - 0.08 + abs(lean)))


BACKGROUNDS = {
    "lawn": Background(lawn, ground=(0.6, 0.97), sky=(0.22, 0.42)),
    "pond": Background(pond, ground=(0.8, 0.97), water=(0.58, 0.68), sky=(0.22, 0.4)),
    "paling": Background(paling, ground=(0.7, 0.97), sky=(0.22, 0.38)),
    "hedge": Background(hedge, ground=(0.66, 0.97), sky=(0.22, 0.34)),
    "terrace": Background(terrace, ground=(0.68, 0.97), wall=(0.2, 0.44)),
    "field": Background(field, ground=(0.6, 0.97), sky=(0.22, 0.4)),
    "farmyard": Background(farmyard, ground=(0.66, 0.97), sky=(0.22, 0.4)),
    "stable": Background(stable, ground=(0.7, 0.97), wall=(0.2, 0.5)),
    "peaks": Background(peaks, ground=(0.7, 0.97), sky=(0.26, 0.5)),
    "snowfield": Background(snowfield, ground=(0.7, 0.97), sky=(0.26, 0.5)),
    "clearing": Background(clearing, ground=(0.68, 0.97), sky=(0.22, 0.42)),
    "thicket": Background(thicket, ground=(0.68, 0.97), sky=(0.22, 0.38)),
}
