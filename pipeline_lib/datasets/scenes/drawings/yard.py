"""What stands in yards, in fields and on slopes."""

from math import cos, pi, sin

from pipeline_lib.datasets.scenes.colours import (
    BODY,
    CREAM,
    DARK,
    DARK_WOOD,
    GOLD,
    INK,
    LIGHT,
    SLATE,
    STEEL,
    WOOD,
)
from pipeline_lib.datasets.scenes.pen import Pen


def straight_ladder(p: Pen) -> None:
    """Draw a ladder with six rungs."""
    for step in range(6):
        p.line(BODY, 0.06, (0.06, 0.14 + 0.2 * step), (0.44, 0.14 + 0.2 * step))
    for x in (0.05, 0.45):
        p.box(BODY, x - 0.05, 0.0, x + 0.05, 1.3)


def step_ladder(p: Pen) -> None:
    """Draw a stepladder with two legs."""
    p.line(STEEL, 0.07, (0.4, 0.04), (0.86, 1.2))
    for step in range(5):
        wide, y = 0.06 + 0.05 * step, 0.2 + 0.22 * step
        p.box(LIGHT, 0.36 - 2 * wide, y, 0.42, y + 0.06)
    p.line(BODY, 0.09, (0.32, 0.0), (0.0, 1.2))
    p.box(BODY, 0.22, 0.0, 0.5, 0.1)


def leaf_rake(p: Pen) -> None:
    """Draw a rake like a fan, its teeth down."""
    p.box(WOOD, 0.36, 0.0, 0.44, 0.9)
    for x in (0.0, 0.16, 0.32, 0.48, 0.64, 0.8):
        p.line(BODY, 0.05, (0.4, 0.8), (x, 1.24))
    p.box(BODY, 0.16, 0.98, 0.64, 1.04)


def iron_rake(p: Pen) -> None:
    """Draw a rake that leans, its teeth up."""
    p.line(DARK_WOOD, 0.08, (0.16, 1.2), (0.66, 0.18))
    p.line(BODY, 0.09, (0.34, 0.1), (1.0, 0.34))
    for step in range(5):
        x, y = 0.38 + 0.14 * step, 0.12 + 0.05 * step
        p.line(BODY, 0.05, (x, y), (x + 0.08, y - 0.16))


def straw_scarecrow(p: Pen) -> None:
    """Draw a scarecrow with a hat and outstretched arms."""
    p.box(DARK_WOOD, 0.46, 0.5, 0.54, 1.4)
    p.box(BODY, 0.0, 0.48, 1.0, 0.62)
    p.polygon(BODY, (0.28, 0.5), (0.72, 0.5), (0.8, 1.06), (0.2, 1.06))
    for x in (-0.04, 0.96):
        p.box(GOLD, x, 0.46, x + 0.1, 0.68)
    p.oval(CREAM, 0.5, 0.34, 0.17)
    p.polygon(INK, (0.24, 0.24), (0.76, 0.24), (0.5, -0.06))


def pumpkin_scarecrow(p: Pen) -> None:
    """Draw a scarecrow with a pumpkin for a head, its arms hanging."""
    p.polygon(GOLD, (0.2, 1.1), (0.7, 1.1), (0.62, 1.34), (0.28, 1.34))
    for x, far in ((0.2, 0.0), (0.7, 0.9)):
        p.line(DARK, 0.13, (x, 0.5), (far, 0.96))
    p.box(BODY, 0.2, 0.44, 0.7, 1.14)
    p.line(INK, 0.04, (0.2, 0.78), (0.7, 0.78))
    p.oval("#e8822a", 0.45, 0.26, 0.27, 0.23)
    for x in (0.36, 0.54):
        p.polygon(INK, (x - 0.06, 0.26), (x + 0.06, 0.26), (x, 0.16))
    p.box(INK, 0.34, 0.34, 0.56, 0.38)


