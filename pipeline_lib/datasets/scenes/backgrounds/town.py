"""Backgrounds of streets."""

from numpy.random import Generator

from pipeline_lib.datasets.scenes.backgrounds import parts
from pipeline_lib.datasets.scenes.backgrounds.background import Background
from pipeline_lib.datasets.scenes.colours import BODY, BRICK, CREAM, GREY, SLATE, WHITE
from pipeline_lib.datasets.scenes.light import Light
from pipeline_lib.datasets.scenes.pen import Colour, Glow, Pen

ASPHALT = "#5b5e66"
KERB = "#b4b2ac"
FRONTS: tuple[Colour, ...] = (*parts.SHADES, BRICK, CREAM)


def houses(p: Pen, light: Light, rng: Generator) -> None:
    """Draw a row of town houses along a road."""
    parts.sky(p, light, rng, 0.4)
    left = -0.08
    while left < 1:
        right, top = left + rng.uniform(0.2, 0.3), rng.uniform(0.06, 0.24)
        parts.facade(p, light, FRONTS[int(rng.integers(5))], left, right, top, 0.6)
        left = right
    p.box(KERB, 0.0, 0.58, 1.0, 0.68)
    p.box("#8d8b86", 0.0, 0.67, 1.0, 0.69)
    p.box(ASPHALT, 0.0, 0.69, 1.0, 1.0)
    for x in (0.02, 0.28, 0.54, 0.8):
        p.box(WHITE, x, 0.83, x + 0.14, 0.855)


def avenue(p: Pen, light: Light, rng: Generator) -> None:
    """Draw a road that runs towards high-rise blocks on the horizon."""
    parts.sky(p, light, rng, 0.5)
    for left in (0.0, 0.14, 0.3, 0.56, 0.7, 0.85):
        top = rng.uniform(0.1, 0.3)
        parts.facade(p, light, FRONTS[int(rng.integers(3))], left, left + 0.15, top, 0.52)
    p.box(KERB, 0.0, 0.5, 1.0, 1.0)
    p.polygon(ASPHALT, (0.42, 0.5), (0.58, 0.5), (1.15, 1.0), (-0.15, 1.0))
    for y, size in ((0.53, 0.03), (0.6, 0.05), (0.71, 0.08), (0.87, 0.11)):
        half = 0.02 * (y - 0.4) * 2
        p.polygon(
            WHITE,
            (0.5 - half, y),
            (0.5 + half, y),
            (0.5 + half * 1.3, y + size),
            (0.5 - half * 1.3, y + size),
        )


def shops(p: Pen, light: Light, rng: Generator) -> None:
    """Draw shop windows with striped awnings on a paved square."""
    glass: Colour = Glow("#ffe09a") if light.dark else "#b7d3df"
    parts.sky(p, light, rng, 0.2)
    parts.facade(p, light, FRONTS[int(rng.integers(5))], -0.02, 0.5, 0.02, 0.62)
    parts.facade(p, light, FRONTS[int(rng.integers(5))], 0.5, 1.02, 0.08, 0.62)
    for left in (0.03, 0.53):
        p.box(SLATE, left, 0.32, left + 0.44, 0.62)
        p.box(glass, left + 0.03, 0.38, left + 0.28, 0.58)
        p.box(glass, left + 0.32, 0.38, left + 0.41, 0.62)
        for stripe in range(6):
            x = left + stripe * 0.0733
            p.polygon(
                WHITE if stripe % 2 else BODY,
                (x, 0.3),
                (x + 0.0733, 0.3),
                (x + 0.08, 0.38),
                (x - 0.006, 0.38),
            )
    p.box(KERB, 0.0, 0.61, 1.0, 1.0)
    for y in (0.66, 0.75, 0.88):
        p.box("#00000022", 0.0, y, 1.0, y + 0.008)
    for x in (-0.6, -0.1, 0.3, 0.7, 1.1, 1.6):
        p.line(GREY, 0.006, ((x + 0.5) / 2, 0.61), (x, 1.0))


BACKGROUNDS = {
    "houses": Background(houses, ground=(0.7, 0.97), sky=(0.22, 0.36)),
    "avenue": Background(avenue, ground=(0.64, 0.97), sky=(0.22, 0.4)),
    "shops": Background(shops, ground=(0.72, 0.97), sky=(0.22, 0.36)),
}
