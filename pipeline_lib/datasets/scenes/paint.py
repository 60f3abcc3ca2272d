"""Paint a planned picture."""

import numpy as np
from numpy.random import default_rng
from PIL import Image, ImageDraw

from pipeline_lib.datasets.scenes.backgrounds import BACKGROUNDS
from pipeline_lib.datasets.scenes.catalogue import Catalogue
from pipeline_lib.datasets.scenes.covers import cover
from pipeline_lib.datasets.scenes.light import Light
from pipeline_lib.datasets.scenes.pen import Colour, Glow, Pen, Tone
from pipeline_lib.datasets.scenes.picture import Gain, Picture, Placed
from pipeline_lib.datasets.scenes.sketch import Sketch
from pipeline_lib.datasets.scenes.weather import fall

OVERSAMPLED = 4  # painted so much larger, then reduced, for smooth edges
OUTLINE = 0.011  # width of the dark line around objects, in widths of the picture
OUTLINE_COLOUR = "#2a2430"
EMPTY = "#808080"
PLAIN = (1.0, 1.0, 1.0)
SHADOW = {"ground": "#00000038", "table": "#00000038", "water": "#ffffff58"}


def paint(catalogue: Catalogue, picture: Picture, size: int) -> np.ndarray:
    """Return the picture as RGB pixels (size, size, 3) uint8."""
    backdrop = picture.backdrop
    pattern = catalogue.scenes[backdrop.scene].patterns[backdrop.pattern]
    light = catalogue.lights[pattern.light]
    rng = default_rng(backdrop.seed)
    easel = _Easel(size * OVERSAMPLED, light)
    behind, before = Pen(), Pen()
    BACKGROUNDS[pattern.background].draw(behind, light, rng)
    easel.fill(Sketch.of(behind.shapes), backdrop.colour, backdrop.gain)
    easel.add_all(picture)
    fall(before, light.weather, rng)
    easel.fill(Sketch.of(before.shapes), backdrop.colour, PLAIN)
    return easel.pixels(size)


def paint_objects(picture: Picture, size: int) -> np.ndarray:
    """Return the objects of a picture alone, on grey and by day, as pixels (size, size, 3) uint8.

    Nothing of where they are is left but what stands before them: no method gets this to see.
    """
    easel = _Easel(size * OVERSAMPLED, Light(sky=(EMPTY, EMPTY)))
    easel.image.paste(EMPTY, (0, 0, *easel.image.size))
    easel.add_all(picture)
    return easel.pixels(size)


class _Easel:
    """A large canvas under one light."""

    def __init__(self, side: int, light: Light) -> None:
        self.image = Image.new("RGB", (side, side))
        self._side = side
        self._light = light
        self._draw = ImageDraw.Draw(self.image, "RGBA")

    def pixels(self, size: int) -> np.ndarray:
        """Return what was painted, reduced."""
        return np.asarray(self.image.resize((size, size), Image.Resampling.BOX))

    def add_all(self, picture: Picture) -> None:
        """Paint the objects of a picture, far to near, each with what stands before it."""
        for placed in picture.objects:
            self.add(placed)
            if placed.cover:
                self.fill(cover(placed.place).filling(*placed.cover), placed.colour, PLAIN)

    def add(self, placed: Placed) -> None:
        """Paint an object, its dark outline under it, and its shadow under both."""
        if placed.place in SHADOW:
            self._shadow(placed)
        polygons = placed.sketch.polygons(self._side)
        line = max(1, round(OUTLINE * self._side))
        for polygon, colour in zip(polygons, placed.sketch.colours, strict=True):
            if not _is_translucent(colour):
                self._draw.line(polygon + polygon[:4], OUTLINE_COLOUR, line)
        self.fill(placed.sketch, placed.colour, placed.gain)

    def fill(self, sketch: Sketch, body: str, gain: Gain) -> None:
        """Paint polygons; ``body`` is the colour that replaces their ``Tone``."""
        polygons = sketch.polygons(self._side)
        for polygon, colour in zip(polygons, sketch.colours, strict=True):
            self._draw.polygon(polygon, _rgba(colour, body, gain, self._light))

    def _shadow(self, placed: Placed) -> None:
        left, _, right, _ = placed.sketch.extent()
        half, flat = (right - left) * 0.48, (right - left) * 0.05
        edges = placed.x - half, placed.foot - flat, placed.x + half, placed.foot + flat
        self._draw.ellipse([edge * self._side for edge in edges], SHADOW[placed.place])


def _is_translucent(colour: Colour) -> bool:
    return isinstance(colour, str) and len(colour) > len("#rrggbb")


def _rgba(colour: Colour, body: str, gain: Gain, light: Light) -> tuple[int, ...]:
    if isinstance(colour, Glow):
        return tuple(bytes.fromhex(colour.colour[1:]))
    pigment = bytes.fromhex((body if isinstance(colour, Tone) else colour)[1:])
    shade = colour.shade if isinstance(colour, Tone) else 0.0
    rgb = (
        min(255, round(_shaded(value, shade) * factor * tint))
        for value, factor, tint in zip(pigment[:3], gain, light.tint, strict=True)
    )
    return (*rgb, *pigment[3:])


def _shaded(value: int, shade: float) -> float:
    return value + ((255 if shade > 0 else 0) - value) * abs(shade)
