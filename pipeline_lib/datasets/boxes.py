"""Boxes from the cells of a table: lists of (x, y, w, h), and the tag of each."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

from pipeline_lib.datasets.label_names import Naming
from pipeline_lib.datasets.reader import Box

FRACTIONS = (1, 1)  # the size of an image whose boxes are in fractions of it
SLACK = 0.01  # by which rounding may put a box outside the image


class BadBox(ValueError):
    """A box that cannot be: its text says why."""


def paired(places: Sequence[Any] | None, tags: Sequence[Any] | None) -> list[tuple[Any, Any]]:
    """Return each box of a row with its tag.

    Raises:
        BadBox: there are not as many tags as boxes.
    """
    boxes, labels = places or (), tags or ()
    if len(boxes) != len(labels):
        raise BadBox(f"{len(boxes)} boxes and {len(labels)} tags, expected one tag for each box")
    return list(zip(boxes, labels, strict=True))


def box_from(place: Any, tag: Any, naming: Naming, size: tuple[int, int] | None) -> Box:
    """Return a box in fractions of its image, cut off at the border.

    What lies further outside than rounding explains is not cut: corners instead of a width and a
    height would pass for boxes.

    Args:
        place: x, y, w, h in the unit of ``size``.
        tag: its label.
        naming: what labels are called.
        size: width and height of the image; None where the row has none.

    Raises:
        BadBox: it has no tag, no area or lies outside, or the image has no size.
    """
    name = naming.name_of(tag)
    if name is None:
        raise BadBox(f"the tag of {place} is {tag}, expected a label")
    if size is None:
        raise BadBox("the image has no width and height, expected pixels")
    if place is None or len(place) != 4 or None in place:
        raise BadBox(f"{place}, expected x, y, w, h")
    unit = "fractions, 0 to 1" if size == FRACTIONS else f"pixels of {size[0]} x {size[1]}"
    x, y, w, h = (float(value) / size[i % 2] for i, value in enumerate(place))
    if not (min(x, y) >= -SLACK and max(x + w, y + h) <= 1 + SLACK):
        raise BadBox(f"{place}, expected x, y, w, h in {unit}")
    left, top, right, bottom = (min(max(v, 0.0), 1.0) for v in (x, y, x + w, y + h))
    if not (right > left and bottom > top):
        raise BadBox(f"{place} has no area, expected x, y, w, h in {unit}")
    return Box(name, left, top, right - left, bottom - top)


def exceeds(place: Any) -> bool:
    """Tell whether a box cannot be in fractions, as one in pixels."""
    numbers = [v for v in place or () if isinstance(v, int | float) and isfinite(v)]
    return any(value > 1 + SLACK for value in numbers)
