"""What people have on a desk, and what they take along."""

from pipeline_lib.datasets.scenes.colours import (
    BODY,
    CREAM,
    DARK,
    DARK_WOOD,
    GOLD,
    INK,
    LEAF,
    LIGHT,
    SLATE,
    STEEL,
    WHITE,
    WOOD,
)
from pipeline_lib.datasets.scenes.pen import Pen


def dial_telephone(p: Pen) -> None:
    """Draw a telephone with a dial."""
    p.box(BODY, 0.0, 0.0, 1.2, 0.2, 0.1)
    p.polygon(BODY, (0.3, 0.2), (0.9, 0.2), (1.14, 0.84), (0.06, 0.84))
    p.oval(WHITE, 0.6, 0.54, 0.23)
    p.oval(DARK, 0.6, 0.54, 0.09)


def mobile_telephone(p: Pen) -> None:
    """Draw a mobile with an aerial and keys."""
    p.box(INK, 0.06, 0.0, 0.14, 0.3)
    p.box(BODY, 0.0, 0.2, 0.56, 1.3, 0.07)
    p.box("#bfe0a8", 0.08, 0.3, 0.48, 0.6)
    for x in (0.16, 0.28, 0.4):
        for y in (0.76, 0.94, 1.12):
            p.oval(WHITE, x, y, 0.05)


def desk_globe(p: Pen) -> None:
    """Draw a globe on its foot."""
    p.arc(GOLD, 0.07, 0.46, 0.46, 0.44, -50, 130)
    p.box(DARK_WOOD, 0.4, 0.88, 0.52, 1.1)
    p.box(DARK_WOOD, 0.16, 1.08, 0.76, 1.18)
    p.oval(BODY, 0.44, 0.46, 0.38)
    p.blob(LEAF, (0.2, 0.3), (0.44, 0.2), (0.5, 0.42), (0.34, 0.66), (0.22, 0.5))
    p.oval(LEAF, 0.64, 0.58, 0.11)


def floor_globe(p: Pen) -> None:
    """Draw a globe that hangs in a ring on three legs."""
    for x in (0.0, 0.6, 1.2):
        p.line(WOOD, 0.09, (0.6 + (x - 0.6) * 0.8, 0.5), (x, 1.16))
    p.oval(BODY, 0.6, 0.42, 0.42)
    p.oval(GOLD, 0.44, 0.26, 0.18, 0.12)
    p.oval(GOLD, 0.76, 0.38, 0.12, 0.16)
    p.box(DARK_WOOD, 0.06, 0.46, 1.14, 0.58)


def open_scissors(p: Pen) -> None:
    """Draw open scissors, points up."""
    for x, far in ((0.1, 0.62), (0.62, 0.1)):
        p.polygon(STEEL, (x - 0.06, 0.0), (x + 0.06, 0.06), (far + 0.05, 0.76), (far - 0.05, 0.8))
        p.arc(BODY, 0.1, far + (0.04 if far > x else -0.04), 0.98, 0.17)
    p.oval(INK, 0.36, 0.42, 0.06)


def closed_scissors(p: Pen) -> None:
    """Draw closed scissors that lie, points to the right."""
    for y in (0.16, 0.56):
        p.oval(BODY, 0.22, y, 0.22, 0.17)
        p.oval(CREAM, 0.22, y, 0.11, 0.08)
    p.polygon(STEEL, (0.36, 0.22), (1.3, 0.36), (0.36, 0.52))
    p.line(INK, 0.03, (0.5, 0.37), (1.2, 0.37))


def snare_drum(p: Pen) -> None:
    """Draw a drum with laces and two sticks."""
    p.line(WOOD, 0.06, (0.2, 0.0), (0.66, 0.28))
    p.line(WOOD, 0.06, (1.0, 0.0), (0.54, 0.28))
    p.box(BODY, 0.0, 0.3, 1.2, 0.92)
    p.line(WHITE, 0.05, (0.04, 0.9), (0.32, 0.34), (0.6, 0.9), (0.88, 0.34), (1.16, 0.9))
    p.oval(CREAM, 0.6, 0.3, 0.6, 0.14)
    p.box(GOLD, 0.0, 0.88, 1.2, 0.98)


