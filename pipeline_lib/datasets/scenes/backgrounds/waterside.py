"""Backgrounds of harbours, lakes and beaches."""

from numpy.random import Generator

from pipeline_lib.datasets.scenes.backgrounds import parts
from pipeline_lib.datasets.scenes.backgrounds.background import Background
from pipeline_lib.datasets.scenes.colours import BODY, DARK, LEAF, LIGHT, STONE
from pipeline_lib.datasets.scenes.light import Light
from pipeline_lib.datasets.scenes.pen import Pen


def quay(p: Pen, light: Light, rng: Generator) -> None:
    """Draw warehouses over a basin, and a paved quay in front."""
    parts.sky(p, light, rng, 0.4)
    left = -0.1
    while left < 1:
        right = left + rng.uniform(0.14, 0.26)
        top = 0.4 - rng.uniform(0.1, 0.18)
        p.box(parts.SHADES[int(rng.integers(3))], left, top, right, 0.42)
        p.polygon(
            "#6a5550", (left - 0.01, top), ((left + right) / 2, top - 0.05), (right + 0.01, top)
        )
        left = right
    parts.water(p, rng, 0.41, 0.8, "#5f93ad", "#3f7896")
    p.box("#8f8a84", 0.0, 0.78, 1.0, 0.84)
    parts.ground(p, rng, STONE, 0.8, "#9d968b", 14)
    for x in (0.12, 0.5, 0.88):
        p.box("#4b4744", x - 0.02, 0.74, x + 0.02, 0.81)


def docks(p: Pen, light: Light, rng: Generator) -> None:
    """Draw stacks of containers behind a dock, and a concrete apron with a yellow edge."""
    parts.sky(p, light, rng, 0.4)
    for column in range(9):
        for level in range(int(rng.integers(1, 4))):
            colour = parts.SHADES[int(rng.integers(3))] if rng.random() < 0.6 else "#5f7f95"
            left, top = column * 0.115 - 0.02, 0.35 - level * 0.065
            p.box(colour, left, top, left + 0.11, top + 0.06)
            for rib in (0.03, 0.055, 0.08):
                p.line("#00000030", 0.006, (left + rib, top), (left + rib, top + 0.06))
    p.box("#86827c", 0.0, 0.41, 1.0, 0.45)
    parts.water(p, rng, 0.45, 0.78, "#52849a", "#376b85")
    p.box("#aaa79f", 0.0, 0.78, 1.0, 1.0)
    p.box("#e3b93a", 0.0, 0.79, 1.0, 0.815)
    for x in (0.1, 0.42, 0.74):
        p.line("#00000028", 0.008, (x + 0.08, 0.82), (x, 1.0))


def mole(p: Pen, light: Light, rng: Generator) -> None:
    """Draw open water with a mole of boulders across it."""
    parts.sky(p, light, rng, 0.36)
    parts.water(p, rng, 0.36, 1.0, "#6fa3bb", "#2f6685")
    p.polygon(BODY, (0.0, 0.5), (0.9, 0.52), (1.0, 0.58), (1.0, 0.63), (0.0, 0.64))
    for x in rng.uniform(0, 1, 14):
        p.oval(parts.SHADES[int(rng.integers(3))], x, 0.61, rng.uniform(0.03, 0.05), 0.025)


def green_bank(p: Pen, light: Light, rng: Generator) -> None:
    """Draw a lake between low hills and a green bank."""
    parts.sky(p, light, rng, 0.38)
    parts.ridge(p, rng, "#7fa37a", 0.38, 0.16, 3, sharp=False)
    parts.ridge(p, rng, "#5f8f60", 0.4, 0.08, 5, sharp=False)
    parts.water(p, rng, 0.39, 0.78, "#8cc0cf", "#4f93ae")
    p.blob(BODY, (-0.2, 1.1), (-0.1, 0.8), (0.3, 0.77), (0.7, 0.79), (1.1, 0.75), (1.2, 1.1))
    for x in rng.uniform(0, 1, 9):
        for lean in (-0.02, 0.01, 0.03):
            p.line(LEAF, 0.008, (x, 0.8), (x + lean, 0.8 - rng.uniform(0.06, 0.12)))


def mountain_lake(p: Pen, light: Light, rng: Generator) -> None:
    """Draw a lake under mountains, and pebbles in front."""
    parts.sky(p, light, rng, 0.42)
    parts.ridge(p, rng, "#8e98a8", 0.42, 0.32, 3, sharp=True)
    parts.ridge(p, rng, "#5c7a68", 0.42, 0.12, 4, sharp=False)
    parts.water(p, rng, 0.41, 0.82, "#7fb2c4", "#3c7f99")
    parts.ground(p, rng, BODY, 0.8, "#8d8a80", 40)


def sand(p: Pen, light: Light, rng: Generator) -> None:
    """Draw a flat beach with surf."""
    parts.sky(p, light, rng, 0.36)
    parts.water(p, rng, 0.36, 0.58, "#3f9cc4", "#7cc7d6")
    parts.ground(p, rng, BODY, 0.56, "#c9a35e", 26)
    p.blob(
        "#ffffffd0",
        (-0.1, 0.56),
        (0.25, 0.57),
        (0.6, 0.55),
        (1.1, 0.57),
        (1.1, 0.6),
        (0.6, 0.59),
        (0.25, 0.61),
        (-0.1, 0.59),
    )


def dunes(p: Pen, light: Light, rng: Generator) -> None:
    """Draw a strip of sea behind dunes with grass on them."""
    parts.sky(p, light, rng, 0.38)
    parts.water(p, rng, 0.38, 0.56, "#3a86ac", "#5ba9c0")
    parts.ridge(p, rng, DARK, 0.6, 0.14, 3, sharp=False)
    parts.ground(p, rng, BODY, 0.58, LIGHT, 18)
    for x, y in rng.uniform((0, 0.5), (1, 0.66), (12, 2)):
        for lean in (-0.03, 0.0, 0.03):
            p.line("#8f9a4a", 0.009, (x, y), (x + lean, y - 0.07))


SKY = (0.24, 0.38)
BACKGROUNDS = {
    "quay": Background(quay, ground=(0.88, 0.98), water=(0.56, 0.76), sky=SKY),
    "docks": Background(docks, ground=(0.88, 0.98), water=(0.58, 0.76), sky=SKY),
    "mole": Background(mole, ground=(0.55, 0.6), water=(0.76, 0.95), sky=SKY),
    "green bank": Background(green_bank, ground=(0.86, 0.98), water=(0.54, 0.74), sky=SKY),
    "mountain lake": Background(mountain_lake, ground=(0.88, 0.98), water=(0.56, 0.78), sky=SKY),
    "sand": Background(sand, ground=(0.7, 0.97), water=(0.48, 0.55), sky=SKY),
    "dunes": Background(dunes, ground=(0.72, 0.97), water=(0.46, 0.52), sky=SKY),
}
