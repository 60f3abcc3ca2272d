"""What drives on a street, front to the right."""

from pipeline_lib.datasets.scenes.colours import (
    BODY,
    DARK,
    GLASS,
    GREY,
    INK,
    LIGHT,
    RED,
    STEEL,
    TYRE,
    WHITE,
)
from pipeline_lib.datasets.scenes.pen import Colour, Glow, Pen

HEADLIGHT = Glow("#fff3b8")


def _wheel(p: Pen, x: float, y: float, radius: float, hub: Colour = STEEL) -> None:
    p.oval(TYRE, x, y, radius)
    p.oval(hub, x, y, radius * 0.5)


def _spoked_wheel(p: Pen, x: float, y: float, radius: float) -> None:
    p.arc(TYRE, 0.05, x, y, radius)
    p.oval(TYRE, x, y, 0.045)


def saloon_car(p: Pen) -> None:
    """Draw a three-box car, front to the right."""
    p.blob(BODY, (0.32, 0.3), (0.48, 0.06), (0.92, 0.04), (1.16, 0.3), (1.1, 0.4), (0.36, 0.4))
    p.polygon(GLASS, (0.42, 0.3), (0.53, 0.11), (0.72, 0.1), (0.72, 0.3))
    p.polygon(GLASS, (0.77, 0.3), (0.77, 0.1), (0.9, 0.11), (1.06, 0.3))
    p.box(BODY, 0.02, 0.28, 1.6, 0.58, 0.1)
    p.box(DARK, 0.02, 0.49, 1.6, 0.56)
    p.oval(HEADLIGHT, 1.55, 0.38, 0.05)
    p.box(RED, 0.02, 0.34, 0.08, 0.43)
    _wheel(p, 0.36, 0.58, 0.16)
    _wheel(p, 1.24, 0.58, 0.16)


def pickup_car(p: Pen) -> None:
    """Draw a pick-up, front to the right."""
    p.polygon(BODY, (0.74, 0.34), (0.78, 0.02), (1.08, 0.02), (1.26, 0.34))
    p.polygon(GLASS, (0.84, 0.32), (0.86, 0.09), (1.05, 0.09), (1.17, 0.32))
    p.box(BODY, 0.0, 0.3, 1.62, 0.62, 0.05)
    p.box(DARK, 0.06, 0.3, 0.7, 0.36)
    p.line(DARK, 0.02, (0.74, 0.34), (0.74, 0.6))
    p.box(HEADLIGHT, 1.54, 0.36, 1.62, 0.46)
    p.box(RED, 0.0, 0.4, 0.06, 0.5)
    p.box(GREY, 0.0, 0.56, 1.64, 0.63)
    _wheel(p, 0.34, 0.62, 0.19)
    _wheel(p, 1.28, 0.62, 0.19)


def city_bus(p: Pen) -> None:
    """Draw a one-deck bus, front to the right."""
    p.box(BODY, 0.0, 0.0, 1.9, 0.72, 0.08)
    p.box(LIGHT, 0.0, 0.46, 1.9, 0.53)
    for x in (0.1, 0.42, 0.74, 1.06):
        p.box(GLASS, x, 0.12, x + 0.26, 0.4)
    p.box(GLASS, 1.4, 0.12, 1.6, 0.66)
    p.box(INK, 1.49, 0.12, 1.51, 0.66)
    p.box(GLASS, 1.7, 0.12, 1.9, 0.44)
    p.box(INK, 1.36, 0.02, 1.86, 0.09)
    p.box(HEADLIGHT, 1.83, 0.56, 1.9, 0.64)
    _wheel(p, 0.4, 0.72, 0.16)
    _wheel(p, 1.24, 0.72, 0.16)


def double_decker_bus(p: Pen) -> None:
    """Draw a bus with two decks, front to the right."""
    p.box(BODY, 0.0, 0.0, 1.35, 1.0, 0.08)
    p.box(LIGHT, 0.0, 0.44, 1.35, 0.52)
    for x in (0.08, 0.39, 0.7, 1.01):
        p.box(GLASS, x, 0.12, x + 0.25, 0.36)
    for x in (0.08, 0.39, 0.7):
        p.box(GLASS, x, 0.58, x + 0.25, 0.78)
    p.box(GLASS, 1.06, 0.58, 1.27, 0.92)
    p.box(INK, 1.155, 0.58, 1.175, 0.92)
    p.box(HEADLIGHT, 1.29, 0.84, 1.35, 0.92)
    _wheel(p, 0.28, 0.98, 0.15)
    _wheel(p, 0.9, 0.98, 0.15)