def bass_drum(p: Pen) -> None:
    """Draw a bass drum with its skin to the viewer."""
    for x in (0.1, 0.9):
        p.line(STEEL, 0.07, (0.5, 0.7), (x, 1.1))
    p.oval(BODY, 0.5, 0.5, 0.5)
    p.oval(WHITE, 0.5, 0.5, 0.4)
    p.star(DARK, 0.5, 0.5, 0.1, 0.22, 5)


def table_radio(p: Pen) -> None:
    """Draw a radio with a loudspeaker and knobs."""
    p.line(STEEL, 0.04, (1.0, 0.2), (1.3, -0.24))
    p.box(BODY, 0.0, 0.16, 1.3, 0.9, 0.08)
    p.oval(INK, 0.38, 0.54, 0.26)
    p.oval(SLATE, 0.38, 0.54, 0.15)
    p.box(CREAM, 0.76, 0.28, 1.18, 0.46)
    for x in (0.84, 1.1):
        p.oval(GOLD, x, 0.68, 0.09)


def arched_radio(p: Pen) -> None:
    """Draw an old radio with an arched case."""
    p.dome(BODY, 0.0, 0.84, 0.5, 0.5)
    p.box(BODY, 0.0, 0.48, 0.84, 1.1)
    p.dome(CREAM, 0.16, 0.68, 0.56, 0.38)
    for x in (0.3, 0.42, 0.54):
        p.box(DARK, x - 0.02, 0.2, x + 0.02, 0.56)
    for x in (0.22, 0.42, 0.62):
        p.oval(GOLD, x, 0.84, 0.08)


def leather_suitcase(p: Pen) -> None:
    """Draw a suitcase with two straps."""
    p.arc(DARK, 0.08, 0.6, 0.18, 0.15, 180, 360)
    p.box(BODY, 0.0, 0.16, 1.2, 0.94, 0.06)
    for x in (0.24, 0.84):
        p.box(DARK, x, 0.16, x + 0.12, 0.94)
        p.box(GOLD, x + 0.01, 0.38, x + 0.11, 0.48)


def rolling_suitcase(p: Pen) -> None:
    """Draw an upright suitcase with wheels and a handle."""
    for x in (0.2, 0.5):
        p.box(STEEL, x - 0.03, 0.04, x + 0.03, 0.4)
    p.box(INK, 0.14, 0.0, 0.56, 0.08)
    p.box(BODY, 0.0, 0.34, 0.7, 1.26, 0.08)
    for x in (0.14, 0.32, 0.5):
        p.box(LIGHT, x, 0.44, x + 0.06, 1.16)
    for x in (0.12, 0.58):
        p.oval(INK, x, 1.3, 0.07)


def hiking_backpack(p: Pen) -> None:
    """Draw a backpack with a rolled mat on it."""
    p.box(GOLD, 0.02, 0.0, 0.84, 0.2, 0.1)
    p.box(BODY, 0.06, 0.18, 0.8, 1.1, 0.12)
    p.box(DARK, 0.16, 0.62, 0.7, 0.98, 0.05)
    p.polygon(LIGHT, (0.06, 0.24), (0.8, 0.24), (0.72, 0.46), (0.14, 0.46))


def school_backpack(p: Pen) -> None:
    """Draw a satchel with two buckled flaps."""
    p.arc(INK, 0.07, 0.6, 0.16, 0.14, 180, 360)
    p.box(DARK, 0.0, 0.14, 1.2, 1.0, 0.06)
    p.box(BODY, 0.0, 0.14, 1.2, 0.6, 0.06)
    for x in (0.24, 0.84):
        p.box(WHITE, x, 0.46, x + 0.12, 0.74)
    p.oval(GOLD, 0.6, 0.36, 0.1)


DRAWINGS = {
    "telephone": {"dial": dial_telephone, "mobile": mobile_telephone},
    "globe": {"desk": desk_globe, "floor": floor_globe},
    "scissors": {"open": open_scissors, "closed": closed_scissors},
    "drum": {"snare": snare_drum, "bass": bass_drum},
    "radio": {"table": table_radio, "arched": arched_radio},
    "suitcase": {"leather": leather_suitcase, "rolling": rolling_suitcase},
    "backpack": {"hiking": hiking_backpack, "school": school_backpack},
}
