"""What stands and hangs about the house."""

from pipeline_lib.datasets.scenes.colours import (
    BODY,
    CREAM,
    DARK,
    DARK_WOOD,
    GLASS,
    GOLD,
    INK,
    LEAF,
    LIGHT,
    PINK,
    RED,
    WHITE,
)
from pipeline_lib.datasets.scenes.pen import Glow, Pen


def flat_pan(p: Pen) -> None:
    """Draw a frying pan from the side."""
    p.box(INK, 0.9, 0.04, 1.7, 0.16, 0.05)
    p.polygon(BODY, (0.0, 0.04), (0.98, 0.04), (0.86, 0.4), (0.12, 0.4))
    p.box(LIGHT, 0.06, 0.06, 0.92, 0.12)


def egg_pan(p: Pen) -> None:
    """Draw a frying pan from above with an egg in it."""
    p.line(DARK_WOOD, 0.13, (0.7, 0.7), (1.1, 1.1))
    p.oval(BODY, 0.42, 0.42, 0.42)
    p.oval(DARK, 0.42, 0.42, 0.34)
    p.oval(WHITE, 0.42, 0.42, 0.24, 0.2)
    p.oval(GOLD, 0.44, 0.4, 0.1)


def wine_bottle(p: Pen) -> None:
    """Draw a slender bottle with a label."""
    p.box(RED, 0.13, 0.0, 0.27, 0.14)
    p.box(BODY, 0.14, 0.1, 0.26, 0.44)
    p.dome(BODY, 0.0, 0.4, 0.58, 0.24)
    p.box(BODY, 0.0, 0.52, 0.4, 1.2, 0.04)
    p.box(CREAM, 0.0, 0.7, 0.4, 0.96)


def milk_bottle(p: Pen) -> None:
    """Draw a wide bottle full of milk."""
    p.box(BODY, 0.16, 0.0, 0.54, 0.12)
    p.box(WHITE, 0.2, 0.1, 0.5, 0.34)
    p.blob(WHITE, (0.2, 0.28), (0.5, 0.28), (0.7, 0.5), (0.68, 1.04), (0.02, 1.04), (0.0, 0.5))
    p.box(BODY, 0.04, 0.6, 0.66, 0.78)


def whole_apple(p: Pen) -> None:
    """Draw an apple with a leaf."""
    p.line(DARK_WOOD, 0.07, (0.5, 0.24), (0.56, 0.0))
    p.oval(LEAF, 0.74, 0.08, 0.16, 0.08)
    for x in (0.32, 0.68):
        p.oval(BODY, x, 0.6, 0.32, 0.4)
    p.oval(LIGHT, 0.24, 0.44, 0.08, 0.12)


def cut_apple(p: Pen) -> None:
    """Draw half an apple, its core to the viewer."""
    p.oval(BODY, 0.6, 0.46, 0.6, 0.46)
    p.oval(CREAM, 0.6, 0.48, 0.5, 0.37)
    for x in (0.46, 0.74):
        p.oval(DARK_WOOD, x, 0.48, 0.06, 0.11)


def tall_candle(p: Pen) -> None:
    """Draw a candle on a holder."""
    p.oval(Glow("#ffd45a"), 0.3, 0.14, 0.1, 0.17)
    p.box(BODY, 0.18, 0.3, 0.42, 1.0)
    p.box(GOLD, 0.0, 0.98, 0.6, 1.1)
    p.line(INK, 0.03, (0.3, 0.34), (0.3, 0.22))


def three_candles(p: Pen) -> None:
    """Draw a candlestick with three arms."""
    p.arc(GOLD, 0.08, 0.5, 0.46, 0.36, 0, 180)
    p.box(GOLD, 0.46, 0.46, 0.54, 1.04)
    p.box(GOLD, 0.24, 1.0, 0.76, 1.1)
    for x in (0.14, 0.5, 0.86):
        p.box(BODY, x - 0.07, 0.2, x + 0.07, 0.5)
        p.oval(Glow("#ffd45a"), x, 0.1, 0.06, 0.11)


def bellied_vase(p: Pen) -> None:
    """Draw a vase with a wide belly and a band."""
    p.blob(
        BODY,
        (0.2, 0.1),
        (0.5, 0.1),
        (0.46, 0.3),
        (0.7, 0.62),
        (0.5, 1.0),
        (0.2, 1.0),
        (0.0, 0.62),
        (0.24, 0.3),
    )
    p.box(DARK, 0.14, 0.0, 0.56, 0.1)
    p.box(WHITE, 0.02, 0.56, 0.68, 0.7)


def flower_vase(p: Pen) -> None:
    """Draw a straight vase with three roses."""
    for x in (0.1, 0.4, 0.7):
        p.line(LEAF, 0.04, (0.4, 0.7), (x, 0.2))
        p.oval(PINK, x, 0.16, 0.15)
    p.polygon(BODY, (0.12, 0.5), (0.68, 0.5), (0.58, 1.2), (0.22, 1.2))
    p.polygon(LIGHT, (0.2, 0.56), (0.28, 0.56), (0.32, 1.12), (0.26, 1.12))


def wicker_basket(p: Pen) -> None:
    """Draw a basket with a hoop for a handle."""
    p.arc(BODY, 0.08, 0.6, 0.5, 0.44, 180, 360)
    p.polygon(BODY, (0.0, 0.46), (1.2, 0.46), (1.04, 1.0), (0.16, 1.0))
    for y in (0.58, 0.72, 0.86):
        p.box(DARK, 0.1, y, 1.1, y + 0.05)


def fruit_basket(p: Pen) -> None:
    """Draw a shallow basket full of fruit."""
    for x, colour in ((0.26, RED), (0.58, GOLD), (0.9, LEAF), (1.14, RED)):
        p.oval(colour, x, 0.24, 0.22)
    p.polygon(BODY, (0.0, 0.32), (1.4, 0.32), (1.14, 0.76), (0.26, 0.76))
    for x in (0.3, 0.56, 0.82, 1.08):
        p.line(DARK, 0.05, (x, 0.36), (x + 0.02, 0.72))


def oval_mirror(p: Pen) -> None:
    """Draw an oval mirror in a gilded frame."""
    p.oval(BODY, 0.4, 0.55, 0.4, 0.55)
    p.oval(GLASS, 0.4, 0.55, 0.3, 0.44)
    p.line(WHITE, 0.05, (0.26, 0.6), (0.5, 0.3))
    p.line(WHITE, 0.05, (0.36, 0.72), (0.58, 0.44))


def standing_mirror(p: Pen) -> None:
    """Draw a square mirror with a foot on each side."""
    for x in (0.04, 0.96):
        p.box(DARK_WOOD, x - 0.04, 0.2, x + 0.04, 1.0)
    p.box(BODY, 0.1, 0.0, 0.9, 0.86)
    p.box(GLASS, 0.2, 0.1, 0.8, 0.76)
    p.polygon(WHITE, (0.3, 0.7), (0.62, 0.16), (0.74, 0.16), (0.42, 0.7))


DRAWINGS = {
    "frying pan": {"flat": flat_pan, "egg": egg_pan},
    "bottle": {"wine": wine_bottle, "milk": milk_bottle},
    "apple": {"whole": whole_apple, "cut": cut_apple},
    "candle": {"tall": tall_candle, "three": three_candles},
    "vase": {"bellied": bellied_vase, "flowers": flower_vase},
    "basket": {"wicker": wicker_basket, "fruit": fruit_basket},
    "mirror": {"oval": oval_mirror, "standing": standing_mirror},
}
