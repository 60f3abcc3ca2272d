"""Furniture, and what lies about in a bedroom."""

from pipeline_lib.datasets.scenes.colours import (
    BODY,
    CREAM,
    DARK,
    DARK_WOOD,
    GOLD,
    INK,
    LIGHT,
    RED,
    SLATE,
    STEEL,
    WHITE,
    WOOD,
)
from pipeline_lib.datasets.scenes.pen import Pen


def side_bed(p: Pen) -> None:
    """Draw a bed along the wall, its pillow to the left."""
    p.box(WOOD, 0.0, 0.0, 0.1, 0.9)
    p.box(WOOD, 1.56, 0.34, 1.66, 0.9)
    p.box(DARK_WOOD, 0.08, 0.66, 1.58, 0.78)
    p.box(WHITE, 0.1, 0.44, 1.56, 0.68)
    p.box(WHITE, 0.12, 0.26, 0.5, 0.46, 0.08)
    p.polygon(BODY, (0.56, 0.36), (1.5, 0.36), (1.58, 0.44), (1.58, 0.7), (0.5, 0.7))
    p.polygon(LIGHT, (0.56, 0.36), (0.68, 0.36), (0.62, 0.7), (0.5, 0.7))


def front_bed(p: Pen) -> None:
    """Draw a double bed from its foot."""
    p.box(WOOD, 0.04, 0.0, 1.3, 0.6, 0.12)
    p.box(DARK_WOOD, 0.14, 0.1, 1.2, 0.5)
    for x in (0.16, 0.7):
        p.box(WHITE, x, 0.3, x + 0.48, 0.54, 0.08)
    p.polygon(BODY, (0.12, 0.5), (1.22, 0.5), (1.34, 0.96), (0.0, 0.96))
    p.polygon(LIGHT, (0.12, 0.5), (1.22, 0.5), (1.25, 0.6), (0.09, 0.6))
    p.box(DARK, 0.0, 0.94, 1.34, 1.06)
    for x in (0.02, 1.24):
        p.box(DARK_WOOD, x, 1.06, x + 0.08, 1.14)


def door_wardrobe(p: Pen) -> None:
    """Draw a wardrobe with two doors over two drawers."""
    p.box(DARK, 0.0, 0.0, 0.86, 0.07)
    p.box(BODY, 0.04, 0.06, 0.82, 1.2)
    p.box(LIGHT, 0.1, 0.14, 0.39, 0.82)
    p.box(LIGHT, 0.47, 0.14, 0.76, 0.82)
    p.box(DARK, 0.36, 0.44, 0.4, 0.54)
    p.box(DARK, 0.46, 0.44, 0.5, 0.54)
    for y in (0.88, 1.03):
        p.box(LIGHT, 0.1, y, 0.76, y + 0.11)
        p.box(DARK, 0.38, y + 0.03, 0.48, y + 0.07)
    for x in (0.06, 0.7):
        p.box(DARK, x, 1.2, x + 0.1, 1.26)


def mirror_wardrobe(p: Pen) -> None:
    """Draw a rounded wardrobe with a mirror on its door."""
    p.dome(BODY, 0.0, 0.9, 0.24, 0.24)
    p.box(BODY, 0.0, 0.22, 0.9, 1.16)
    p.box("#cfe6ee", 0.1, 0.26, 0.42, 1.0)
    p.polygon(WHITE, (0.16, 0.5), (0.36, 0.3), (0.36, 0.42), (0.16, 0.64))
    p.box(DARK, 0.5, 0.26, 0.82, 1.0)
    p.oval(GOLD, 0.56, 0.64, 0.04)
    p.box(DARK, -0.03, 1.1, 0.93, 1.2)


def wooden_chair(p: Pen) -> None:
    """Draw a kitchen chair with a rail back."""
    for x in (0.06, 0.54):
        p.box(BODY, x, 0.0, x + 0.08, 0.6)
    for y in (0.06, 0.24):
        p.box(BODY, 0.06, y, 0.6, y + 0.1)
    for x in (0.04, 0.58):
        p.box(DARK, x, 0.56, x + 0.08, 1.12)
    p.box(DARK, 0.08, 0.84, 0.6, 0.9)
    p.polygon(BODY, (0.08, 0.5), (0.6, 0.5), (0.7, 0.64), (-0.02, 0.64))


def swivel_chair(p: Pen) -> None:
    """Draw an office chair on castors."""
    p.line(SLATE, 0.06, (0.36, 0.7), (0.36, 0.98))
    p.line(SLATE, 0.06, (0.08, 1.08), (0.36, 0.96), (0.64, 1.08))
    for x in (0.07, 0.36, 0.65):
        p.oval(INK, x, 1.1, 0.06)
    p.box(BODY, 0.1, 0.0, 0.62, 0.54, 0.12)
    p.box(LIGHT, 0.2, 0.1, 0.52, 0.2, 0.04)
    p.box(BODY, 0.04, 0.58, 0.68, 0.72, 0.06)
    for x in (0.02, 0.64):
        p.line(INK, 0.06, (x + 0.03, 0.4), (x + 0.03, 0.6))


