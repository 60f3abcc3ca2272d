"""What stands in a kitchen."""

from pipeline_lib.datasets.scenes.colours import (
    BODY,
    DARK,
    GLASS,
    GREY,
    INK,
    LIGHT,
    SLATE,
    STEEL,
    WHITE,
)
from pipeline_lib.datasets.scenes.pen import Pen

STEAM = "#ffffffb0"
CRUST = "#9a6230"
TOAST = "#c98d4a"


def freezer_fridge(p: Pen) -> None:
    """Draw a fridge with a small door over a large one."""
    p.box(BODY, 0.0, 0.0, 0.62, 1.2, 0.06)
    p.line(DARK, 0.025, (0.0, 0.4), (0.62, 0.4))
    p.box(GREY, 0.08, 0.2, 0.13, 0.35)
    p.box(GREY, 0.08, 0.46, 0.13, 0.74)
    p.box("#e05a4a", 0.34, 0.56, 0.44, 0.66)
    p.box("#f4c430", 0.42, 0.14, 0.52, 0.24)
    p.box(LIGHT, 0.2, 0.05, 0.56, 0.08)
    for x in (0.06, 0.48):
        p.box(INK, x, 1.19, x + 0.08, 1.23)


def double_fridge(p: Pen) -> None:
    """Draw a wide fridge with two doors and an ice dispenser."""
    p.box(BODY, 0.0, 0.0, 0.86, 1.2, 0.04)
    p.line(DARK, 0.03, (0.43, 0.0), (0.43, 1.2))
    p.box(SLATE, 0.36, 0.36, 0.4, 0.86)
    p.box(SLATE, 0.46, 0.36, 0.5, 0.86)
    p.box(SLATE, 0.1, 0.38, 0.29, 0.66)
    p.box(GLASS, 0.13, 0.42, 0.26, 0.52)
    p.box(LIGHT, 0.56, 0.06, 0.8, 0.1)
    for x in (0.06, 0.72):
        p.box(INK, x, 1.19, x + 0.08, 1.23)


def stock_pot(p: Pen) -> None:
    """Draw a tall pot with two ears and a lid."""
    p.box(INK, 0.52, 0.0, 0.68, 0.07, 0.03)
    p.dome(LIGHT, 0.16, 1.04, 0.22, 0.16)
    p.box(SLATE, 0.0, 0.36, 0.18, 0.44)
    p.box(SLATE, 1.02, 0.36, 1.2, 0.44)
    p.box(BODY, 0.14, 0.26, 1.06, 0.9, 0.08)
    p.box(DARK, 0.1, 0.21, 1.1, 0.28)
    p.box(LIGHT, 0.24, 0.36, 0.32, 0.78)


def sauce_pot(p: Pen) -> None:
    """Draw a steaming saucepan with one long handle."""
    for x in (0.3, 0.5, 0.7):
        p.line(STEAM, 0.05, (x, 0.24), (x + 0.06, 0.14), (x - 0.02, 0.02))
    p.box(INK, 0.94, 0.4, 1.62, 0.5, 0.04)
    p.polygon(BODY, (0.02, 0.34), (0.98, 0.34), (0.92, 0.84), (0.08, 0.84))
    p.oval(DARK, 0.5, 0.34, 0.5, 0.08)
    p.oval("#e9b24c", 0.5, 0.345, 0.43, 0.055)
    p.box(LIGHT, 0.16, 0.48, 0.22, 0.76)


def stove_kettle(p: Pen) -> None:
    """Draw a round kettle with a hoop handle."""
    p.arc(INK, 0.07, 0.5, 0.4, 0.32, 180, 360)
    p.polygon(BODY, (0.74, 0.66), (1.12, 0.3), (1.2, 0.38), (0.9, 0.86))
    p.blob(
        BODY,
        (0.1, 0.92),
        (0.14, 0.62),
        (0.34, 0.42),
        (0.66, 0.42),
        (0.86, 0.62),
        (0.9, 0.92),
        (0.5, 0.98),
    )
    p.dome(DARK, 0.32, 0.68, 0.45, 0.1)
    p.oval(INK, 0.5, 0.33, 0.05)
    p.blob(LIGHT, (0.26, 0.84), (0.28, 0.64), (0.36, 0.56), (0.35, 0.8))


