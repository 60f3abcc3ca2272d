"""Animals of woods, mountains and meadows."""

from math import pi, sin

from pipeline_lib.datasets.scenes.colours import BODY, CREAM, DARK, INK, LIGHT, WHITE, WOOD
from pipeline_lib.datasets.scenes.pen import Pen


def standing_horse(p: Pen) -> None:
    """Draw a horse from the side, head to the right."""
    p.blob(DARK, (0.1, 0.4), (-0.06, 0.6), (-0.02, 0.9), (0.1, 0.6))
    for x in (0.16, 0.3, 0.74, 0.88):
        p.box(BODY, x - 0.05, 0.6, x + 0.05, 1.16)
        p.box(INK, x - 0.06, 1.1, x + 0.06, 1.18)
    p.oval(BODY, 0.52, 0.52, 0.46, 0.2)
    p.polygon(BODY, (0.7, 0.44), (0.94, 0.04), (1.1, 0.12), (0.98, 0.6))
    p.polygon(DARK, (0.64, 0.4), (0.86, 0.0), (0.98, 0.06), (0.76, 0.42))
    p.polygon(BODY, (0.92, 0.04), (1.06, 0.02), (1.36, 0.28), (1.28, 0.38), (1.02, 0.24))
    p.oval(INK, 1.08, 0.14, 0.03)


def rearing_horse(p: Pen) -> None:
    """Draw a horse on its hind legs."""
    p.line(BODY, 0.1, (0.3, 0.9), (0.2, 1.1), (0.3, 1.3))
    p.line(BODY, 0.1, (0.4, 0.9), (0.46, 1.1), (0.44, 1.3))
    p.line(BODY, 0.09, (0.7, 0.5), (0.98, 0.42), (1.0, 0.6))
    p.line(BODY, 0.09, (0.66, 0.6), (0.92, 0.66), (0.9, 0.84))
    p.blob(DARK, (0.24, 0.84), (0.0, 0.8), (0.02, 1.16), (0.12, 0.98))
    p.blob(BODY, (0.2, 0.9), (0.34, 0.5), (0.62, 0.3), (0.76, 0.5), (0.56, 0.84), (0.38, 1.0))
    p.polygon(BODY, (0.56, 0.44), (0.62, 0.04), (0.76, 0.0), (0.76, 0.5))
    p.polygon(DARK, (0.46, 0.46), (0.56, 0.06), (0.66, 0.02), (0.62, 0.42))
    p.polygon(BODY, (0.64, 0.02), (0.78, 0.0), (1.04, 0.2), (0.98, 0.28), (0.72, 0.18))


def sitting_rabbit(p: Pen) -> None:
    """Draw a rabbit from the front, its ears up."""
    for x in (0.24, 0.5):
        p.oval(BODY, x, 0.24, 0.09, 0.26)
        p.oval("#e8a9ae", x, 0.26, 0.04, 0.18)
    p.oval(BODY, 0.37, 0.98, 0.32, 0.3)
    p.oval(BODY, 0.37, 0.6, 0.25, 0.22)
    p.oval(LIGHT, 0.37, 1.04, 0.18, 0.2)
    for x in (0.27, 0.47):
        p.oval(INK, x, 0.56, 0.035)
    p.oval("#e08a92", 0.37, 0.66, 0.04)


def running_rabbit(p: Pen) -> None:
    """Draw a rabbit that runs to the right, ears laid back."""
    p.oval(WHITE, 0.08, 0.44, 0.1)
    p.line(BODY, 0.1, (0.3, 0.6), (0.06, 0.82))
    p.line(BODY, 0.1, (0.84, 0.58), (1.1, 0.78))
    p.oval(BODY, 0.54, 0.5, 0.44, 0.22)
    p.polygon(BODY, (1.0, 0.28), (0.5, 0.0), (0.6, 0.2))
    p.polygon(DARK, (1.0, 0.28), (0.66, -0.04), (0.74, 0.14))
    p.oval(BODY, 1.06, 0.4, 0.2, 0.16)
    p.oval(INK, 1.12, 0.36, 0.035)


def walking_bear(p: Pen) -> None:
    """Draw a bear on four legs, head to the right."""
    for x in (0.18, 0.42, 0.84, 1.06):
        p.box(DARK, x - 0.1, 0.5, x + 0.1, 0.96, 0.05)
    p.blob(
        BODY, (0.0, 0.6), (0.1, 0.2), (0.5, 0.1), (0.9, 0.06), (1.2, 0.3), (1.16, 0.7), (0.3, 0.76)
    )
    p.oval(BODY, 1.08, 0.14, 0.09)
    p.oval(BODY, 1.26, 0.32, 0.22, 0.2)
    p.oval(CREAM, 1.42, 0.4, 0.12, 0.09)
    p.oval(INK, 1.52, 0.38, 0.04)


def upright_bear(p: Pen) -> None:
    """Draw a bear on its hind legs, from the front."""
    for x in (0.2, 0.7):
        p.oval(BODY, x, 0.12, 0.11)
        p.box(DARK, x - 0.11, 1.1, x + 0.11, 1.46, 0.06)
    for x in (0.06, 0.84):
        p.oval(DARK, x, 0.74, 0.12, 0.28)
    p.oval(BODY, 0.45, 0.9, 0.4, 0.46)
    p.oval(BODY, 0.45, 0.32, 0.3, 0.27)
    p.oval(CREAM, 0.45, 0.42, 0.14, 0.11)
    p.oval(INK, 0.45, 0.38, 0.05)
    for x in (0.34, 0.56):
        p.oval(INK, x, 0.27, 0.035)


