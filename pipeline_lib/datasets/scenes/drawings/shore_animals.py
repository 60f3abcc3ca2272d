"""Animals of the water and its edge, facing right."""

from pipeline_lib.datasets.scenes.colours import BODY, CREAM, DARK, INK, LIGHT, ORANGE, WHITE
from pipeline_lib.datasets.scenes.pen import Pen


def side_crab(p: Pen) -> None:
    """Draw a crab from the front with raised claws."""
    for side in (-1, 1):
        for y, reach in ((0.5, 0.58), (0.6, 0.6), (0.68, 0.54)):
            p.line(
                DARK,
                0.05,
                (0.7 + side * 0.26, y),
                (0.7 + side * reach, y - 0.02),
                (0.7 + side * (reach + 0.08), y + 0.16),
            )
        p.line(BODY, 0.08, (0.7 + side * 0.3, 0.46), (0.7 + side * 0.5, 0.3))
        p.pie(BODY, 0.7 + side * 0.53, 0.2, 0.18, -60 - 20 * side, 240 - 20 * side)
        p.line(BODY, 0.04, (0.7 + side * 0.12, 0.36), (0.7 + side * 0.12, 0.22))
        p.oval(WHITE, 0.7 + side * 0.12, 0.2, 0.06)
        p.oval(INK, 0.7 + side * 0.12, 0.2, 0.03)
    p.oval(BODY, 0.7, 0.54, 0.38, 0.24)
    p.arc(DARK, 0.035, 0.7, 0.52, 0.12, 30, 150)


def hermit_crab(p: Pen) -> None:
    """Draw a hermit crab in its spiral shell."""
    for x in (0.66, 0.8, 0.94):
        p.line(BODY, 0.055, (x - 0.06, 0.6), (x + 0.06, 0.7), (x + 0.06, 0.88))
    p.blob(BODY, (0.6, 0.5), (0.86, 0.4), (1.04, 0.54), (0.94, 0.74), (0.6, 0.76))
    p.pie(BODY, 1.16, 0.62, 0.16, -10, 290)
    for x in (0.9, 1.02):
        p.line(BODY, 0.035, (x, 0.46), (x + 0.03, 0.3))
        p.oval(INK, x + 0.03, 0.27, 0.045)
    p.blob(
        CREAM,
        (0.0, 0.16),
        (0.26, 0.1),
        (0.6, 0.2),
        (0.78, 0.5),
        (0.7, 0.8),
        (0.36, 0.86),
        (0.1, 0.62),
    )
    p.arc("#b98a5a", 0.05, 0.46, 0.52, 0.24, 100, 380)
    p.arc("#b98a5a", 0.05, 0.44, 0.52, 0.11, 0, 300)


def swimming_duck(p: Pen) -> None:
    """Draw a drake on the water."""
    p.blob(
        BODY,
        (0.0, 0.44),
        (0.14, 0.5),
        (0.5, 0.46),
        (0.84, 0.44),
        (1.02, 0.52),
        (0.94, 0.76),
        (0.2, 0.78),
        (0.06, 0.62),
    )
    p.blob(DARK, (0.2, 0.54), (0.5, 0.5), (0.7, 0.6), (0.44, 0.7))
    p.polygon("#2f7d4f", (0.74, 0.48), (0.72, 0.2), (0.96, 0.2), (0.98, 0.52))
    p.polygon(WHITE, (0.73, 0.42), (0.96, 0.42), (0.98, 0.49), (0.73, 0.49))
    p.oval("#2f7d4f", 0.84, 0.19, 0.17)
    p.blob(ORANGE, (0.96, 0.18), (1.16, 0.22), (1.16, 0.3), (0.96, 0.28))
    p.oval(WHITE, 0.89, 0.15, 0.04)
    p.oval(INK, 0.9, 0.15, 0.022)


def standing_duck(p: Pen) -> None:
    """Draw a farmyard duck on its feet."""
    for x in (0.38, 0.54):
        p.line(ORANGE, 0.045, (x, 0.78), (x, 0.96), (x + 0.1, 0.97))
    p.blob(
        LIGHT,
        (0.0, 0.36),
        (0.2, 0.5),
        (0.5, 0.46),
        (0.56, 0.2),
        (0.7, 0.1),
        (0.84, 0.22),
        (0.78, 0.44),
        (0.82, 0.64),
        (0.6, 0.84),
        (0.28, 0.82),
    )
    p.blob(BODY, (0.16, 0.54), (0.44, 0.52), (0.6, 0.62), (0.36, 0.74))
    p.oval(LIGHT, 0.7, 0.2, 0.16)
    p.blob(ORANGE, (0.82, 0.18), (1.04, 0.22), (1.04, 0.3), (0.82, 0.29))
    p.oval(INK, 0.75, 0.16, 0.03)


def flying_seagull(p: Pen) -> None:
    """Draw a gull with both wings raised."""
    p.blob(BODY, (0.56, 0.4), (0.34, 0.12), (0.04, 0.02), (0.22, 0.22), (0.42, 0.5))
    p.polygon(INK, (0.0, 0.0), (0.18, 0.07), (0.14, 0.14))
    p.blob(BODY, (0.66, 0.4), (0.9, 0.1), (1.24, 0.02), (1.06, 0.22), (0.8, 0.5))
    p.polygon(INK, (1.28, 0.0), (1.1, 0.07), (1.14, 0.14))
    p.blob(WHITE, (0.3, 0.56), (0.56, 0.38), (0.8, 0.36), (0.92, 0.46), (0.8, 0.56), (0.54, 0.6))
    p.polygon(ORANGE, (0.9, 0.42), (1.04, 0.48), (0.9, 0.52))
    p.oval(INK, 0.83, 0.43, 0.025)


def standing_seagull(p: Pen) -> None:
    """Draw a gull on its feet."""
    for x in (0.46, 0.58):
        p.line(ORANGE, 0.04, (x, 0.72), (x, 0.96), (x + 0.08, 0.96))
    p.blob(
        WHITE,
        (0.1, 0.62),
        (0.5, 0.4),
        (0.64, 0.1),
        (0.8, 0.06),
        (0.88, 0.2),
        (0.8, 0.58),
        (0.6, 0.76),
        (0.36, 0.74),
    )
    p.blob(BODY, (0.02, 0.68), (0.4, 0.4), (0.66, 0.44), (0.66, 0.6), (0.4, 0.68))
    p.polygon(INK, (0.0, 0.7), (0.22, 0.54), (0.24, 0.66))
    p.polygon(ORANGE, (0.86, 0.13), (1.06, 0.2), (0.86, 0.25))
    p.oval(INK, 0.78, 0.15, 0.03)


DRAWINGS = {
    "crab": {"shore": side_crab, "hermit": hermit_crab},
    "duck": {"swimming": swimming_duck, "standing": standing_duck},
    "seagull": {"flying": flying_seagull, "standing": standing_seagull},
}
