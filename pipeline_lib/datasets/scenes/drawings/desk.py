"""What stands on a desk or hangs above it."""

from pipeline_lib.datasets.scenes.colours import (
    BLUE,
    BODY,
    CREAM,
    DARK,
    DARK_LEAF,
    GOLD,
    INK,
    LEAF,
    LIGHT,
    SLATE,
    STEEL,
    WHITE,
)
from pipeline_lib.datasets.scenes.pen import Glow, Pen

SCREEN = Glow("#5aa7dc")
BULB = Glow("#fff1b5")


def desktop_computer(p: Pen) -> None:
    """Draw a monitor on its foot, with a keyboard."""
    p.box(SLATE, 0.56, 0.66, 0.7, 0.84)
    p.box(BODY, 0.04, 0.0, 1.22, 0.72, 0.04)
    p.box(SCREEN, 0.1, 0.06, 1.16, 0.62)
    for y, right in ((0.16, 0.7), (0.28, 0.9), (0.4, 0.56)):
        p.line(Glow("#ffffff"), 0.045, (0.2, y), (right, y))
    p.box(SLATE, 0.4, 0.82, 0.86, 0.88)
    p.polygon(LIGHT, (0.14, 0.9), (1.0, 0.9), (1.08, 1.02), (0.04, 1.02))
    p.oval(LIGHT, 1.2, 0.97, 0.07, 0.06)


def laptop_computer(p: Pen) -> None:
    """Draw an open laptop, turned a little."""
    p.polygon(BODY, (0.28, 0.0), (1.22, 0.0), (1.14, 0.6), (0.14, 0.6))
    p.polygon(SCREEN, (0.34, 0.06), (1.15, 0.06), (1.08, 0.53), (0.22, 0.53))
    p.oval(Glow("#f2cf63"), 0.86, 0.2, 0.07)
    p.polygon(Glow("#3f8f5a"), (0.24, 0.52), (0.5, 0.28), (0.68, 0.42), (0.82, 0.34), (1.08, 0.52))
    p.polygon(LIGHT, (0.14, 0.6), (1.14, 0.6), (1.24, 0.86), (0.0, 0.86))
    p.polygon(SLATE, (0.2, 0.64), (1.08, 0.64), (1.12, 0.74), (0.14, 0.74))
    p.polygon(STEEL, (0.48, 0.77), (0.76, 0.77), (0.78, 0.84), (0.46, 0.84))


def desk_printer(p: Pen) -> None:
    """Draw a desk printer with paper above and below."""
    p.polygon(WHITE, (0.34, 0.0), (0.9, 0.0), (0.86, 0.36), (0.3, 0.36))
    p.box(BODY, 0.0, 0.3, 1.16, 0.78, 0.08)
    p.box(DARK, 0.06, 0.3, 1.1, 0.38)
    p.box(INK, 0.18, 0.56, 0.98, 0.64)
    p.polygon(WHITE, (0.26, 0.6), (0.9, 0.6), (0.98, 0.94), (0.18, 0.94))
    for y in (0.72, 0.8):
        p.line(STEEL, 0.03, (0.34, y), (0.8, y))
    p.oval("#52c46a", 1.04, 0.48, 0.04)


def copier_printer(p: Pen) -> None:
    """Draw an office copier on wheels with paper trays."""
    p.box(BODY, 0.06, 0.34, 0.86, 1.1, 0.03)
    p.box(DARK, 0.0, 0.22, 0.9, 0.36, 0.03)
    p.polygon(LIGHT, (0.06, 0.22), (0.7, 0.04), (0.76, 0.1), (0.2, 0.22))
    p.box("#5aa7dc", 0.66, 0.12, 0.9, 0.24)
    p.box(WHITE, 0.86, 0.46, 1.1, 0.51)
    for y in (0.6, 0.76, 0.92):
        p.box(LIGHT, 0.14, y, 0.78, y + 0.12)
        p.box(INK, 0.36, y + 0.04, 0.56, y + 0.07)
    for x in (0.16, 0.76):
        p.oval(INK, x, 1.13, 0.05)


def stacked_book(p: Pen) -> None:
    """Draw three books that lie on each other."""
    for x, y, w, colour in ((0.0, 0.56, 1.1, BLUE), (0.1, 0.28, 1.0, BODY), (0.04, 0.0, 0.9, GOLD)):
        p.box(colour, x, y, x + w, y + 0.28, 0.04)
        p.box(CREAM, x + 0.1, y + 0.06, x + w, y + 0.22)


def open_book(p: Pen) -> None:
    """Draw an open book."""
    p.polygon(
        BODY, (0.0, 0.12), (0.64, 0.24), (1.28, 0.12), (1.28, 0.84), (0.64, 0.94), (0.0, 0.84)
    )
    p.blob(
        WHITE, (0.06, 0.08), (0.36, 0.04), (0.64, 0.18), (0.64, 0.86), (0.36, 0.74), (0.06, 0.76)
    )
    p.blob(
        WHITE, (1.22, 0.08), (0.92, 0.04), (0.64, 0.18), (0.64, 0.86), (0.92, 0.74), (1.22, 0.76)
    )
    for y in (0.26, 0.4, 0.54):
        p.line(STEEL, 0.035, (0.16, y - 0.02), (0.54, y + 0.04))
        p.line(STEEL, 0.035, (0.74, y + 0.04), (1.12, y - 0.02))
    p.line(DARK, 0.025, (0.64, 0.18), (0.64, 0.88))


