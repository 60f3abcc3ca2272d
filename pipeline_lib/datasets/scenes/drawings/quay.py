"""What lies on a quay, a bank and a beach."""

from math import cos, pi, sin

from pipeline_lib.datasets.scenes.colours import (
    BODY,
    DARK,
    DARK_LEAF,
    DARK_WOOD,
    GOLD,
    INK,
    LEAF,
    LIGHT,
    ORANGE,
    STEEL,
    WHITE,
    WOOD,
)
from pipeline_lib.datasets.scenes.pen import Pen


def stocked_anchor(p: Pen) -> None:
    """Draw an anchor with a crossbar and two flukes."""
    p.arc(BODY, 0.1, 0.5, 0.12, 0.1)
    p.box(BODY, 0.45, 0.2, 0.55, 1.0)
    p.box(WOOD, 0.2, 0.26, 0.8, 0.35)
    p.arc(BODY, 0.12, 0.5, 0.55, 0.42, 20, 160)
    p.polygon(BODY, (-0.02, 0.78), (0.04, 0.5), (0.24, 0.7))
    p.polygon(BODY, (1.02, 0.78), (0.96, 0.5), (0.76, 0.7))


def grapnel_anchor(p: Pen) -> None:
    """Draw an anchor with a ring and four claws, a rope through its ring."""
    p.arc(GOLD, 0.08, 0.38, 0.14, 0.14)
    p.box(BODY, 0.32, 0.2, 0.44, 0.9)
    for x, y in ((0.0, 0.5), (0.76, 0.5), (0.18, 0.42), (0.58, 0.42)):
        p.line(BODY, 0.1, (0.38, 0.92), (x, 0.8), (x, y))


def standing_barrel(p: Pen) -> None:
    """Draw a barrel with three hoops."""
    p.blob(BODY, (0.1, 0.0), (0.7, 0.0), (0.8, 0.5), (0.7, 1.0), (0.1, 1.0), (0.0, 0.5))
    for y in (0.14, 0.5, 0.86):
        p.box(INK, 0.03, y - 0.04, 0.77, y + 0.04)
    p.oval(LIGHT, 0.4, 0.02, 0.3, 0.06)


def lying_barrel(p: Pen) -> None:
    """Draw a barrel on its side, its lid to the viewer."""
    p.oval(BODY, 0.5, 0.5, 0.5)
    p.oval(DARK, 0.5, 0.5, 0.4)
    p.oval(LIGHT, 0.5, 0.5, 0.34)
    for x in (0.32, 0.5, 0.68):
        p.line(DARK_WOOD, 0.03, (x, 0.22), (x, 0.78))


def cone_buoy(p: Pen) -> None:
    """Draw a striped cone with a light on it."""
    p.oval(GOLD, 0.4, 0.08, 0.08)
    p.polygon(BODY, (0.34, 0.16), (0.46, 0.16), (0.72, 0.84), (0.08, 0.84))
    p.polygon(WHITE, (0.25, 0.4), (0.55, 0.4), (0.63, 0.6), (0.17, 0.6))
    p.oval(INK, 0.4, 0.88, 0.4, 0.12)


def ring_buoy(p: Pen) -> None:
    """Draw a life ring in four colours."""
    p.arc(BODY, 0.26, 0.5, 0.5, 0.37)
    for start in (20, 110, 200, 290):
        p.arc(WHITE, 0.26, 0.5, 0.5, 0.37, start, start + 45)


def striped_fish(p: Pen) -> None:
    """Draw a fish with stripes, head to the right."""
    p.polygon(BODY, (0.0, 0.1), (0.4, 0.4), (0.0, 0.7))
    p.polygon(DARK, (0.5, 0.18), (0.9, -0.06), (1.0, 0.2))
    p.oval(BODY, 0.8, 0.4, 0.55, 0.32)
    for x in (0.56, 0.82):
        p.box(LIGHT, x, 0.14, x + 0.1, 0.66)
    p.oval(WHITE, 1.14, 0.33, 0.08)
    p.oval(INK, 1.15, 0.33, 0.04)


def leaping_fish(p: Pen) -> None:
    """Draw a bent fish that leaps, head up."""
    p.polygon(BODY, (0.0, 1.0), (0.3, 0.74), (0.42, 1.04))
    p.blob(BODY, (0.24, 0.86), (0.3, 0.4), (0.66, 0.02), (0.8, 0.1), (0.66, 0.62), (0.4, 0.88))
    p.polygon(DARK, (0.24, 0.6), (0.06, 0.36), (0.36, 0.34))
    p.blob(LIGHT, (0.44, 0.78), (0.62, 0.5), (0.74, 0.2), (0.66, 0.56))
    p.oval(INK, 0.66, 0.14, 0.04)


def swimming_swan(p: Pen) -> None:
    """Draw a swan on the water, its neck bent."""
    p.polygon(WHITE, (0.0, 0.5), (0.4, 0.56), (0.2, 0.84))
    p.oval(WHITE, 0.56, 0.76, 0.46, 0.24)
    p.line(WHITE, 0.13, (0.92, 0.7), (1.02, 0.5), (0.9, 0.3), (0.96, 0.1))
    p.oval(WHITE, 0.98, 0.1, 0.13, 0.1)
    p.polygon(ORANGE, (1.08, 0.06), (1.26, 0.16), (1.06, 0.18))
    p.oval(INK, 1.01, 0.08, 0.03)
    p.oval("#d4dbe0", 0.5, 0.74, 0.26, 0.13)


