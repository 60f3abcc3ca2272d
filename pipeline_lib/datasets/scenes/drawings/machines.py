"""Tractors, cranes, cable cars and traffic lights."""

from pipeline_lib.datasets.scenes.colours import (
    BLUE,
    BODY,
    DARK,
    GLASS,
    GOLD,
    GREY,
    INK,
    LIGHT,
    ORANGE,
    RED,
    SLATE,
    STEEL,
    TYRE,
    WHITE,
)
from pipeline_lib.datasets.scenes.pen import Colour, Glow, Pen

HEADLIGHT = Glow("#fff3b8")


def _wheel(p: Pen, x: float, y: float, radius: float, hub: Colour = STEEL) -> None:
    p.oval(TYRE, x, y, radius)
    p.oval(hub, x, y, radius * 0.5)


def _signal(p: Pen, x: float, y: float) -> None:
    p.box(INK, x - 0.13, y, x + 0.13, y + 0.66, 0.05)
    for row, colour in enumerate((RED, GOLD, "#42b84a")):
        p.oval(Glow(colour), x, y + 0.13 + 0.2 * row, 0.085)


def side_tractor(p: Pen) -> None:
    """Draw a tractor, front to the right."""
    p.line(GREY, 0.06, (1.08, 0.06), (1.08, 0.4))
    p.polygon(BODY, (0.26, 0.06), (0.76, 0.06), (0.82, 0.44), (0.2, 0.5))
    p.polygon(GLASS, (0.33, 0.13), (0.68, 0.13), (0.73, 0.4), (0.3, 0.4))
    p.box(DARK, 0.2, 0.0, 0.82, 0.07)
    p.polygon(BODY, (0.6, 0.36), (1.32, 0.4), (1.36, 0.72), (0.6, 0.76))
    p.box(INK, 1.2, 0.46, 1.3, 0.62)
    p.pie(BODY, 0.38, 0.72, 0.38, 180, 350)
    _wheel(p, 0.38, 0.72, 0.32, GOLD)
    _wheel(p, 1.18, 0.84, 0.19, GOLD)


def front_tractor(p: Pen) -> None:
    """Draw a tractor that comes straight on."""
    p.box(TYRE, 0.0, 0.42, 0.26, 1.04, 0.07)
    p.box(TYRE, 0.94, 0.42, 1.2, 1.04, 0.07)
    p.box(BODY, 0.28, 0.05, 0.92, 0.6)
    p.box(GLASS, 0.34, 0.12, 0.86, 0.48)
    p.box(DARK, 0.22, 0.0, 0.98, 0.08)
    p.box(BODY, 0.36, 0.44, 0.84, 0.92, 0.06)
    p.box(INK, 0.45, 0.56, 0.75, 0.82)
    p.oval(HEADLIGHT, 0.42, 0.52, 0.05)
    p.oval(HEADLIGHT, 0.78, 0.52, 0.05)
    p.box(SLATE, 0.26, 0.84, 0.94, 0.9)
    p.box(TYRE, 0.26, 0.74, 0.4, 1.04, 0.05)
    p.box(TYRE, 0.8, 0.74, 0.94, 1.04, 0.05)


def gantry_crane(p: Pen) -> None:
    """Draw a portal crane with a container on its hook."""
    p.line(BODY, 0.05, (0.2, 0.12), (0.2, 1.0))
    p.line(BODY, 0.05, (0.66, 0.12), (0.66, 1.0))
    p.line(DARK, 0.035, (0.2, 0.52), (0.66, 0.24))
    p.line(BODY, 0.05, (0.2, 0.56), (0.66, 0.56))
    p.box(BODY, 0.0, 0.12, 1.16, 0.2)
    p.line(DARK, 0.03, (0.42, 0.0), (0.06, 0.13))
    p.line(DARK, 0.03, (0.42, 0.0), (1.1, 0.13))
    p.box(WHITE, 0.36, 0.2, 0.52, 0.32)
    p.line(INK, 0.02, (0.94, 0.2), (0.94, 0.46))
    p.box("#3f8f8a", 0.78, 0.46, 1.1, 0.62)
    for x in (0.86, 0.94, 1.02):
        p.line("#2b6a66", 0.015, (x, 0.48), (x, 0.6))


