"""What grows, and what a gardener leaves beside it."""

from pipeline_lib.datasets.scenes.colours import (
    BODY,
    CREAM,
    DARK,
    DARK_LEAF,
    DARK_WOOD,
    GOLD,
    GREY,
    LEAF,
    LIGHT,
    STEEL,
    TYRE,
    WHITE,
    WOOD,
)
from pipeline_lib.datasets.scenes.pen import Pen


def oak_tree(p: Pen) -> None:
    """Draw a broad tree with a round crown."""
    p.polygon(
        DARK_WOOD, (0.42, 0.6), (0.58, 0.6), (0.6, 0.94), (0.68, 1.1), (0.32, 1.1), (0.4, 0.94)
    )
    for x, y, r in (
        (0.2, 0.5, 0.2),
        (0.8, 0.5, 0.2),
        (0.28, 0.28, 0.22),
        (0.72, 0.28, 0.22),
        (0.5, 0.18, 0.2),
        (0.5, 0.5, 0.26),
    ):
        p.oval(BODY, x, y, r)
    for x, y, r in ((0.36, 0.26, 0.1), (0.62, 0.18, 0.08), (0.24, 0.46, 0.08)):
        p.oval(LIGHT, x, y, r)
    for x, y, r in ((0.66, 0.56, 0.1), (0.8, 0.42, 0.07)):
        p.oval(DARK, x, y, r)


def pine_tree(p: Pen) -> None:
    """Draw a conifer in three tiers."""
    p.box(DARK_WOOD, 0.34, 1.0, 0.46, 1.2)
    for top, bottom, half in ((0.55, 1.06, 0.4), (0.28, 0.76, 0.32), (0.0, 0.46, 0.23)):
        p.polygon(DARK, (0.4, top), (0.4 + half, bottom), (0.4 - half, bottom))
        p.polygon(BODY, (0.4, top), (0.4 + half * 0.4, bottom), (0.4 - half, bottom))


def tulip_flower(p: Pen) -> None:
    """Draw a tulip with two leaves."""
    p.line(DARK_LEAF, 0.05, (0.3, 0.4), (0.3, 1.0))
    p.blob(LEAF, (0.28, 0.98), (0.02, 0.7), (0.0, 0.5), (0.2, 0.66))
    p.blob(LEAF, (0.32, 0.98), (0.58, 0.74), (0.62, 0.56), (0.4, 0.72))
    p.polygon(
        BODY,
        (0.1, 0.0),
        (0.22, 0.16),
        (0.3, 0.0),
        (0.38, 0.16),
        (0.5, 0.0),
        (0.52, 0.28),
        (0.4, 0.44),
        (0.2, 0.44),
        (0.08, 0.28),
    )
    p.blob(LIGHT, (0.3, 0.06), (0.38, 0.26), (0.3, 0.42), (0.22, 0.26))


def daisy_flower(p: Pen) -> None:
    """Draw an open flower with a dark heart."""
    p.line(DARK_LEAF, 0.05, (0.36, 0.5), (0.36, 1.1))
    p.blob(LEAF, (0.36, 1.02), (0.14, 0.94), (0.04, 0.78), (0.24, 0.84))
    p.blob(LEAF, (0.37, 0.92), (0.56, 0.86), (0.68, 0.7), (0.5, 0.74))
    for dx, dy in (
        (0, -0.24),
        (0.17, -0.17),
        (0.24, 0),
        (0.17, 0.17),
        (0, 0.24),
        (-0.17, 0.17),
        (-0.24, 0),
        (-0.17, -0.17),
    ):
        p.oval(BODY, 0.36 + dx, 0.36 + dy, 0.12)
    p.oval("#6b4423", 0.36, 0.36, 0.15)
    p.oval(GOLD, 0.34, 0.34, 0.06)


def toadstool(p: Pen) -> None:
    """Draw a spotted toadstool."""
    p.polygon(CREAM, (0.36, 0.4), (0.64, 0.4), (0.7, 0.9), (0.3, 0.9))
    p.polygon(WHITE, (0.32, 0.52), (0.68, 0.52), (0.74, 0.62), (0.26, 0.62))
    p.dome(BODY, 0.0, 1.0, 0.5, 0.5)
    for x, y, r in (
        (0.3, 0.22, 0.08),
        (0.56, 0.14, 0.09),
        (0.76, 0.3, 0.07),
        (0.16, 0.4, 0.05),
        (0.5, 0.38, 0.07),
    ):
        p.oval(WHITE, x, y, r)


