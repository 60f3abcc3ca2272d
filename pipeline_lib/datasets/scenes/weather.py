"""What falls or drifts between the viewer and the scene."""

from numpy.random import Generator

from pipeline_lib.datasets.scenes.pen import Glow, Pen


def fall(p: Pen, weather: str, rng: Generator) -> None:
    """Draw rain, snow or fog over a finished picture; nothing for other weather."""
    if weather == "rain":
        for x, y in rng.uniform((0, 0), (1.1, 1), (40, 2)):
            p.line(Glow("#e6eef555"), 0.006, (x, y), (x - 0.025, y + 0.08))
    elif weather == "snow":
        for x, y, size in rng.uniform((0, 0, 0.006), (1, 1, 0.012), (40, 3)):
            p.oval(Glow("#ffffffe0"), x, y, size)
    elif weather == "fog":
        middle = rng.uniform(0.35, 0.55)
        for step in range(12):
            p.box(Glow("#eef1f410"), 0.0, middle - 0.04 * step, 1.0, middle + 0.03 * step)
