"""What stands in streets and parks."""

from pipeline_lib.datasets.scenes.colours import (
    BODY,
    CREAM,
    DARK,
    DARK_WOOD,
    GLASS,
    GOLD,
    INK,
    LIGHT,
    STEEL,
    TYRE,
    WHITE,
    WOOD,
)
from pipeline_lib.datasets.scenes.pen import Pen


def _wheel(p: Pen, x: float, y: float, radius: float) -> None:
    p.oval(TYRE, x, y, radius)
    p.oval(STEEL, x, y, radius * 0.5)


def street_hydrant(p: Pen) -> None:
    """Draw a hydrant with a dome and two caps."""
    p.box(BODY, 0.0, 0.44, 0.76, 0.6, 0.06)
    p.box(BODY, 0.16, 0.24, 0.6, 1.0)
    p.dome(LIGHT, 0.12, 0.64, 0.26, 0.24)
    p.oval(DARK, 0.38, 0.52, 0.12)
    p.box(DARK, 0.06, 0.94, 0.7, 1.06)


def pillar_hydrant(p: Pen) -> None:
    """Draw a slender hydrant with a hose."""
    p.line(CREAM, 0.09, (0.36, 0.4), (0.66, 0.5), (0.74, 1.16), (1.04, 1.18))
    p.box(BODY, 0.1, 0.1, 0.42, 1.22)
    p.box(WHITE, 0.1, 0.5, 0.42, 0.64)
    p.polygon(DARK, (0.02, 0.14), (0.26, 0.0), (0.5, 0.14))


def box_truck(p: Pen) -> None:
    """Draw a delivery truck, its cab to the right."""
    p.box(WHITE, 0.0, 0.0, 1.0, 0.66)
    p.box(BODY, 0.0, 0.26, 1.0, 0.4)
    p.box(BODY, 1.02, 0.16, 1.4, 0.68, 0.05)
    p.box(GLASS, 1.16, 0.22, 1.38, 0.42)
    for x in (0.26, 1.16):
        _wheel(p, x, 0.7, 0.15)


def tip_truck(p: Pen) -> None:
    """Draw a dump truck with a load of sand."""
    p.dome(GOLD, 0.1, 0.9, 0.34, 0.3)
    p.polygon(BODY, (0.0, 0.26), (1.0, 0.26), (0.9, 0.7), (0.12, 0.7))
    p.polygon(DARK, (1.0, 0.7), (1.0, 0.1), (1.26, 0.1), (1.5, 0.4), (1.5, 0.7))
    p.polygon(GLASS, (1.08, 0.18), (1.24, 0.18), (1.38, 0.38), (1.08, 0.38))
    for x in (0.24, 0.56, 1.24):
        _wheel(p, x, 0.76, 0.16)


def post_mailbox(p: Pen) -> None:
    """Draw a mailbox on a post, its flag up."""
    p.box(DARK_WOOD, 0.36, 0.5, 0.48, 1.3)
    p.box(BODY, 0.0, 0.2, 0.84, 0.6)
    p.dome(BODY, 0.0, 0.84, 0.22, 0.2)
    p.box(INK, 0.1, 0.32, 0.5, 0.37)
    p.line(GOLD, 0.05, (0.72, 0.36), (0.72, -0.06), (0.94, -0.06))


def pillar_mailbox(p: Pen) -> None:
    """Draw a round pillar box."""
    p.box(BODY, 0.06, 0.14, 0.56, 1.16)
    p.dome(DARK, 0.0, 0.62, 0.2, 0.2)
    p.box(INK, 0.16, 0.34, 0.46, 0.4)
    p.box(WHITE, 0.18, 0.5, 0.44, 0.72)
    p.box(INK, 0.02, 1.1, 0.6, 1.22)


def round_balloon(p: Pen) -> None:
    """Draw a toy balloon on a string."""
    p.line(INK, 0.03, (0.34, 0.84), (0.42, 1.04), (0.28, 1.3))
    p.polygon(DARK, (0.34, 0.76), (0.26, 0.88), (0.42, 0.88))
    p.oval(BODY, 0.34, 0.4, 0.34, 0.4)
    p.oval(LIGHT, 0.24, 0.26, 0.08, 0.12)


def air_balloon(p: Pen) -> None:
    """Draw a hot-air balloon with stripes and a basket."""
    p.line(INK, 0.025, (0.22, 0.72), (0.4, 1.06))
    p.line(INK, 0.025, (0.78, 0.72), (0.6, 1.06))
    p.polygon(BODY, (0.06, 0.6), (0.94, 0.6), (0.64, 0.96), (0.36, 0.96))
    p.oval(BODY, 0.5, 0.46, 0.5, 0.46)
    for x in (0.22, 0.5, 0.78):
        p.oval(WHITE, x, 0.46, 0.07, 0.36)
    p.box(WOOD, 0.38, 1.02, 0.62, 1.2)


def rolling_skateboard(p: Pen) -> None:
    """Draw a skateboard from the side."""
    p.line(BODY, 0.12, (0.0, 0.06), (0.2, 0.2), (0.94, 0.2), (1.14, 0.06))
    for x in (0.34, 0.8):
        p.oval(GOLD, x, 0.38, 0.14)
        p.oval(INK, x, 0.38, 0.05)


def upright_skateboard(p: Pen) -> None:
    """Draw a skateboard that stands on its end, its lower side to the viewer."""
    p.box(BODY, 0.04, 0.0, 0.44, 1.3, 0.19)
    p.star(LIGHT, 0.24, 0.64, 0.08, 0.17, 5)
    for y in (0.26, 1.02):
        p.box(STEEL, 0.0, y - 0.04, 0.48, y + 0.04)
        for x in (0.0, 0.48):
            p.oval(GOLD, x, y, 0.08)


def tilted_seesaw(p: Pen) -> None:
    """Draw a seesaw whose left end is up."""
    p.polygon(DARK, (0.7, 0.34), (0.9, 0.84), (0.5, 0.84))
    p.line(BODY, 0.1, (0.0, 0.12), (1.4, 0.62))
    p.line(INK, 0.05, (0.14, 0.16), (0.2, -0.06))
    p.line(INK, 0.05, (1.22, 0.54), (1.28, 0.32))


def level_seesaw(p: Pen) -> None:
    """Draw a level seesaw on an arch."""
    p.arc(STEEL, 0.09, 0.7, 0.72, 0.3, 180, 360)
    p.box(BODY, 0.0, 0.3, 1.4, 0.42)
    for x in (0.02, 1.22):
        p.box(GOLD, x, 0.2, x + 0.16, 0.32)
    for x in (0.24, 1.16):
        p.line(INK, 0.05, (x, 0.34), (x, 0.0))


DRAWINGS = {
    "hydrant": {"street": street_hydrant, "pillar": pillar_hydrant},
    "truck": {"box": box_truck, "tip": tip_truck},
    "mailbox": {"post": post_mailbox, "pillar": pillar_mailbox},
    "balloon": {"round": round_balloon, "air": air_balloon},
    "skateboard": {"rolling": rolling_skateboard, "upright": upright_skateboard},
    "seesaw": {"tilted": tilted_seesaw, "level": level_seesaw},
}