def stone_windmill(p: Pen) -> None:
    """Draw a mill with four sails."""
    p.polygon(CREAM, (0.36, 0.4), (0.64, 0.4), (0.78, 1.3), (0.22, 1.3))
    p.dome(BODY, 0.32, 0.68, 0.42, 0.18)
    p.box(DARK_WOOD, 0.42, 1.04, 0.58, 1.3)
    for turn in range(4):
        angle = pi / 4 + turn * pi / 2
        x, y = 0.5 + 0.6 * cos(angle), 0.4 + 0.6 * sin(angle)
        p.line(BODY, 0.12, (0.5, 0.4), (x, y))
    p.oval(INK, 0.5, 0.4, 0.07)


def wind_pump(p: Pen) -> None:
    """Draw a wind pump: a wheel of blades on a lattice."""
    for x in (0.14, 0.86):
        p.line(SLATE, 0.05, (0.5, 0.34), (x, 1.4))
    for y, half in ((0.8, 0.16), (1.1, 0.26)):
        p.line(SLATE, 0.04, (0.5 - half, y), (0.5 + half, y))
    p.polygon(BODY, (0.56, 0.32), (0.98, 0.2), (0.98, 0.48))
    p.star(STEEL, 0.5, 0.34, 0.18, 0.36, 10)
    p.oval(BODY, 0.5, 0.34, 0.12)


def wooden_sled(p: Pen) -> None:
    """Draw a sled with curled runners."""
    p.line(BODY, 0.08, (0.0, 0.62), (1.1, 0.62), (1.34, 0.44), (1.3, 0.2))
    for x in (0.2, 0.6, 0.98):
        p.box(BODY, x - 0.04, 0.2, x + 0.04, 0.6)
    for y in (0.0, 0.14):
        p.box(WOOD, 0.0, y, 1.16, y + 0.1)


def round_sled(p: Pen) -> None:
    """Draw a bob with a steering wheel and a cord."""
    p.line(INK, 0.04, (1.16, 0.5), (1.42, 0.2))
    p.polygon(
        BODY, (0.0, 0.2), (0.2, 0.2), (0.3, 0.4), (1.0, 0.4), (1.24, 0.5), (1.1, 0.78), (0.16, 0.78)
    )
    p.line(DARK, 0.06, (0.78, 0.44), (0.66, 0.14))
    p.arc(INK, 0.06, 0.64, 0.14, 0.13)
    p.box(LIGHT, 0.2, 0.56, 1.1, 0.64)


def felling_axe(p: Pen) -> None:
    """Draw an axe with one blade, upright."""
    p.box(WOOD, 0.3, 0.06, 0.42, 1.2)
    p.blob(BODY, (0.28, 0.1), (0.6, 0.14), (0.82, 0.0), (0.86, 0.46), (0.6, 0.34), (0.28, 0.36))
    p.line(LIGHT, 0.05, (0.8, 0.04), (0.84, 0.42))
    p.box(DARK, 0.2, 0.12, 0.34, 0.34)


def stump_axe(p: Pen) -> None:
    """Draw an axe that sticks in a stump."""
    p.line(WOOD, 0.1, (0.7, 0.44), (1.16, 0.0))
    p.polygon(BODY, (0.44, 0.3), (0.72, 0.3), (0.8, 0.6), (0.4, 0.66))
    p.box(DARK_WOOD, 0.06, 0.58, 0.94, 1.06)
    p.oval(CREAM, 0.5, 0.6, 0.44, 0.1)


DRAWINGS = {
    "ladder": {"straight": straight_ladder, "steps": step_ladder},
    "rake": {"leaf": leaf_rake, "iron": iron_rake},
    "scarecrow": {"straw": straw_scarecrow, "pumpkin": pumpkin_scarecrow},
    "windmill": {"stone": stone_windmill, "pump": wind_pump},
    "sled": {"wooden": wooden_sled, "round": round_sled},
    "axe": {"felling": felling_axe, "stump": stump_axe},
}
