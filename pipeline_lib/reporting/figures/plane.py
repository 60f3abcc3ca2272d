"""The feature space in the plane: test images as marks, coloured and shaped by class."""

from dataclasses import dataclass, field

import numpy as np

WIDTH, HEIGHT, MARGIN = 720, 480, 12  # pixels
COLOURS = 7  # that tell apart also for the colour-blind: style.css, --c0 …
SHAPES = 4  # of marks; beyond COLOURS x SHAPES classes they repeat


@dataclass(frozen=True)
class Mark:
    """One image."""

    x: float
    y: float
    title: str
    wrong: bool


@dataclass
class Group:
    """The images of one class."""

    name: str
    colour: int
    shape: int
    marks: list[Mark] = field(default_factory=list)


def plane(
    places: np.ndarray, classes: list[int], names: list[str], titles: list[str], wrong: list[bool]
) -> list[Group]:
    """Group the images by class, in the order of ``names``; classes without one are left out.

    Args:
        places: (images, 2), any unit; both axes are scaled alike.
        classes: of each image.
        names: of all classes.
        titles: what is said of each image.
        wrong: whether each image was taken for another class.
    """
    groups = [Group(n, i % COLOURS, i // COLOURS % SHAPES) for i, n in enumerate(names)]
    for (x, y), class_, title, miss in zip(_fit(places), classes, titles, wrong, strict=True):
        groups[class_].marks.append(Mark(x, y, title, miss))
    return [group for group in groups if group.marks]


def _fit(places: np.ndarray) -> list[list[float]]:
    """Scale and centre, y upwards."""
    low, high = places.min(0), places.max(0)
    room = np.array([WIDTH, HEIGHT]) - 2 * MARGIN
    unit = ((high - low) / room).max() or 1.0  # a dead network puts every image in one place
    centred = (places - (low + high) / 2) / unit
    fitted: list[list[float]] = (centred * [1, -1] + [WIDTH / 2, HEIGHT / 2]).round(1).tolist()
    return fitted