def round_clock(p: Pen) -> None:
    """Draw a wall clock."""
    p.oval(BODY, 0.5, 0.5, 0.5)
    p.oval(WHITE, 0.5, 0.5, 0.4)
    for x, y in ((0.5, 0.16), (0.84, 0.5), (0.5, 0.84), (0.16, 0.5)):
        p.oval(INK, x, y, 0.04)
    p.line(INK, 0.055, (0.5, 0.5), (0.5, 0.22))
    p.line(INK, 0.055, (0.5, 0.5), (0.7, 0.6))


def pendulum_clock(p: Pen) -> None:
    """Draw a wooden clock with a pendulum."""
    p.line(GOLD, 0.04, (0.4, 0.78), (0.4, 1.1))
    p.oval(GOLD, 0.4, 1.14, 0.1)
    p.polygon(DARK, (0.4, 0.0), (0.86, 0.24), (-0.06, 0.24))
    p.box(BODY, 0.04, 0.22, 0.76, 0.86)
    p.oval(WHITE, 0.4, 0.54, 0.27)
    p.line(INK, 0.05, (0.4, 0.54), (0.4, 0.34))
    p.line(INK, 0.05, (0.4, 0.54), (0.54, 0.6))


def shade_lamp(p: Pen) -> None:
    """Draw a bedside lamp with a cloth shade."""
    p.blob(DARK, (0.3, 0.62), (0.42, 0.62), (0.52, 0.82), (0.36, 0.96), (0.2, 0.82))
    p.box(DARK, 0.33, 0.5, 0.39, 0.66)
    p.box(DARK, 0.18, 0.93, 0.54, 1.0)
    p.polygon(BODY, (0.18, 0.0), (0.54, 0.0), (0.72, 0.54), (0.0, 0.54))
    p.polygon(BULB, (0.26, 0.1), (0.46, 0.1), (0.52, 0.54), (0.2, 0.54))


def desk_lamp(p: Pen) -> None:
    """Draw a lamp with a jointed arm."""
    p.box(BODY, 0.0, 0.94, 0.52, 1.02, 0.03)
    p.line(DARK, 0.055, (0.26, 0.96), (0.1, 0.5), (0.5, 0.18))
    p.oval(BODY, 0.1, 0.5, 0.07)
    p.polygon(BULB, (0.52, 0.4), (0.96, 0.3), (0.86, 0.46), (0.68, 0.5))
    p.polygon(BODY, (0.44, 0.12), (0.62, 0.06), (0.98, 0.3), (0.48, 0.42))


def cactus_plant(p: Pen) -> None:
    """Draw a cactus in a pot."""
    p.line(LEAF, 0.13, (0.14, 0.28), (0.14, 0.46), (0.4, 0.5))
    p.line(LEAF, 0.13, (0.76, 0.18), (0.76, 0.36), (0.44, 0.42))
    p.box(LEAF, 0.3, 0.0, 0.58, 0.76, 0.13)
    for x in (0.38, 0.49):
        p.line(DARK_LEAF, 0.025, (x, 0.1), (x, 0.66))
    p.polygon(BODY, (0.16, 0.7), (0.74, 0.7), (0.66, 1.1), (0.24, 1.1))
    p.box(DARK, 0.12, 0.66, 0.78, 0.76)


def leafy_plant(p: Pen) -> None:
    """Draw a pot plant with long leaves."""
    for tip, side in (
        ((0.06, 0.16), -1),
        ((0.98, 0.16), 1),
        ((0.3, 0.0), -1),
        ((0.74, 0.0), 1),
        ((0.0, 0.46), -1),
        ((1.04, 0.46), 1),
    ):
        x, y = (tip[0] + 0.52) / 2, (tip[1] + 0.7) / 2
        p.blob(
            LEAF if side < 0 else DARK_LEAF,
            (0.52, 0.72),
            (x - 0.08, y + 0.02),
            tip,
            (x + 0.08, y - 0.02),
        )
    p.polygon(BODY, (0.24, 0.68), (0.8, 0.68), (0.7, 1.1), (0.34, 1.1))
    p.box(LIGHT, 0.27, 0.78, 0.77, 0.86)


DRAWINGS = {
    "computer": {"desktop": desktop_computer, "laptop": laptop_computer},
    "printer": {"desk": desk_printer, "copier": copier_printer},
    "book": {"stack": stacked_book, "open": open_book},
    "clock": {"round": round_clock, "pendulum": pendulum_clock},
    "lamp": {"shade": shade_lamp, "desk": desk_lamp},
    "plant": {"cactus": cactus_plant, "leafy": leafy_plant},
}
