"""Animals that fly."""

from pipeline_lib.datasets.scenes.colours import BODY, CREAM, DARK, GOLD, INK, LIGHT, WHITE, WOOD
from pipeline_lib.datasets.scenes.pen import Pen


def soaring_eagle(p: Pen) -> None:
    """Draw an eagle from below, wings spread."""
    p.blob(BODY, (0.9, 0.3), (0.5, 0.06), (0.0, 0.14), (0.1, 0.4), (0.6, 0.54), (0.9, 0.5))
    p.blob(BODY, (0.9, 0.3), (1.3, 0.06), (1.8, 0.14), (1.7, 0.4), (1.2, 0.54), (0.9, 0.5))
    p.polygon(WHITE, (0.82, 0.6), (0.98, 0.6), (1.08, 0.88), (0.72, 0.88))
    p.oval(DARK, 0.9, 0.44, 0.15, 0.26)
    p.oval(WHITE, 0.9, 0.16, 0.11, 0.13)
    p.polygon(GOLD, (0.85, 0.08), (0.95, 0.08), (0.9, -0.04))


def perched_eagle(p: Pen) -> None:
    """Draw an eagle that sits on a branch."""
    p.line(WOOD, 0.1, (0.0, 1.08), (0.9, 1.02))
    p.polygon(WHITE, (0.2, 0.84), (0.42, 0.9), (0.24, 1.24))
    p.blob(BODY, (0.5, 0.2), (0.7, 0.5), (0.56, 0.98), (0.34, 0.98), (0.22, 0.6), (0.3, 0.26))
    p.blob(DARK, (0.24, 0.4), (0.44, 0.6), (0.3, 1.02), (0.18, 0.76))
    p.oval(WHITE, 0.5, 0.16, 0.19, 0.16)
    p.polygon(GOLD, (0.66, 0.1), (0.84, 0.2), (0.68, 0.26))
    p.oval(INK, 0.57, 0.13, 0.03)


def sitting_owl(p: Pen) -> None:
    """Draw an owl from the front."""
    p.polygon(BODY, (0.06, 0.0), (0.4, 0.14), (0.1, 0.4))
    p.polygon(BODY, (0.74, 0.0), (0.4, 0.14), (0.7, 0.4))
    p.oval(BODY, 0.4, 0.62, 0.38, 0.5)
    p.oval(LIGHT, 0.4, 0.78, 0.22, 0.28)
    for x in (0.22, 0.58):
        p.oval(GOLD, x, 0.34, 0.17)
        p.oval(INK, x, 0.34, 0.08)
    p.polygon("#e08a2a", (0.33, 0.42), (0.47, 0.42), (0.4, 0.56))


def flying_owl(p: Pen) -> None:
    """Draw an owl with spread wings, a round face between them."""
    for side in (-1, 1):
        x = 0.8 + side * 0.1
        p.polygon(BODY, (x, 0.3), (0.8 + side * 0.8, 0.0), (0.8 + side * 0.66, 0.5), (x, 0.76))
        p.line(LIGHT, 0.06, (x, 0.5), (0.8 + side * 0.68, 0.24))
    p.oval(BODY, 0.8, 0.58, 0.24, 0.32)
    p.oval(CREAM, 0.8, 0.3, 0.27, 0.24)
    for x in (0.7, 0.9):
        p.oval(INK, x, 0.28, 0.06)


def open_butterfly(p: Pen) -> None:
    """Draw a butterfly with four open wings."""
    for side in (-1, 1):
        p.oval(BODY, 0.6 + side * 0.32, 0.32, 0.28, 0.3)
        p.oval(LIGHT, 0.6 + side * 0.24, 0.76, 0.2, 0.22)
        p.oval(WHITE, 0.6 + side * 0.36, 0.28, 0.1)
    p.oval(INK, 0.6, 0.5, 0.06, 0.42)


def folded_butterfly(p: Pen) -> None:
    """Draw a butterfly from the side, its wings folded up."""
    p.line(INK, 0.08, (0.06, 0.92), (0.8, 0.76))
    p.polygon(BODY, (0.36, 0.84), (0.0, 0.2), (0.24, 0.0), (0.62, 0.78))
    p.polygon(DARK, (0.44, 0.84), (0.4, 0.1), (0.78, 0.14), (0.64, 0.78))
    p.oval(GOLD, 0.56, 0.3, 0.08)


DRAWINGS = {
    "eagle": {"soaring": soaring_eagle, "perched": perched_eagle},
    "owl": {"sitting": sitting_owl, "flying": flying_owl},
    "butterfly": {"open": open_butterfly, "folded": folded_butterfly},
}
