"""Buildings, large and small."""

from pipeline_lib.datasets.scenes.colours import (
    BODY,
    DARK,
    DARK_WOOD,
    GLASS,
    GREY,
    INK,
    LIGHT,
    SLATE,
    STEEL,
    STONE,
    WHITE,
    WOOD,
)
from pipeline_lib.datasets.scenes.pen import Pen

DARK_SAND = "#b78f4f"
SAND = "#dcb877"
POOL = "#6fb6d6"
SPRAY = "#e8f6fb"


def gambrel_barn(p: Pen) -> None:
    """Draw the front of a barn with a broken roof and a crossed door."""
    p.polygon(
        BODY,
        (0.1, 1.0),
        (0.1, 0.44),
        (0.26, 0.18),
        (0.6, 0.02),
        (0.94, 0.18),
        (1.1, 0.44),
        (1.1, 1.0),
    )
    p.line(SLATE, 0.07, (0.05, 0.5), (0.26, 0.18), (0.6, 0.02), (0.94, 0.18), (1.15, 0.5))
    p.box(WHITE, 0.34, 0.52, 0.86, 1.0)
    p.box(DARK, 0.38, 0.56, 0.82, 1.0)
    p.line(WHITE, 0.04, (0.38, 0.57), (0.82, 0.99))
    p.line(WHITE, 0.04, (0.82, 0.57), (0.38, 0.99))
    p.box(WHITE, 0.47, 0.2, 0.73, 0.42)
    p.box(INK, 0.51, 0.24, 0.69, 0.38)


def silo_barn(p: Pen) -> None:
    """Draw the long side of a barn beside its silo."""
    p.box(STEEL, 1.22, 0.2, 1.5, 1.0)
    p.dome(GREY, 1.22, 1.5, 0.2, 0.18)
    for y in (0.4, 0.6, 0.8):
        p.line(GREY, 0.02, (1.23, y), (1.49, y))
    p.box(BODY, 0.06, 0.52, 1.2, 1.0)
    p.polygon(SLATE, (0.0, 0.54), (0.18, 0.18), (1.08, 0.18), (1.26, 0.54))
    p.box(WHITE, 0.42, 0.6, 0.84, 1.0)
    p.box(DARK, 0.45, 0.63, 0.62, 1.0)
    p.box(DARK, 0.64, 0.63, 0.81, 1.0)
    for x in (0.16, 0.94):
        p.box(WHITE, x, 0.62, x + 0.18, 0.8)
        p.box(INK, x + 0.03, 0.65, x + 0.15, 0.77)


def log_cabin(p: Pen) -> None:
    """Draw a low house of logs with a chimney."""
    p.box(STONE, 0.92, 0.06, 1.08, 0.4)
    p.box(WOOD, 0.1, 0.44, 1.2, 0.92)
    for y in (0.54, 0.66, 0.78):
        p.line(DARK_WOOD, 0.025, (0.1, y), (1.2, y))
    p.polygon(BODY, (0.0, 0.48), (0.26, 0.12), (1.04, 0.12), (1.3, 0.48))
    p.box(DARK_WOOD, 0.28, 0.56, 0.5, 0.92)
    p.box(WHITE, 0.7, 0.56, 1.02, 0.78)
    p.box(GLASS, 0.74, 0.6, 0.98, 0.74)
    p.box(WHITE, 0.845, 0.58, 0.875, 0.76)


def frame_cabin(p: Pen) -> None:
    """Draw an A-frame hut with a tall window."""
    p.polygon(BODY, (0.5, 0.0), (1.06, 1.0), (-0.06, 1.0))
    p.polygon(WOOD, (0.5, 0.16), (0.9, 1.0), (0.1, 1.0))
    p.polygon(GLASS, (0.5, 0.26), (0.66, 0.58), (0.34, 0.58))
    p.line(DARK_WOOD, 0.03, (0.5, 0.26), (0.5, 0.58))
    p.line(DARK_WOOD, 0.04, (0.28, 0.61), (0.72, 0.61))
    p.box(DARK_WOOD, 0.4, 0.68, 0.6, 1.0)


def ridge_tent(p: Pen) -> None:
    """Draw a tent with a ridge, seen from its open end."""
    p.polygon(DARK, (0.42, 0.04), (1.02, 0.04), (1.36, 0.82), (0.84, 0.82))
    p.polygon(BODY, (0.42, 0.04), (0.86, 0.82), (0.0, 0.82))
    p.polygon(INK, (0.42, 0.2), (0.6, 0.82), (0.24, 0.82))
    p.polygon(LIGHT, (0.42, 0.2), (0.24, 0.82), (0.14, 0.82))
    p.line(WOOD, 0.03, (0.42, 0.0), (0.42, 0.14))


def dome_tent(p: Pen) -> None:
    """Draw a round tent with crossed poles."""
    p.dome(BODY, 0.0, 1.3, 0.74, 0.72)
    p.polygon(LIGHT, (0.65, 0.02), (0.86, 0.2), (1.02, 0.74), (0.28, 0.74), (0.44, 0.2))
    p.dome(INK, 0.42, 0.88, 0.74, 0.5)
    p.polygon(DARK, (0.65, 0.24), (0.88, 0.74), (0.65, 0.74))
    p.line(DARK, 0.03, (0.65, 0.02), (0.2, 0.38))
    p.line(DARK, 0.03, (0.65, 0.02), (1.1, 0.38))