def jib_crane(p: Pen) -> None:
    """Draw a slewing crane with a slanting jib."""
    p.polygon(
        SLATE,
        (0.1, 1.0),
        (0.22, 0.62),
        (0.42, 0.62),
        (0.54, 1.0),
        (0.44, 1.0),
        (0.36, 0.72),
        (0.28, 0.72),
        (0.2, 1.0),
    )
    p.line(BODY, 0.06, (0.38, 0.46), (1.0, 0.04))
    p.line(BODY, 0.03, (0.3, 0.24), (1.0, 0.04))
    p.line(DARK, 0.03, (0.55, 0.18), (0.66, 0.28))
    p.line(DARK, 0.03, (0.74, 0.12), (0.82, 0.18))
    p.box(BODY, 0.08, 0.36, 0.5, 0.62)
    p.box(GLASS, 0.34, 0.4, 0.46, 0.51)
    p.line(INK, 0.022, (0.98, 0.05), (0.98, 0.5))
    p.arc(INK, 0.04, 0.95, 0.56, 0.06, -80, 150)


def gondola(p: Pen) -> None:
    """Draw a closed cabin on its rope."""
    p.line(SLATE, 0.03, (0.0, 0.12), (1.0, 0.0))
    p.line(GREY, 0.06, (0.5, 0.06), (0.5, 0.34))
    p.box(GREY, 0.38, 0.02, 0.62, 0.1)
    p.box(BODY, 0.12, 0.32, 0.88, 0.98, 0.14)
    p.box(GLASS, 0.2, 0.42, 0.46, 0.7)
    p.box(GLASS, 0.54, 0.42, 0.8, 0.7)
    p.box(LIGHT, 0.12, 0.78, 0.88, 0.84)


def chairlift(p: Pen) -> None:
    """Draw an open chair for three on its rope."""
    p.line(SLATE, 0.03, (0.0, 0.12), (1.1, 0.0))
    p.line(GREY, 0.05, (0.55, 0.06), (0.55, 0.42))
    p.line(GREY, 0.05, (0.12, 0.98), (0.12, 0.42), (0.98, 0.42), (0.98, 0.98))
    p.box(BODY, 0.14, 0.52, 0.96, 0.78)
    p.box(DARK, 0.1, 0.78, 1.0, 0.9)
    for x in (0.41, 0.69):
        p.line(DARK, 0.03, (x, 0.54), (x, 0.78))
    p.line(ORANGE, 0.04, (0.12, 1.0), (0.98, 1.0))


def pole_signal(p: Pen) -> None:
    """Draw a traffic light on top of a straight pole."""
    p.box(BODY, 0.1, 0.6, 0.17, 1.5)
    p.box(BODY, 0.02, 1.44, 0.25, 1.5)
    _signal(p, 0.135, 0.0)


def arm_signal(p: Pen) -> None:
    """Draw a traffic light that hangs from an arm."""
    p.line(BODY, 0.07, (0.1, 1.5), (0.1, 0.08), (0.66, 0.08))
    p.box(BODY, 0.0, 1.44, 0.2, 1.5)
    _signal(p, 0.62, 0.14)
    p.box(BLUE, 0.0, 0.42, 0.2, 0.64)


DRAWINGS = {
    "tractor": {"side": side_tractor, "front": front_tractor},
    "crane": {"gantry": gantry_crane, "jib": jib_crane},
    "cable car": {"gondola": gondola, "chairlift": chairlift},
    "traffic light": {"pole": pole_signal, "arm": arm_signal},
}
