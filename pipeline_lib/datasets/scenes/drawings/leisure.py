"""What people take outside for fun."""

from math import cos, pi, sin

from pipeline_lib.datasets.scenes.colours import (
    BLUE,
    BODY,
    CREAM,
    DARK,
    DARK_WOOD,
    GOLD,
    INK,
    LIGHT,
    ORANGE,
    RED,
    SLATE,
    STONE,
    WHITE,
    WOOD,
)
from pipeline_lib.datasets.scenes.pen import Glow, Pen


def _flames(p: Pen, x: float, top: float, height: float) -> None:
    for grow, colour in ((1.0, ORANGE), (0.62, GOLD), (0.3, "#fff2b0")):
        h, w, y = height * grow, 0.42 * height * grow, top + height
        p.blob(
            Glow(colour),
            (x, y),
            (x - w, y - 0.24 * h),
            (x - 0.6 * w, y - 0.62 * h),
            (x, y - h),
            (x + 0.34 * w, y - 0.68 * h),
            (x + w, y - 0.3 * h),
        )


def beach_umbrella(p: Pen) -> None:
    """Draw a striped parasol on a leaning pole."""
    p.line(CREAM, 0.045, (0.6, 0.06), (0.6, 1.2))
    p.dome(BODY, 0.0, 1.2, 0.52, 0.46)
    for left, right in ((0.2, 0.45), (0.75, 1.0)):
        p.polygon(WHITE, (0.6, 0.06), (left, 0.52), (right, 0.52))
    p.oval(BODY, 0.6, 0.06, 0.05)


def rain_umbrella(p: Pen) -> None:
    """Draw an umbrella with scallops and a crook."""
    p.line(INK, 0.04, (0.5, 0.02), (0.5, 0.92))
    p.arc(WOOD, 0.055, 0.59, 0.92, 0.09, 0, 180)
    p.dome(BODY, 0.0, 1.0, 0.5, 0.44)
    for x in (0.125, 0.375, 0.625, 0.875):
        p.pie(BODY, x, 0.5, 0.125, 0, 180)
    p.line(DARK, 0.025, (0.5, 0.08), (0.25, 0.5))
    p.line(DARK, 0.025, (0.5, 0.08), (0.75, 0.5))


def beach_ball(p: Pen) -> None:
    """Draw an inflated ball with coloured gores."""
    p.oval(WHITE, 0.5, 0.5, 0.5)
    for start, colour in ((-80, BODY), (40, GOLD), (160, BLUE)):
        p.pie(colour, 0.5, 0.5, 0.5, start, start + 60)
    p.oval(WHITE, 0.5, 0.5, 0.09)


def football(p: Pen) -> None:
    """Draw a football with dark patches."""
    p.oval(WHITE, 0.5, 0.5, 0.5)
    p.star(DARK, 0.5, 0.5, 0.2, 0.165, 5)
    for turn in range(5):
        x, y = sin(turn * 2 * pi / 5), -cos(turn * 2 * pi / 5)
        p.line(DARK, 0.03, (0.5 - 0.15 * x, 0.5 - 0.15 * y), (0.5 - 0.36 * x, 0.5 - 0.36 * y))
        p.polygon(
            DARK,
            (0.5 + 0.3 * x, 0.5 + 0.3 * y),
            (0.5 + 0.41 * x - 0.13 * y, 0.5 + 0.41 * y + 0.13 * x),
            (0.5 + 0.485 * x - 0.1 * y, 0.5 + 0.485 * y + 0.1 * x),
            (0.5 + 0.485 * x + 0.1 * y, 0.5 + 0.485 * y - 0.1 * x),
            (0.5 + 0.41 * x + 0.13 * y, 0.5 + 0.41 * y - 0.13 * x),
        )


def diamond_kite(p: Pen) -> None:
    """Draw a kite with a tail of bows."""
    p.line(INK, 0.02, (0.4, 0.9), (0.5, 1.06), (0.36, 1.2), (0.5, 1.4))
    for x, y in ((0.48, 1.04), (0.38, 1.2), (0.48, 1.36)):
        p.polygon(
            GOLD, (x - 0.1, y - 0.06), (x + 0.1, y + 0.06), (x + 0.1, y - 0.06), (x - 0.1, y + 0.06)
        )
    p.polygon(BODY, (0.4, 0.0), (0.8, 0.36), (0.4, 0.9), (0.0, 0.36))
    p.polygon(LIGHT, (0.4, 0.0), (0.8, 0.36), (0.4, 0.36))
    p.polygon(LIGHT, (0.4, 0.36), (0.4, 0.9), (0.0, 0.36))