def towered_sandcastle(p: Pen) -> None:
    """Draw a castle with two towers, a gate and a flag."""
    p.line(DARK_WOOD, 0.03, (0.6, 0.0), (0.6, 0.34))
    p.polygon(BODY, (0.6, 0.0), (0.84, 0.07), (0.6, 0.15))
    for left, top, right in ((0.36, 0.32, 0.84), (0.06, 0.42, 0.38), (0.82, 0.42, 1.14)):
        p.box(SAND, left, top + 0.08, right, 1.0)
        step = (right - left) / 5
        for tooth in (0, 2, 4):
            p.box(SAND, left + tooth * step, top, left + (tooth + 1) * step, top + 0.1)
    p.polygon(SAND, (0.0, 1.06), (0.1, 0.88), (1.1, 0.88), (1.2, 1.06))
    p.dome(DARK_SAND, 0.46, 0.74, 0.96, 0.3)
    for x in (0.2, 0.96):
        p.box(DARK_SAND, x, 0.58, x + 0.06, 0.72)


def bucket_sandcastle(p: Pen) -> None:
    """Draw three moulded cones beside the bucket they came from."""
    for x, y in ((0.14, 0.44), (0.56, 0.44), (0.35, 0.06)):
        p.polygon(SAND, (x - 0.02, y), (x + 0.28, y), (x + 0.36, y + 0.46), (x - 0.1, y + 0.46))
        p.box(DARK_SAND, x + 0.08, y + 0.12, x + 0.18, y + 0.24)
    p.line(DARK_WOOD, 0.025, (0.48, 0.08), (0.48, -0.2))
    p.polygon("#3578b8", (0.48, -0.2), (0.68, -0.13), (0.48, -0.06))
    p.arc(WHITE, 0.04, 1.13, 0.46, 0.2, 180, 360)
    p.polygon(BODY, (0.92, 0.44), (1.34, 0.44), (1.26, 0.92), (1.0, 0.92))
    p.box(LIGHT, 0.9, 0.42, 1.36, 0.5)


def tiered_fountain(p: Pen) -> None:
    """Draw a stone fountain with two bowls."""
    p.arc(SPRAY, 0.035, 0.44, 0.3, 0.18, 180, 350)
    p.arc(SPRAY, 0.035, 0.8, 0.3, 0.18, 190, 360)
    p.line(SPRAY, 0.04, (0.62, 0.02), (0.62, 0.3))
    p.box(BODY, 0.55, 0.3, 0.69, 0.84)
    for x in (0.26, 0.98):
        p.line(SPRAY, 0.035, (x, 0.32), (x - 0.04 if x < 0.6 else x + 0.04, 0.74))
    p.polygon(BODY, (0.22, 0.34), (1.02, 0.34), (0.8, 0.5), (0.44, 0.5))
    p.polygon(BODY, (0.0, 0.74), (1.24, 0.74), (1.08, 1.0), (0.16, 1.0))
    p.oval(POOL, 0.62, 0.75, 0.56, 0.06)
    p.oval(POOL, 0.62, 0.34, 0.34, 0.035)


def jet_fountain(p: Pen) -> None:
    """Draw a round basin with a high jet."""
    p.polygon(SPRAY, (0.6, 0.0), (0.67, 0.76), (0.53, 0.76))
    for side in (-1, 1):
        for reach, top in ((0.14, 0.1), (0.3, 0.26)):
            p.line(
                SPRAY,
                0.035,
                (0.6 + side * 0.03, top + 0.06),
                (0.6 + side * reach * 0.6, top),
                (0.6 + side * reach, top + 0.14),
                (0.6 + side * (reach + 0.06), 0.74),
            )
    p.oval(BODY, 0.6, 0.8, 0.6, 0.16)
    p.oval(POOL, 0.6, 0.77, 0.5, 0.1)
    p.oval(SPRAY, 0.6, 0.77, 0.16, 0.04)
    p.box(DARK, 0.02, 0.84, 1.18, 0.92, 0.03)


def slatted_bench(p: Pen) -> None:
    """Draw a park bench from the front."""
    for x in (0.14, 1.06):
        p.box(SLATE, x, 0.02, x + 0.07, 0.86)
    for y in (0.04, 0.2, 0.46, 0.58):
        p.box(BODY, 0.0, y, 1.27, y + 0.1)
    for x in (0.05, 1.14):
        p.line(SLATE, 0.05, (x + 0.02, 0.34), (x + 0.02, 0.86))


def garden_bench(p: Pen) -> None:
    """Draw a bench with upright slats, arm rests and crossed legs."""
    p.line(DARK, 0.06, (0.1, 0.56), (0.3, 0.94))
    p.line(DARK, 0.06, (1.2, 0.56), (1.0, 0.94))
    p.line(DARK, 0.06, (0.3, 0.6), (0.1, 0.94))
    p.line(DARK, 0.06, (1.0, 0.6), (1.2, 0.94))
    for x in (0.18, 0.36, 0.54, 0.72, 0.9, 1.08):
        p.box(BODY, x, 0.06, x + 0.08, 0.5)
    p.box(BODY, 0.12, 0.0, 1.22, 0.1, 0.04)
    for x in (0.0, 1.2):
        p.box(DARK, x, 0.26, x + 0.14, 0.34, 0.03)
        p.box(DARK, x + 0.03, 0.3, x + 0.11, 0.54)
    p.box(BODY, 0.0, 0.5, 1.34, 0.62, 0.03)


DRAWINGS = {
    "barn": {"gambrel": gambrel_barn, "silo": silo_barn},
    "cabin": {"log": log_cabin, "a-frame": frame_cabin},
    "tent": {"ridge": ridge_tent, "dome": dome_tent},
    "sandcastle": {"towers": towered_sandcastle, "bucket": bucket_sandcastle},
    "fountain": {"tiered": tiered_fountain, "jet": jet_fountain},
    "bench": {"slatted": slatted_bench, "garden": garden_bench},
}