def sitting_teddy(p: Pen) -> None:
    """Draw a teddy bear that sits and looks at the viewer."""
    for side in (-1, 1):
        p.oval(BODY, 0.5 + side * 0.27, 0.12, 0.12)
        p.oval(LIGHT, 0.5 + side * 0.27, 0.12, 0.06)
        p.blob(
            BODY,
            (0.5 + side * 0.2, 0.54),
            (0.5 + side * 0.46, 0.66),
            (0.5 + side * 0.42, 0.8),
            (0.5 + side * 0.16, 0.7),
        )
        p.oval(BODY, 0.5 + side * 0.3, 0.98, 0.2, 0.15)
        p.oval(LIGHT, 0.5 + side * 0.33, 0.99, 0.1, 0.1)
    p.oval(BODY, 0.5, 0.78, 0.29, 0.29)
    p.oval(LIGHT, 0.5, 0.78, 0.17, 0.19)
    p.oval(BODY, 0.5, 0.3, 0.34, 0.28)
    p.oval(LIGHT, 0.5, 0.39, 0.15, 0.11)
    p.oval(INK, 0.5, 0.35, 0.05, 0.035)
    for x in (0.37, 0.63):
        p.oval(INK, x, 0.25, 0.04)


def side_teddy(p: Pen) -> None:
    """Draw a teddy bear from the side, with a bow."""
    p.oval(BODY, 0.34, 0.08, 0.1)
    p.oval(BODY, 0.36, 0.72, 0.28, 0.32)
    p.blob(BODY, (0.36, 0.84), (0.62, 0.8), (0.86, 0.84), (0.92, 1.0), (0.7, 1.06), (0.36, 1.04))
    p.oval(LIGHT, 0.9, 0.92, 0.07, 0.13)
    p.blob(DARK, (0.36, 0.54), (0.56, 0.6), (0.76, 0.58), (0.78, 0.7), (0.58, 0.74), (0.36, 0.7))
    p.oval(BODY, 0.46, 0.28, 0.3, 0.26)
    p.oval(LIGHT, 0.72, 0.34, 0.14, 0.11)
    p.oval(INK, 0.83, 0.3, 0.045)
    p.oval(INK, 0.58, 0.21, 0.035)
    p.oval(LIGHT, 0.34, 0.08, 0.05)
    p.polygon(RED, (0.3, 0.48), (0.5, 0.52), (0.5, 0.62), (0.3, 0.62), (0.42, 0.55))
    p.polygon(RED, (0.7, 0.46), (0.5, 0.52), (0.5, 0.58), (0.7, 0.64), (0.6, 0.55))


def acoustic_guitar(p: Pen) -> None:
    """Draw an acoustic guitar that stands upright."""
    p.box(DARK_WOOD, 0.25, 0.0, 0.43, 0.18, 0.03)
    p.box(DARK_WOOD, 0.3, 0.14, 0.38, 0.66)
    p.blob(
        BODY,
        (0.2, 0.54),
        (0.48, 0.54),
        (0.56, 0.68),
        (0.52, 0.78),
        (0.66, 0.98),
        (0.56, 1.18),
        (0.34, 1.22),
        (0.12, 1.18),
        (0.02, 0.98),
        (0.16, 0.78),
        (0.12, 0.68),
    )
    p.oval(INK, 0.34, 0.8, 0.1)
    p.box(DARK_WOOD, 0.3, 0.5, 0.38, 0.72)
    p.box(DARK_WOOD, 0.22, 1.0, 0.46, 1.05)
    p.line(CREAM, 0.02, (0.34, 0.14), (0.34, 1.02))


def electric_guitar(p: Pen) -> None:
    """Draw an electric guitar with two horns."""
    p.polygon(INK, (0.28, 0.0), (0.44, 0.04), (0.4, 0.2), (0.3, 0.2))
    p.box(WOOD, 0.31, 0.16, 0.39, 0.74)
    p.blob(
        BODY,
        (0.14, 0.54),
        (0.26, 0.72),
        (0.44, 0.72),
        (0.6, 0.58),
        (0.64, 0.68),
        (0.56, 0.86),
        (0.68, 1.08),
        (0.5, 1.22),
        (0.2, 1.22),
        (0.02, 1.06),
        (0.12, 0.84),
        (0.06, 0.64),
    )
    p.blob(WHITE, (0.26, 0.8), (0.46, 0.8), (0.54, 1.06), (0.34, 1.1), (0.22, 1.0))
    for y in (0.84, 0.94):
        p.box(INK, 0.26, y, 0.44, y + 0.05)
    p.box(STEEL, 0.25, 1.04, 0.45, 1.1)
    p.box(WOOD, 0.31, 0.6, 0.39, 0.8)


DRAWINGS = {
    "bed": {"side": side_bed, "front": front_bed},
    "wardrobe": {"doors": door_wardrobe, "mirror": mirror_wardrobe},
    "chair": {"wooden": wooden_chair, "swivel": swivel_chair},
    "teddy bear": {"sitting": sitting_teddy, "side": side_teddy},
    "guitar": {"acoustic": acoustic_guitar, "electric": electric_guitar},
}