def delta_kite(p: Pen) -> None:
    """Draw a swept kite with two streamers."""
    p.line(GOLD, 0.05, (0.5, 0.46), (0.4, 0.7), (0.48, 0.92))
    p.line(RED, 0.05, (0.7, 0.46), (0.8, 0.68), (0.72, 0.9))
    p.polygon(BODY, (0.6, 0.0), (1.2, 0.52), (0.6, 0.42), (0.0, 0.52))
    p.polygon(LIGHT, (0.6, 0.0), (0.9, 0.47), (0.6, 0.42), (0.3, 0.47))
    p.line(DARK, 0.03, (0.6, 0.02), (0.6, 0.42))


def log_campfire(p: Pen) -> None:
    """Draw a fire of crossed logs."""
    _flames(p, 0.5, 0.0, 0.78)
    p.line(DARK_WOOD, 0.13, (0.06, 0.94), (0.9, 0.7))
    p.line(WOOD, 0.13, (0.1, 0.7), (0.94, 0.94))
    for x, y in ((0.93, 0.7), (0.95, 0.95), (0.06, 0.7), (0.05, 0.95)):
        p.oval(CREAM, x, y, 0.06)


def pot_campfire(p: Pen) -> None:
    """Draw a pot that hangs from a tripod over a fire in a ring of stones."""
    p.line(DARK_WOOD, 0.05, (0.1, 1.1), (0.56, 0.04))
    p.line(DARK_WOOD, 0.05, (1.0, 1.1), (0.54, 0.04))
    p.line(INK, 0.025, (0.55, 0.06), (0.55, 0.36))
    _flames(p, 0.55, 0.62, 0.46)
    p.blob(SLATE, (0.36, 0.36), (0.74, 0.36), (0.76, 0.54), (0.55, 0.66), (0.34, 0.54))
    p.box(INK, 0.32, 0.33, 0.78, 0.39)
    for x in (0.27, 0.41, 0.55, 0.69, 0.83):
        p.oval(STONE, x, 1.06, 0.085, 0.07)


def round_snowman(p: Pen) -> None:
    """Draw a snowman of three balls with hat and scarf."""
    for y, r in ((1.0, 0.3), (0.62, 0.23), (0.34, 0.17)):
        p.oval(WHITE, 0.42, y, r)
    p.line(DARK_WOOD, 0.035, (0.22, 0.6), (0.0, 0.44))
    p.line(DARK_WOOD, 0.035, (0.62, 0.6), (0.84, 0.46))
    p.box(BODY, 0.26, 0.44, 0.58, 0.52, 0.03)
    p.box(BODY, 0.46, 0.48, 0.55, 0.7)
    p.box(INK, 0.2, 0.16, 0.64, 0.21)
    p.box(INK, 0.29, 0.0, 0.55, 0.18)
    p.polygon(ORANGE, (0.42, 0.32), (0.68, 0.37), (0.42, 0.39))
    for x, y in ((0.36, 0.28), (0.48, 0.28), (0.42, 0.76), (0.42, 0.9), (0.42, 1.04)):
        p.oval(INK, x, y, 0.028)


def small_snowman(p: Pen) -> None:
    """Draw a snowman of two balls with a bobble hat and a broom."""
    p.line(WOOD, 0.04, (0.88, 0.2), (0.88, 1.0))
    p.polygon(GOLD, (0.8, 0.2), (0.96, 0.2), (1.02, 0.0), (0.74, 0.0))
    p.oval(WHITE, 0.42, 0.76, 0.38, 0.34)
    p.oval(WHITE, 0.42, 0.36, 0.24)
    p.line(DARK_WOOD, 0.04, (0.7, 0.66), (0.9, 0.56))
    p.dome(BODY, 0.2, 0.64, 0.26, 0.22)
    p.box(LIGHT, 0.16, 0.22, 0.68, 0.3, 0.03)
    p.oval(LIGHT, 0.42, 0.05, 0.07)
    p.polygon(ORANGE, (0.42, 0.36), (0.7, 0.42), (0.42, 0.44))
    for x, y in ((0.34, 0.34), (0.5, 0.34), (0.42, 0.66), (0.42, 0.82)):
        p.oval(INK, x, y, 0.035)


DRAWINGS = {
    "umbrella": {"beach": beach_umbrella, "rain": rain_umbrella},
    "ball": {"beach": beach_ball, "football": football},
    "kite": {"diamond": diamond_kite, "delta": delta_kite},
    "campfire": {"logs": log_campfire, "pot": pot_campfire},
    "snowman": {"round": round_snowman, "small": small_snowman},
}
