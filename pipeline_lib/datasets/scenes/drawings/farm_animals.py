"""Animals of farms and mountains, facing right."""

from pipeline_lib.datasets.scenes.colours import BODY, CREAM, DARK, GOLD, INK, PINK, RED, WHITE
from pipeline_lib.datasets.scenes.pen import Colour, Pen


def _legs(p: Pen, colour: Colour, width: float, top: float, bottom: float, *xs: float) -> None:
    for x in xs:
        p.box(colour, x - width / 2, top, x + width / 2, bottom)


def side_cow(p: Pen) -> None:
    """Draw a spotted cow from the side."""
    p.line(DARK, 0.03, (0.1, 0.3), (0.04, 0.64))
    _legs(p, WHITE, 0.09, 0.6, 0.98, 0.22, 0.36, 0.86, 0.99)
    _legs(p, INK, 0.09, 0.93, 1.0, 0.22, 0.36, 0.86, 0.99)
    p.blob(PINK, (0.4, 0.62), (0.56, 0.64), (0.54, 0.76), (0.42, 0.76))
    p.box(WHITE, 0.1, 0.25, 1.06, 0.7, 0.12)
    p.blob(BODY, (0.14, 0.28), (0.36, 0.26), (0.42, 0.46), (0.22, 0.56), (0.12, 0.46))
    p.blob(BODY, (0.6, 0.26), (0.84, 0.28), (0.82, 0.5), (0.66, 0.54))
    p.polygon(WHITE, (0.96, 0.28), (1.12, 0.1), (1.3, 0.14), (1.06, 0.6))
    p.line(CREAM, 0.04, (1.12, 0.1), (1.1, 0.0))
    p.polygon(BODY, (1.0, 0.12), (1.14, 0.08), (1.12, 0.2))
    p.blob(BODY, (1.1, 0.08), (1.28, 0.08), (1.4, 0.34), (1.3, 0.42), (1.14, 0.34))
    p.oval(PINK, 1.36, 0.37, 0.09, 0.08)
    p.oval(WHITE, 1.22, 0.18, 0.045)
    p.oval(INK, 1.23, 0.185, 0.025)


def front_cow(p: Pen) -> None:
    """Draw a cow that looks at the viewer."""
    _legs(p, WHITE, 0.12, 0.7, 1.1, 0.3, 0.7)
    _legs(p, INK, 0.12, 1.02, 1.1, 0.3, 0.7)
    p.blob(WHITE, (0.2, 0.5), (0.5, 0.34), (0.8, 0.5), (0.82, 0.84), (0.5, 0.94), (0.18, 0.84))
    p.blob(BODY, (0.62, 0.5), (0.8, 0.5), (0.82, 0.8), (0.66, 0.78))
    p.polygon(CREAM, (0.27, 0.16), (0.2, 0.0), (0.37, 0.1))
    p.polygon(CREAM, (0.73, 0.16), (0.8, 0.0), (0.63, 0.1))
    p.oval(BODY, 0.14, 0.24, 0.14, 0.07)
    p.oval(BODY, 0.86, 0.24, 0.14, 0.07)
    p.blob(BODY, (0.26, 0.14), (0.5, 0.07), (0.74, 0.14), (0.7, 0.46), (0.5, 0.58), (0.3, 0.46))
    p.polygon(WHITE, (0.44, 0.1), (0.56, 0.1), (0.6, 0.44), (0.4, 0.44))
    p.oval(PINK, 0.5, 0.52, 0.22, 0.13)
    for x in (0.42, 0.58):
        p.oval(INK, x, 0.52, 0.03)
    for x in (0.36, 0.64):
        p.oval(WHITE, x, 0.28, 0.06)
        p.oval(INK, x, 0.285, 0.035)