def electric_kettle(p: Pen) -> None:
    """Draw a jug kettle on its base."""
    p.arc(INK, 0.09, 0.14, 0.46, 0.25, 80, 290)
    p.polygon(BODY, (0.2, 0.1), (0.66, 0.1), (0.76, 0.9), (0.12, 0.9))
    p.polygon(BODY, (0.6, 0.12), (0.86, 0.14), (0.7, 0.36))
    p.box(DARK, 0.18, 0.06, 0.68, 0.14, 0.03)
    p.box(INK, 0.38, 0.0, 0.5, 0.08)
    p.box(GLASS, 0.42, 0.34, 0.52, 0.74)
    p.box(INK, 0.06, 0.9, 0.84, 0.99, 0.03)


def mug_cup(p: Pen) -> None:
    """Draw a straight mug with its handle to the right."""
    p.arc(BODY, 0.11, 0.76, 0.52, 0.22, -90, 90)
    p.box(BODY, 0.08, 0.16, 0.78, 0.94, 0.08)
    p.oval(DARK, 0.43, 0.18, 0.35, 0.09)
    p.oval("#5b3a22", 0.43, 0.19, 0.28, 0.06)
    p.box(LIGHT, 0.08, 0.5, 0.78, 0.62)


def tea_cup(p: Pen) -> None:
    """Draw a steaming teacup on its saucer."""
    for x in (0.46, 0.66):
        p.line(STEAM, 0.05, (x, 0.28), (x + 0.07, 0.16), (x, 0.02))
    p.arc(BODY, 0.08, 0.96, 0.5, 0.15, -110, 110)
    p.oval(LIGHT, 0.56, 0.84, 0.56, 0.1)
    p.polygon(
        BODY, (0.16, 0.34), (0.98, 0.34), (0.9, 0.62), (0.72, 0.82), (0.42, 0.82), (0.24, 0.62)
    )
    p.oval(DARK, 0.57, 0.34, 0.41, 0.08)
    p.oval("#a5622a", 0.57, 0.345, 0.34, 0.05)


def slot_toaster(p: Pen) -> None:
    """Draw a toaster with two slices that have popped up."""
    for x in (0.16, 0.56):
        p.box(CRUST, x, 0.0, x + 0.32, 0.5, 0.08)
        p.box(TOAST, x + 0.04, 0.04, x + 0.28, 0.5, 0.07)
    p.box(BODY, 0.0, 0.28, 1.04, 0.9, 0.14)
    p.box(LIGHT, 0.12, 0.38, 0.92, 0.44)
    p.box(INK, 1.02, 0.44, 1.14, 0.54)
    p.oval(INK, 0.84, 0.7, 0.08)
    p.box(INK, 0.08, 0.88, 0.24, 0.95)
    p.box(INK, 0.8, 0.88, 0.96, 0.95)


def end_toaster(p: Pen) -> None:
    """Draw a chrome toaster from its narrow end, one slice in it."""
    p.blob(CRUST, (0.22, 0.34), (0.2, 0.06), (0.42, 0.02), (0.64, 0.06), (0.62, 0.34))
    p.blob(TOAST, (0.26, 0.34), (0.26, 0.1), (0.42, 0.07), (0.58, 0.1), (0.58, 0.34))
    p.polygon(STEEL, (0.1, 0.3), (0.74, 0.3), (0.84, 0.94), (0.0, 0.94))
    p.polygon(BODY, (0.2, 0.3), (0.64, 0.3), (0.7, 0.94), (0.14, 0.94))
    p.box(INK, 0.38, 0.4, 0.46, 0.72)
    p.box(WHITE, 0.32, 0.5, 0.52, 0.58)
    p.oval(WHITE, 0.42, 0.83, 0.06)
    p.box(INK, -0.02, 0.92, 0.86, 1.0)


DRAWINGS = {
    "fridge": {"freezer": freezer_fridge, "double": double_fridge},
    "pot": {"stock": stock_pot, "sauce": sauce_pot},
    "kettle": {"stove": stove_kettle, "electric": electric_kettle},
    "cup": {"mug": mug_cup, "tea": tea_cup},
    "toaster": {"slots": slot_toaster, "end": end_toaster},
}
