"""A checkout with runs that nobody trained, and pictures."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

import benchmarks.untrained
from pipeline_lib.api import Recogniser, load

SIZE = 32
CLASSES = ["crab", "boat", "duck", "tree", "cow", "bus"]


def untrained(
    root: Path, name: str = "base", target: str = "classes", *, names: Sequence[str] = CLASSES
) -> Recogniser:
    """Write the weights of a run with two seeds, and load it."""
    benchmarks.untrained.untrained(
        root, name, model="lenet5", size=SIZE, target=target, names=names, seeds=(4, 7)
    )
    return load(name, root)


def photographs(folder: Path, count: int, seed: int = 0) -> list[np.ndarray]:
    """Write PNG files of several sizes into two folders, and return their pixels in order."""
    draw = np.random.default_rng(seed)
    pictures = []
    for number in range(count):
        sides = SIZE + number % 3, SIZE + number % 2
        pixels = draw.integers(0, 256, (*sides, 3), np.uint8)
        path = folder / ("a" if number < count // 2 else "b") / f"{number:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
        pictures.append(pixels)
    return pictures