def woolly_sheep(p: Pen) -> None:
    """Draw a sheep with a full fleece and a dark face."""
    _legs(p, INK, 0.08, 0.6, 0.94, 0.28, 0.4, 0.68, 0.8)
    for x, y, r in (
        (0.24, 0.42, 0.2),
        (0.42, 0.28, 0.2),
        (0.64, 0.28, 0.2),
        (0.82, 0.42, 0.2),
        (0.34, 0.58, 0.18),
        (0.54, 0.6, 0.18),
        (0.74, 0.58, 0.18),
        (0.54, 0.42, 0.28),
    ):
        p.oval(BODY, x, y, r)
    p.blob(INK, (0.86, 0.2), (1.0, 0.14), (1.14, 0.32), (1.08, 0.46), (0.92, 0.42))
    p.polygon(INK, (0.92, 0.2), (0.78, 0.24), (0.9, 0.32))
    p.oval(BODY, 0.92, 0.15, 0.11, 0.09)
    p.oval(WHITE, 1.02, 0.26, 0.04)
    p.oval(INK, 1.03, 0.265, 0.02)


def grazing_sheep(p: Pen) -> None:
    """Draw a white-faced sheep with its head in the grass."""
    _legs(p, CREAM, 0.09, 0.5, 0.92, 0.2, 0.33, 0.66, 0.79)
    p.blob(
        BODY,
        (0.08, 0.3),
        (0.24, 0.1),
        (0.56, 0.06),
        (0.84, 0.14),
        (0.94, 0.38),
        (0.8, 0.62),
        (0.46, 0.68),
        (0.14, 0.6),
    )
    for x, y in ((0.3, 0.26), (0.54, 0.24), (0.42, 0.44), (0.68, 0.42)):
        p.arc(DARK, 0.025, x, y, 0.08, 20, 200)
    p.blob(BODY, (0.78, 0.24), (0.98, 0.34), (1.02, 0.56), (0.84, 0.6))
    p.blob(CREAM, (0.88, 0.5), (1.04, 0.5), (1.16, 0.82), (1.04, 0.92), (0.94, 0.78))
    p.polygon(CREAM, (0.92, 0.54), (0.78, 0.64), (0.92, 0.68))
    p.oval(INK, 1.03, 0.66, 0.03)


def standing_goat(p: Pen) -> None:
    """Draw a goat with curved horns and a beard."""
    _legs(p, DARK, 0.075, 0.62, 1.1, 0.2, 0.32, 0.74, 0.86)
    p.polygon(BODY, (0.12, 0.42), (0.0, 0.26), (0.2, 0.38))
    p.blob(
        BODY,
        (0.1, 0.42),
        (0.5, 0.4),
        (0.86, 0.36),
        (0.94, 0.56),
        (0.8, 0.76),
        (0.46, 0.76),
        (0.14, 0.72),
    )
    p.polygon(BODY, (0.74, 0.48), (0.84, 0.16), (1.0, 0.2), (0.94, 0.62))
    p.arc("#6b5a48", 0.06, 0.7, 0.2, 0.18, 200, 345)
    p.blob(BODY, (0.8, 0.14), (0.94, 0.1), (1.16, 0.28), (1.12, 0.36), (0.88, 0.32))
    p.polygon(CREAM, (0.98, 0.34), (1.1, 0.34), (1.06, 0.54))
    p.polygon(DARK, (0.84, 0.18), (0.7, 0.26), (0.86, 0.28))
    p.oval(INK, 0.98, 0.21, 0.03)


def climbing_goat(p: Pen) -> None:
    """Draw an ibex with long horns on a rock."""
    p.polygon(
        "#8d8780", (0.0, 1.2), (0.12, 1.02), (0.6, 0.98), (0.74, 0.78), (1.08, 0.76), (1.2, 1.2)
    )
    _legs(p, DARK, 0.075, 0.66, 1.03, 0.24, 0.36)
    _legs(p, DARK, 0.075, 0.5, 0.8, 0.84, 0.95)
    p.blob(
        BODY,
        (0.16, 0.6),
        (0.4, 0.48),
        (0.82, 0.3),
        (1.0, 0.4),
        (0.92, 0.62),
        (0.5, 0.78),
        (0.22, 0.8),
    )
    p.polygon(BODY, (0.8, 0.42), (0.9, 0.12), (1.06, 0.16), (1.0, 0.52))
    p.arc("#57473a", 0.065, 0.68, 0.3, 0.3, 215, 320)
    p.blob(BODY, (0.86, 0.08), (1.02, 0.06), (1.2, 0.24), (1.14, 0.3), (0.92, 0.26))
    p.oval(INK, 1.02, 0.15, 0.028)