def road_bicycle(p: Pen) -> None:
    """Draw a diamond-frame bicycle, front to the right."""
    _spoked_wheel(p, 0.28, 0.72, 0.26)
    _spoked_wheel(p, 1.16, 0.72, 0.26)
    p.line(BODY, 0.06, (0.28, 0.72), (0.62, 0.72), (1.0, 0.32), (0.48, 0.32), (0.28, 0.72))
    p.line(BODY, 0.06, (0.62, 0.72), (0.44, 0.2))
    p.line(BODY, 0.06, (1.16, 0.72), (0.97, 0.16))
    p.box(INK, 0.32, 0.13, 0.58, 0.21, 0.04)
    p.line(INK, 0.055, (0.97, 0.16), (1.12, 0.12), (1.14, 0.22))
    p.oval(INK, 0.62, 0.72, 0.07)


def basket_bicycle(p: Pen) -> None:
    """Draw a step-through bicycle with basket, carrier and mudguards."""
    _spoked_wheel(p, 0.28, 0.74, 0.24)
    _spoked_wheel(p, 1.14, 0.74, 0.24)
    p.arc(BODY, 0.05, 0.28, 0.74, 0.31, 190, 330)
    p.arc(BODY, 0.05, 1.14, 0.74, 0.31, 200, 320)
    p.line(BODY, 0.07, (0.28, 0.74), (0.6, 0.74), (0.72, 0.62), (0.96, 0.36))
    p.line(BODY, 0.06, (0.6, 0.74), (0.46, 0.26))
    p.line(BODY, 0.06, (1.14, 0.74), (0.92, 0.1), (0.76, 0.06))
    p.box("#8a5a2b", 0.3, 0.16, 0.6, 0.26, 0.05)
    p.polygon("#d9b06a", (1.02, 0.12), (1.4, 0.12), (1.34, 0.38), (1.07, 0.38))
    p.line("#8a5a2b", 0.03, (1.03, 0.2), (1.38, 0.2))
    p.line("#8a5a2b", 0.03, (1.05, 0.3), (1.36, 0.3))
    p.line(STEEL, 0.05, (0.04, 0.38), (0.44, 0.38))


def motor_scooter(p: Pen) -> None:
    """Draw a motor scooter, front to the right."""
    _wheel(p, 0.26, 0.84, 0.16)
    _wheel(p, 1.04, 0.84, 0.16)
    p.line(STEEL, 0.05, (0.86, 0.16), (1.04, 0.84))
    p.polygon(
        BODY,
        (0.78, 0.22),
        (0.9, 0.2),
        (1.02, 0.66),
        (0.9, 0.8),
        (0.44, 0.82),
        (0.44, 0.72),
        (0.82, 0.7),
    )
    p.blob(BODY, (0.06, 0.56), (0.3, 0.44), (0.58, 0.5), (0.62, 0.78), (0.4, 0.82), (0.12, 0.76))
    p.box(INK, 0.1, 0.36, 0.62, 0.47, 0.05)
    p.pie(BODY, 1.04, 0.84, 0.23, 190, 340)
    p.line(INK, 0.05, (0.74, 0.1), (0.88, 0.14))
    p.oval(HEADLIGHT, 0.93, 0.2, 0.07)


def kick_scooter(p: Pen) -> None:
    """Draw a child's scooter to push with one foot."""
    p.line(BODY, 0.07, (0.82, 0.06), (0.98, 0.86))
    p.line(INK, 0.07, (0.66, 0.08), (0.98, 0.03))
    p.line(BODY, 0.09, (0.14, 0.82), (0.66, 0.82), (0.93, 0.6))
    _wheel(p, 0.14, 0.88, 0.12, WHITE)
    _wheel(p, 0.98, 0.88, 0.12, WHITE)


DRAWINGS = {
    "car": {"saloon": saloon_car, "pickup": pickup_car},
    "bus": {"city": city_bus, "double-decker": double_decker_bus},
    "bicycle": {"road": road_bicycle, "basket": basket_bicycle},
    "scooter": {"motor": motor_scooter, "kick": kick_scooter},
}
