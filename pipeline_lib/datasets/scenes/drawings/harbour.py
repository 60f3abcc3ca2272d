"""Boats, canoes and lighthouses."""

from pipeline_lib.datasets.scenes.colours import (
    BODY,
    BRICK,
    DARK_WOOD,
    GLASS,
    GOLD,
    INK,
    LIGHT,
    RED,
    SLATE,
    STEEL,
    STONE,
    WHITE,
    WOOD,
)
from pipeline_lib.datasets.scenes.pen import Glow, Pen

LAMP = Glow("#fff0a0")


def sailing_boat(p: Pen) -> None:
    """Draw a sloop with two sails."""
    p.line(DARK_WOOD, 0.035, (0.5, 0.02), (0.5, 0.8))
    p.polygon(WHITE, (0.54, 0.06), (0.98, 0.68), (0.54, 0.68))
    p.polygon(BODY, (0.46, 0.14), (0.46, 0.68), (0.06, 0.68))
    p.polygon(WOOD, (0.0, 0.76), (1.0, 0.76), (0.84, 1.0), (0.16, 1.0))
    p.polygon(WHITE, (0.0, 0.76), (1.0, 0.76), (0.97, 0.82), (0.03, 0.82))


def motor_boat(p: Pen) -> None:
    """Draw a cabin cruiser, bow to the right."""
    p.line(STEEL, 0.03, (0.62, 0.0), (0.62, 0.2))
    p.polygon(RED, (0.62, 0.0), (0.42, 0.05), (0.62, 0.1))
    p.polygon(WHITE, (0.35, 0.16), (0.85, 0.16), (1.06, 0.45), (0.28, 0.45))
    p.polygon(GLASS, (0.42, 0.22), (0.6, 0.22), (0.6, 0.36), (0.38, 0.36))
    p.polygon(GLASS, (0.65, 0.22), (0.82, 0.22), (0.92, 0.36), (0.65, 0.36))
    p.polygon(WHITE, (0.0, 0.44), (1.55, 0.4), (1.28, 0.78), (0.08, 0.78))
    p.polygon(BODY, (0.03, 0.58), (1.44, 0.56), (1.28, 0.78), (0.08, 0.78))
    for x in (0.4, 0.66, 0.92):
        p.oval(SLATE, x, 0.5, 0.04)


def paddled_canoe(p: Pen) -> None:
    """Draw an open canoe with a paddler in it."""
    p.line(WOOD, 0.035, (0.5, 0.16), (0.98, 0.66))
    p.polygon(WOOD, (0.94, 0.54), (1.08, 0.68), (1.0, 0.76), (0.87, 0.61))
    p.polygon(GOLD, (0.56, 0.28), (0.78, 0.28), (0.86, 0.6), (0.52, 0.6))
    p.line(GOLD, 0.08, (0.62, 0.32), (0.72, 0.42))
    p.oval("#e8b48c", 0.68, 0.17, 0.1)
    p.pie(INK, 0.68, 0.15, 0.11, 180, 360)
    p.polygon(
        BODY, (0.0, 0.42), (0.16, 0.56), (1.2, 0.56), (1.36, 0.42), (1.24, 0.76), (0.12, 0.76)
    )
    p.polygon(LIGHT, (0.07, 0.55), (1.29, 0.55), (1.27, 0.61), (0.09, 0.61))


def empty_canoe(p: Pen) -> None:
    """Draw a canoe from above its side, with thwarts."""
    p.polygon(
        BODY,
        (0.0, 0.1),
        (0.14, 0.4),
        (0.35, 0.52),
        (1.15, 0.52),
        (1.36, 0.4),
        (1.5, 0.1),
        (1.3, 0.22),
        (0.2, 0.22),
    )
    p.blob(DARK_WOOD, (0.06, 0.16), (0.75, 0.02), (1.44, 0.16), (0.75, 0.27))
    p.polygon(
        BODY,
        (0.0, 0.1),
        (0.14, 0.4),
        (0.35, 0.52),
        (1.15, 0.52),
        (1.36, 0.4),
        (1.5, 0.1),
        (1.2, 0.24),
        (0.75, 0.28),
        (0.3, 0.24),
    )
    for x in (0.5, 1.0):
        p.polygon(WOOD, (x - 0.05, 0.06), (x + 0.05, 0.06), (x + 0.05, 0.27), (x - 0.05, 0.27))
    p.line(LIGHT, 0.035, (0.2, 0.36), (0.42, 0.44), (1.08, 0.44), (1.3, 0.36))


def striped_lighthouse(p: Pen) -> None:
    """Draw a round tower with coloured bands."""
    p.polygon(WHITE, (0.14, 0.3), (0.46, 0.3), (0.56, 1.3), (0.04, 1.3))
    for top in (0.42, 0.76, 1.1):
        grow = (top - 0.3) * 0.1
        p.polygon(
            BODY,
            (0.14 - grow, top),
            (0.46 + grow, top),
            (0.477 + grow, top + 0.17),
            (0.123 - grow, top + 0.17),
        )
    p.box(INK, 0.08, 0.26, 0.52, 0.31)
    p.box(LAMP, 0.17, 0.12, 0.43, 0.26)
    p.box(INK, 0.285, 0.12, 0.315, 0.26)
    p.polygon(BODY, (0.12, 0.13), (0.48, 0.13), (0.3, 0.0))
    p.box(DARK_WOOD, 0.23, 1.12, 0.37, 1.3)


def stone_lighthouse(p: Pen) -> None:
    """Draw a square tower beside its keeper's house."""
    p.box(WHITE, 0.36, 0.86, 0.95, 1.2)
    p.polygon(BODY, (0.3, 0.88), (0.42, 0.68), (0.86, 0.68), (1.0, 0.88))
    p.box(GLASS, 0.66, 0.95, 0.8, 1.1)
    p.box(STONE, 0.1, 0.3, 0.46, 1.2)
    for y in (0.48, 0.72):
        p.box(SLATE, 0.23, y, 0.33, y + 0.13)
    p.box(SLATE, 0.03, 0.26, 0.53, 0.32)
    p.box(LAMP, 0.13, 0.12, 0.43, 0.26)
    p.box(SLATE, 0.26, 0.12, 0.3, 0.26)
    p.dome(BODY, 0.1, 0.46, 0.13, 0.13)
    p.box(BRICK, 0.2, 0.98, 0.36, 1.2)


DRAWINGS = {
    "boat": {"sailing": sailing_boat, "motor": motor_boat},
    "canoe": {"paddled": paddled_canoe, "empty": empty_canoe},
    "lighthouse": {"striped": striped_lighthouse, "stone": stone_lighthouse},
}