def standing_fox(p: Pen) -> None:
    """Draw a fox with a bushy tail, head to the right."""
    p.blob(BODY, (0.3, 0.46), (0.0, 0.2), (-0.1, 0.5), (0.2, 0.66))
    p.oval(WHITE, -0.03, 0.34, 0.08)
    for x in (0.32, 0.46, 0.82, 0.94):
        p.box(INK, x - 0.035, 0.6, x + 0.035, 0.96)
    p.oval(BODY, 0.62, 0.52, 0.4, 0.17)
    p.polygon(BODY, (0.86, 0.2), (0.92, -0.06), (1.02, 0.14))
    p.polygon(BODY, (0.82, 0.14), (1.08, 0.14), (1.38, 0.38), (1.0, 0.5), (0.84, 0.44))
    p.polygon(WHITE, (1.0, 0.5), (1.38, 0.38), (1.06, 0.36))
    p.oval(INK, 1.37, 0.37, 0.045)


def sitting_fox(p: Pen) -> None:
    """Draw a fox from the front, its tail around its feet."""
    p.oval(BODY, 0.44, 0.86, 0.3, 0.32)
    p.blob(BODY, (0.6, 0.9), (1.0, 0.8), (1.02, 1.14), (0.5, 1.2))
    p.oval(WHITE, 0.98, 0.94, 0.1, 0.12)
    p.oval(WHITE, 0.44, 0.86, 0.14, 0.26)
    p.polygon(
        BODY,
        (0.06, 0.0),
        (0.34, 0.14),
        (0.54, 0.14),
        (0.82, 0.0),
        (0.8, 0.4),
        (0.44, 0.7),
        (0.08, 0.4),
    )
    p.polygon(WHITE, (0.1, 0.42), (0.44, 0.5), (0.78, 0.42), (0.44, 0.7))
    p.oval(INK, 0.44, 0.66, 0.05)
    for x in (0.28, 0.6):
        p.oval(INK, x, 0.34, 0.04)


def sitting_squirrel(p: Pen) -> None:
    """Draw a squirrel with a curled tail and a nut."""
    p.blob(
        DARK,
        (0.2, 0.96),
        (0.0, 0.6),
        (0.06, 0.1),
        (0.34, 0.02),
        (0.4, 0.3),
        (0.28, 0.5),
        (0.4, 0.9),
    )
    p.oval(BODY, 0.54, 0.74, 0.24, 0.28)
    p.polygon(BODY, (0.54, 0.3), (0.56, 0.08), (0.66, 0.26))
    p.oval(BODY, 0.66, 0.38, 0.2, 0.16)
    p.oval(WOOD, 0.82, 0.66, 0.09)
    p.oval(INK, 0.72, 0.35, 0.035)


def climbing_squirrel(p: Pen) -> None:
    """Draw a squirrel on four feet, its tail straight up."""
    p.oval(DARK, 0.14, 0.36, 0.14, 0.36)
    for x in (0.24, 0.38, 0.78, 0.9):
        p.box(BODY, x - 0.04, 0.7, x + 0.04, 0.94)
    p.oval(BODY, 0.54, 0.66, 0.44, 0.17)
    p.oval(CREAM, 0.56, 0.76, 0.3, 0.07)
    p.oval(BODY, 1.0, 0.52, 0.18, 0.15)
    p.polygon(BODY, (0.9, 0.42), (0.92, 0.24), (1.0, 0.4))
    p.oval(INK, 1.06, 0.48, 0.035)


def crawling_snail(p: Pen) -> None:
    """Draw a snail with a spiral shell."""
    p.blob(CREAM, (0.0, 0.86), (0.3, 0.74), (1.0, 0.72), (1.06, 0.36), (1.24, 0.36), (1.22, 0.86))
    p.oval(BODY, 0.56, 0.46, 0.4, 0.42)
    for radius in (0.28, 0.14):
        p.arc(DARK, 0.06, 0.56, 0.48, radius)
    for x in (1.08, 1.22):
        p.line(CREAM, 0.05, (1.14, 0.4), (x, 0.14))


def hidden_snail(p: Pen) -> None:
    """Draw a snail's shell that ends in a point."""
    widths = [0.12 + 0.32 * sin(pi / 2 * step / 4) for step in range(5)]
    for step, width in enumerate(widths):
        p.oval((BODY, LIGHT)[step % 2], 0.5, 0.14 + 0.19 * step, width, 0.16)
    p.oval(INK, 0.6, 0.94, 0.18, 0.1)


DRAWINGS = {
    "horse": {"standing": standing_horse, "rearing": rearing_horse},
    "rabbit": {"sitting": sitting_rabbit, "running": running_rabbit},
    "bear": {"walking": walking_bear, "upright": upright_bear},
    "fox": {"standing": standing_fox, "sitting": sitting_fox},
    "squirrel": {"sitting": sitting_squirrel, "climbing": climbing_squirrel},
    "snail": {"crawling": crawling_snail, "hidden": hidden_snail},
}
