"""Animals of houses and woods, facing right."""

from pipeline_lib.datasets.scenes.colours import BODY, CREAM, DARK, INK, LIGHT, RED, WHITE
from pipeline_lib.datasets.scenes.pen import Pen


def sitting_dog(p: Pen) -> None:
    """Draw a sitting dog with a hanging ear."""
    p.line(BODY, 0.07, (0.2, 0.94), (0.04, 0.8), (0.0, 0.66))
    p.blob(
        BODY,
        (0.5, 0.4),
        (0.68, 0.46),
        (0.68, 0.9),
        (0.6, 1.0),
        (0.16, 1.0),
        (0.14, 0.76),
        (0.34, 0.6),
    )
    p.box(LIGHT, 0.54, 0.66, 0.66, 1.0, 0.04)
    p.oval(LIGHT, 0.64, 0.97, 0.1, 0.04)
    p.blob(
        BODY,
        (0.42, 0.14),
        (0.58, 0.06),
        (0.72, 0.14),
        (0.92, 0.28),
        (0.88, 0.4),
        (0.66, 0.44),
        (0.46, 0.44),
    )
    p.blob(DARK, (0.4, 0.14), (0.52, 0.14), (0.54, 0.42), (0.44, 0.48), (0.36, 0.36))
    p.oval(INK, 0.91, 0.29, 0.05)
    p.oval(INK, 0.68, 0.22, 0.032)
    p.box(RED, 0.44, 0.45, 0.68, 0.51)


def standing_dog(p: Pen) -> None:
    """Draw a standing terrier with pricked ears."""
    p.line(BODY, 0.08, (0.14, 0.36), (0.02, 0.1))
    for x in (0.18, 0.3, 0.78, 0.9):
        p.box(BODY, x - 0.05, 0.56, x + 0.05, 0.92)
    p.box(BODY, 0.1, 0.3, 0.98, 0.66, 0.12)
    p.blob(LIGHT, (0.3, 0.3), (0.56, 0.3), (0.54, 0.56), (0.34, 0.54))
    p.polygon(BODY, (0.76, 0.4), (0.82, 0.08), (1.06, 0.14), (1.0, 0.52))
    p.polygon(DARK, (0.82, 0.14), (0.84, -0.06), (0.96, 0.08))
    p.box(BODY, 0.82, 0.06, 1.28, 0.32, 0.09)
    p.oval(INK, 1.27, 0.16, 0.05)
    p.oval(INK, 1.03, 0.15, 0.03)
    p.polygon(RED, (0.8, 0.34), (1.02, 0.38), (1.0, 0.44), (0.78, 0.4))


def sitting_cat(p: Pen) -> None:
    """Draw a sitting cat that looks at the viewer."""
    p.line(BODY, 0.09, (0.64, 0.96), (0.88, 0.92), (0.94, 0.7))
    p.blob(BODY, (0.26, 0.46), (0.54, 0.46), (0.72, 0.76), (0.7, 1.0), (0.12, 1.0), (0.1, 0.76))
    p.blob(LIGHT, (0.32, 0.52), (0.48, 0.52), (0.52, 0.84), (0.4, 0.92), (0.28, 0.84))
    p.polygon(BODY, (0.14, 0.24), (0.12, 0.0), (0.36, 0.12))
    p.polygon(BODY, (0.66, 0.24), (0.68, 0.0), (0.44, 0.12))
    p.oval(BODY, 0.4, 0.3, 0.29, 0.23)
    for x in (0.29, 0.51):
        p.oval("#cfe36a", x, 0.27, 0.06)
        p.oval(INK, x, 0.27, 0.025, 0.05)
    p.polygon("#e58a90", (0.36, 0.36), (0.44, 0.36), (0.4, 0.41))
    for y in (0.36, 0.43):
        p.line(WHITE, 0.015, (0.08, y), (0.26, 0.39))
        p.line(WHITE, 0.015, (0.72, y), (0.54, 0.39))


def walking_cat(p: Pen) -> None:
    """Draw a striped cat that walks with its tail up."""
    p.line(BODY, 0.08, (0.12, 0.42), (0.02, 0.2), (0.1, 0.0))
    for x in (0.18, 0.3, 0.72, 0.86):
        p.box(BODY, x - 0.045, 0.5, x + 0.045, 0.86)
    p.blob(
        BODY,
        (0.08, 0.4),
        (0.3, 0.32),
        (0.7, 0.36),
        (0.94, 0.32),
        (0.94, 0.54),
        (0.7, 0.62),
        (0.3, 0.62),
        (0.1, 0.58),
    )
    for x in (0.28, 0.44, 0.6):
        p.line(DARK, 0.045, (x, 0.36), (x - 0.02, 0.52))
    p.polygon(BODY, (0.82, 0.16), (0.84, -0.04), (0.96, 0.1))
    p.polygon(BODY, (1.0, 0.1), (1.12, -0.04), (1.14, 0.16))
    p.oval(BODY, 0.98, 0.26, 0.2, 0.18)
    for x in (0.95, 1.08):
        p.oval("#cfe36a", x, 0.23, 0.04)
        p.oval(INK, x, 0.23, 0.018, 0.035)
    p.oval("#e58a90", 1.03, 0.32, 0.03)