def mushroom_group(p: Pen) -> None:
    """Draw a large and a small cap mushroom."""
    for x, y, r in ((0.4, 0.0, 0.4), (0.92, 0.42, 0.24)):
        p.blob(
            CREAM,
            (x - 0.3 * r, y + 0.8 * r),
            (x + 0.3 * r, y + 0.8 * r),
            (x + 0.42 * r, 0.92),
            (x, 0.98),
            (x - 0.42 * r, 0.92),
        )
        p.oval(DARK, x, y + 0.95 * r, r, 0.2 * r)
        p.dome(BODY, x - r, x + r, y + r, r)
        p.oval(LIGHT, x - 0.35 * r, y + 0.5 * r, 0.2 * r, 0.14 * r)


def metal_can(p: Pen) -> None:
    """Draw a watering can with a long spout."""
    p.arc(DARK, 0.06, 0.24, 0.52, 0.22, 80, 280)
    p.arc(DARK, 0.05, 0.5, 0.3, 0.24, 180, 350)
    p.line(BODY, 0.09, (0.7, 0.72), (1.1, 0.26))
    p.polygon(DARK, (1.0, 0.14), (1.24, 0.3), (1.14, 0.4), (0.98, 0.24))
    p.polygon(BODY, (0.26, 0.28), (0.72, 0.28), (0.78, 0.9), (0.2, 0.9))
    p.box(DARK, 0.23, 0.4, 0.75, 0.46)
    p.box(LIGHT, 0.34, 0.5, 0.42, 0.82)


def round_can(p: Pen) -> None:
    """Draw a round-bellied watering can with one large handle."""
    p.arc(BODY, 0.08, 0.46, 0.36, 0.32, 130, 330)
    p.polygon(BODY, (0.7, 0.6), (1.06, 0.2), (1.16, 0.28), (0.82, 0.82))
    p.oval(LIGHT, 1.12, 0.22, 0.14, 0.08)
    p.blob(
        BODY,
        (0.2, 0.5),
        (0.48, 0.36),
        (0.78, 0.5),
        (0.86, 0.78),
        (0.7, 0.98),
        (0.26, 0.98),
        (0.1, 0.78),
    )
    p.oval(DARK, 0.48, 0.46, 0.22, 0.06)
    p.star(LIGHT, 0.48, 0.74, 0.14, 0.06, 5)


def empty_wheelbarrow(p: Pen) -> None:
    """Draw a wheelbarrow, its wheel to the right."""
    p.line(DARK_WOOD, 0.06, (0.0, 0.24), (0.4, 0.4), (1.24, 0.76))
    p.line(GREY, 0.06, (0.5, 0.5), (0.4, 0.9), (0.56, 0.9))
    p.polygon(BODY, (0.3, 0.08), (1.26, 0.14), (1.02, 0.56), (0.5, 0.56))
    p.polygon(DARK, (0.3, 0.08), (1.26, 0.14), (1.23, 0.2), (0.33, 0.15))
    p.oval(TYRE, 1.22, 0.76, 0.18)
    p.oval(STEEL, 1.22, 0.76, 0.08)


def loaded_wheelbarrow(p: Pen) -> None:
    """Draw a deep wheelbarrow with earth and a spade in it."""
    p.line(WOOD, 0.06, (0.86, 0.3), (0.56, 0.0))
    p.box(GREY, 0.46, -0.04, 0.66, 0.06, 0.03)
    p.blob("#5d4228", (0.3, 0.38), (0.56, 0.14), (0.84, 0.1), (1.16, 0.38), (0.7, 0.46))
    p.line(STEEL, 0.05, (0.0, 0.34), (0.36, 0.46), (1.2, 0.84))
    p.line(STEEL, 0.06, (0.46, 0.7), (0.42, 1.02))
    p.polygon(BODY, (0.24, 0.34), (1.24, 0.34), (1.1, 0.74), (0.42, 0.74))
    p.line(LIGHT, 0.04, (0.3, 0.4), (1.2, 0.4))
    p.oval(TYRE, 1.16, 0.86, 0.18)
    p.oval(BODY, 1.16, 0.86, 0.08)


DRAWINGS = {
    "tree": {"oak": oak_tree, "pine": pine_tree},
    "flower": {"tulip": tulip_flower, "daisy": daisy_flower},
    "mushroom": {"toadstool": toadstool, "group": mushroom_group},
    "watering can": {"metal": metal_can, "round": round_can},
    "wheelbarrow": {"empty": empty_wheelbarrow, "loaded": loaded_wheelbarrow},
}