def side_pig(p: Pen) -> None:
    """Draw a pig from the side with a curled tail."""
    _legs(p, DARK, 0.12, 0.56, 0.82, 0.26, 0.42, 0.76, 0.9)
    p.arc(DARK, 0.035, 0.08, 0.3, 0.07, 40, 330)
    p.oval(BODY, 0.58, 0.4, 0.46, 0.32)
    p.polygon(DARK, (0.8, 0.16), (0.92, 0.0), (1.0, 0.2))
    p.oval(BODY, 0.98, 0.36, 0.24, 0.23)
    p.oval(DARK, 1.2, 0.42, 0.07, 0.11)
    p.oval(INK, 1.04, 0.3, 0.03)
    p.oval(INK, 1.21, 0.42, 0.02, 0.03)


def front_pig(p: Pen) -> None:
    """Draw a sitting pig that looks at the viewer."""
    p.blob(BODY, (0.2, 0.6), (0.5, 0.44), (0.8, 0.6), (0.86, 0.98), (0.5, 1.06), (0.14, 0.98))
    for x in (0.3, 0.7):
        p.box(DARK, x - 0.09, 0.78, x + 0.09, 1.08, 0.05)
    p.polygon(DARK, (0.16, 0.2), (0.12, 0.0), (0.38, 0.1))
    p.polygon(DARK, (0.84, 0.2), (0.88, 0.0), (0.62, 0.1))
    p.oval(BODY, 0.5, 0.36, 0.38, 0.31)
    p.oval(DARK, 0.5, 0.45, 0.17, 0.12)
    for x in (0.44, 0.56):
        p.oval(INK, x, 0.45, 0.03, 0.045)
    for x in (0.34, 0.66):
        p.oval(INK, x, 0.27, 0.04)


def standing_chicken(p: Pen) -> None:
    """Draw a cock with a high tail."""
    for x in (0.44, 0.58):
        p.line(GOLD, 0.04, (x, 0.76), (x, 0.98), (x + 0.08, 0.98))
    p.blob(DARK, (0.2, 0.52), (0.0, 0.3), (0.1, 0.12), (0.28, 0.2), (0.36, 0.44))
    p.blob(
        BODY,
        (0.14, 0.46),
        (0.42, 0.42),
        (0.6, 0.2),
        (0.78, 0.18),
        (0.82, 0.5),
        (0.66, 0.78),
        (0.38, 0.8),
    )
    p.oval(DARK, 0.44, 0.58, 0.17, 0.11)
    for x, y in ((0.64, 0.08), (0.73, 0.06), (0.81, 0.1)):
        p.oval(RED, x, y, 0.06, 0.07)
    p.oval(BODY, 0.73, 0.2, 0.13)
    p.polygon(GOLD, (0.84, 0.16), (1.0, 0.23), (0.84, 0.27))
    p.oval(RED, 0.83, 0.34, 0.045, 0.07)
    p.oval(INK, 0.76, 0.18, 0.028)


def pecking_chicken(p: Pen) -> None:
    """Draw a hen that pecks at the ground."""
    for x in (0.42, 0.54):
        p.line(GOLD, 0.04, (x, 0.6), (x, 0.84), (x + 0.08, 0.84))
    p.blob(
        BODY,
        (0.0, 0.1),
        (0.2, 0.12),
        (0.44, 0.16),
        (0.74, 0.26),
        (0.86, 0.48),
        (0.7, 0.62),
        (0.4, 0.68),
        (0.12, 0.46),
    )
    p.oval(DARK, 0.4, 0.4, 0.19, 0.13)
    p.polygon(BODY, (0.62, 0.34), (0.84, 0.34), (1.0, 0.62), (0.84, 0.72))
    p.oval(RED, 1.02, 0.55, 0.06, 0.05)
    p.oval(BODY, 0.93, 0.64, 0.11)
    p.polygon(GOLD, (0.9, 0.74), (1.02, 0.7), (1.02, 0.88))
    p.oval(INK, 0.97, 0.64, 0.026)


DRAWINGS = {
    "cow": {"side": side_cow, "front": front_cow},
    "sheep": {"woolly": woolly_sheep, "grazing": grazing_sheep},
    "goat": {"standing": standing_goat, "climbing": climbing_goat},
    "pig": {"side": side_pig, "front": front_pig},
    "chicken": {"standing": standing_chicken, "pecking": pecking_chicken},
}