def standing_deer(p: Pen) -> None:
    """Draw a stag with antlers."""
    for x, y in ((0.12, 0.0), (0.02, 0.1), (0.24, 0.1)):
        p.line("#7a5a3a", 0.035, (0.8 - x, y), (0.84, 0.26))
        p.line("#7a5a3a", 0.035, (0.96 + x, y), (0.9, 0.26))
    p.line("#7a5a3a", 0.035, (0.84, 0.26), (0.68, 0.02))
    for x in (0.16, 0.26, 0.64, 0.74):
        p.box(DARK, x - 0.035, 0.8, x + 0.035, 1.3)
    p.polygon(LIGHT, (0.02, 0.6), (0.14, 0.58), (0.1, 0.76))
    p.blob(
        BODY,
        (0.06, 0.62),
        (0.4, 0.6),
        (0.76, 0.54),
        (0.84, 0.72),
        (0.7, 0.92),
        (0.4, 0.9),
        (0.12, 0.92),
    )
    p.polygon(BODY, (0.62, 0.66), (0.76, 0.3), (0.92, 0.34), (0.84, 0.8))
    p.polygon(DARK, (0.8, 0.28), (0.64, 0.26), (0.76, 0.36))
    p.blob(BODY, (0.78, 0.26), (0.92, 0.24), (1.1, 0.4), (1.06, 0.47), (0.84, 0.44))
    p.oval(INK, 1.09, 0.42, 0.035)
    p.oval(INK, 0.92, 0.33, 0.028)


def fawn_deer(p: Pen) -> None:
    """Draw a spotted fawn at rest."""
    p.blob(
        BODY,
        (0.04, 0.62),
        (0.3, 0.44),
        (0.66, 0.44),
        (0.86, 0.6),
        (0.84, 0.86),
        (0.3, 0.9),
        (0.06, 0.84),
    )
    p.polygon(BODY, (0.62, 0.56), (0.74, 0.16), (0.92, 0.2), (0.86, 0.7))
    for x, y in ((0.2, 0.6), (0.34, 0.54), (0.48, 0.52), (0.28, 0.7), (0.44, 0.66), (0.58, 0.64)):
        p.oval(WHITE, x, y, 0.035)
    p.blob(DARK, (0.56, 0.86), (0.9, 0.8), (1.06, 0.86), (0.9, 0.92))
    p.blob(DARK, (0.74, 0.2), (0.56, 0.1), (0.52, 0.0), (0.7, 0.04), (0.8, 0.14))
    p.blob(DARK, (0.86, 0.14), (0.9, 0.0), (1.0, -0.04), (1.0, 0.1), (0.94, 0.18))
    p.blob(BODY, (0.72, 0.14), (0.9, 0.1), (1.12, 0.3), (1.08, 0.38), (0.82, 0.36))
    p.oval(INK, 1.11, 0.32, 0.035)
    p.oval(INK, 0.92, 0.22, 0.035)


def standing_hedgehog(p: Pen) -> None:
    """Draw a hedgehog from the side."""
    spines = [
        (x / 10, y)
        for x, y in (
            (0, 5.2),
            (-0.4, 4),
            (1, 4.2),
            (0.4, 2.6),
            (2, 3),
            (1.8, 1.2),
            (3.3, 2.1),
            (3.8, 0.3),
            (4.8, 1.6),
            (5.8, 0.2),
            (6.3, 1.8),
            (7.8, 1.2),
            (7.6, 2.8),
            (9, 3),
            (8.4, 5.2),
        )
    ]
    for x in (0.2, 0.34, 0.74, 0.86):
        p.oval(CREAM, x, 0.56, 0.06, 0.05)
    p.polygon(BODY, *((x, y / 10) for x, y in spines))
    p.blob(BODY, (0.0, 0.5), (0.1, 0.3), (0.46, 0.16), (0.8, 0.3), (0.88, 0.52), (0.4, 0.56))
    p.blob(CREAM, (0.74, 0.28), (0.9, 0.28), (1.12, 0.46), (1.04, 0.54), (0.76, 0.54))
    p.oval(INK, 1.11, 0.46, 0.045)
    p.oval(INK, 0.92, 0.37, 0.03)
    p.oval(CREAM, 0.76, 0.3, 0.05)
    for x, y in ((0.3, 0.3), (0.5, 0.28), (0.22, 0.42), (0.42, 0.42), (0.6, 0.4)):
        p.line(LIGHT, 0.025, (x, y), (x - 0.06, y - 0.07))


def rolled_hedgehog(p: Pen) -> None:
    """Draw a hedgehog that has rolled itself up, its face in the middle."""
    p.star(BODY, 0.5, 0.5, 0.5, 0.4, 22)
    p.oval(DARK, 0.5, 0.54, 0.34)
    p.oval(CREAM, 0.5, 0.58, 0.25)
    p.oval(INK, 0.5, 0.62, 0.055)
    for x in (0.4, 0.6):
        p.oval(INK, x, 0.52, 0.035)
        p.oval(CREAM, x + (x - 0.5) * 1.7, 0.78, 0.07, 0.05)


DRAWINGS = {
    "dog": {"sitting": sitting_dog, "standing": standing_dog},
    "cat": {"sitting": sitting_cat, "walking": walking_cat},
    "deer": {"stag": standing_deer, "fawn": fawn_deer},
    "hedgehog": {"standing": standing_hedgehog, "rolled": rolled_hedgehog},
}