def winged_swan(p: Pen) -> None:
    """Draw a swan from the front with raised wings."""
    for side in (-1, 1):
        p.blob(
            WHITE,
            (0.6 + side * 0.1, 0.9),
            (0.6 + side * 0.62, 0.16),
            (0.6 + side * 0.5, 0.66),
            (0.6 + side * 0.3, 0.96),
        )
    p.oval(WHITE, 0.6, 0.8, 0.28, 0.22)
    p.box(WHITE, 0.53, 0.14, 0.67, 0.7)
    p.oval(WHITE, 0.6, 0.12, 0.13, 0.12)
    p.polygon(ORANGE, (0.54, 0.14), (0.66, 0.14), (0.6, 0.32))


def sitting_frog(p: Pen) -> None:
    """Draw a frog that looks at the viewer."""
    for x in (0.14, 0.86):
        p.oval(DARK, x, 0.8, 0.16, 0.2)
    p.oval(BODY, 0.5, 0.66, 0.42, 0.34)
    for x in (0.26, 0.74):
        p.oval(BODY, x, 0.26, 0.18)
        p.oval(GOLD, x, 0.24, 0.12)
        p.oval(INK, x, 0.24, 0.06)
    p.line(INK, 0.04, (0.2, 0.56), (0.5, 0.64), (0.8, 0.56))
    p.oval(LIGHT, 0.5, 0.84, 0.24, 0.14)


def leaping_frog(p: Pen) -> None:
    """Draw a frog in its leap, legs behind it."""
    p.line(BODY, 0.12, (0.5, 0.56), (0.2, 0.5), (0.3, 0.84), (0.0, 0.94))
    p.line(BODY, 0.09, (0.9, 0.5), (1.0, 0.78), (1.16, 0.8))
    p.blob(BODY, (0.4, 0.54), (0.76, 0.2), (1.1, 0.16), (1.22, 0.3), (0.96, 0.52), (0.6, 0.68))
    p.oval(BODY, 1.0, 0.14, 0.12)
    p.oval(INK, 1.02, 0.12, 0.05)


def five_armed_starfish(p: Pen) -> None:
    """Draw a starfish with dots along its arms."""
    p.star(BODY, 0.5, 0.5, 0.24, 0.54, 5)
    for turn in range(5):
        x, y = sin(turn * 2 * pi / 5), cos(turn * 2 * pi / 5)
        for far in (0.16, 0.32):
            p.oval(LIGHT, 0.5 + far * x, 0.5 + far * y, 0.04)


def lying_starfish(p: Pen) -> None:
    """Draw a starfish seen from the side, flat on the ground."""
    for x, y in ((0.0, 0.5), (0.3, 0.8), (1.06, 0.8), (1.36, 0.5), (0.68, 0.0)):
        p.polygon(BODY, (x, y), (0.5, 0.4), (0.86, 0.4))
    p.oval(BODY, 0.68, 0.44, 0.3, 0.18)
    p.oval(LIGHT, 0.68, 0.42, 0.14, 0.08)


def empty_bucket(p: Pen) -> None:
    """Draw a bucket with its handle up."""
    p.arc(STEEL, 0.06, 0.5, 0.36, 0.36, 180, 360)
    p.polygon(BODY, (0.06, 0.34), (0.94, 0.34), (0.8, 1.04), (0.2, 1.04))
    p.oval(DARK, 0.5, 0.34, 0.44, 0.1)
    p.polygon(LIGHT, (0.12, 0.6), (0.88, 0.6), (0.86, 0.72), (0.14, 0.72))


def full_bucket(p: Pen) -> None:
    """Draw a wide bucket full of water, its handle down."""
    p.polygon(BODY, (0.0, 0.1), (1.2, 0.1), (0.98, 0.86), (0.22, 0.86))
    p.oval("#6fb4d8", 0.6, 0.1, 0.6, 0.12)
    p.arc(STEEL, 0.06, 0.6, 0.14, 0.5, 20, 160)


def bent_palm(p: Pen) -> None:
    """Draw a palm with a bent trunk."""
    p.line(WOOD, 0.1, (0.3, 1.3), (0.36, 0.9), (0.5, 0.6), (0.62, 0.34))
    for dx, dy in ((-0.52, 0.06), (-0.4, -0.26), (0.0, -0.34), (0.42, -0.22), (0.5, 0.12)):
        x, y = 0.62 + dx, 0.34 + dy
        p.blob(BODY, (0.62, 0.34), (0.62 + dx / 2, 0.2 + dy / 2), (x, y), (0.62 + dx / 2, 0.34))
    for x in (0.56, 0.68):
        p.oval(DARK_WOOD, x, 0.4, 0.07)


def fan_palm(p: Pen) -> None:
    """Draw a straight palm with a crown like a fan."""
    p.polygon(DARK_WOOD, (0.44, 0.4), (0.56, 0.4), (0.62, 1.2), (0.38, 1.2))
    for turn in range(9):
        angle = pi * (0.05 + 0.9 * turn / 8)
        x, y = 0.5 - 0.5 * cos(angle), 0.46 - 0.46 * sin(angle)
        p.line((LEAF, DARK_LEAF)[turn % 2], 0.1, (0.5, 0.46), (x, y))
    p.oval(BODY, 0.5, 0.46, 0.12)


DRAWINGS = {
    "anchor": {"stocked": stocked_anchor, "grapnel": grapnel_anchor},
    "barrel": {"standing": standing_barrel, "lying": lying_barrel},
    "buoy": {"cone": cone_buoy, "ring": ring_buoy},
    "fish": {"striped": striped_fish, "leaping": leaping_fish},
    "swan": {"swimming": swimming_swan, "winged": winged_swan},
    "frog": {"sitting": sitting_frog, "leaping": leaping_frog},
    "starfish": {"five arms": five_armed_starfish, "lying": lying_starfish},
    "bucket": {"empty": empty_bucket, "full": full_bucket},
    "palm tree": {"bent": bent_palm, "fan": fan_palm},
}
