"""Boxes from the cells of a table: lists of (x, y, w, h), and the tag of each."""

from collections.abc import Iterator
from math import isfinite
from typing import Any

from pipeline_lib.datasets.label_names import Naming
from pipeline_lib.datasets.reader import Box

SLACK = 0.01  # by which rounding may put a box outside the image


class BadBox(ValueError):
    """A box that cannot be: its text says why."""


def boxes_of(
    places: Any, tags: Any, naming: Naming, size: tuple[Any, Any] = (1, 1)
) -> tuple[Box, ...] | None:
    """Return the boxes of one image, cut off at its border; None where it has no such cells.

    Args:
        places: x, y, w, h of each, in the unit of ``size``.
        tags: the label of each.
        naming: what the labels are called.
        size: width and height of the image.

    Raises:
        BadBox: there are not as many tags as boxes, or a box has no tag, no area or lies outside.
    """
    if places is None and tags is None:
        return None
    if len(places or ()) != len(tags or ()):
        raise BadBox(
            f"{len(places or ())} boxes and {len(tags or ())} tags, expected one tag for each box"
        )
    if not all(_is_size(side) for side in size):
        raise BadBox(f"width and height are {size}, expected pixels")
    return tuple(_named(places or (), tags or (), naming, size))


def exceeds(place: Any) -> bool:
    """Tell whether a box cannot be in fractions, as one in pixels."""
    numbers = [v for v in place or () if isinstance(v, int | float) and isfinite(v)]
    return any(value > 1 + SLACK for value in numbers)


def _named(places: Any, tags: Any, naming: Naming, size: tuple[float, float]) -> Iterator[Box]:
    for place, tag in zip(places, tags, strict=True):
        name = naming.name_of(tag)
        if name is None:
            raise BadBox(f"the tag of {place} is {tag}, expected a label")
        yield _box(place, name, size)


def _box(place: Any, tag: str, size: tuple[float, float]) -> Box:
    if place is None or len(place) != 4 or None in place:
        raise BadBox(f"{place}, expected x, y, w, h")
    unit = (
        "fractions of the image, 0 to 1" if size == (1, 1) else f"pixels of {size[0]} x {size[1]}"
    )
    x, y, w, h = (float(v) / size[i % 2] for i, v in enumerate(place))
    if not (min(x, y) >= -SLACK and max(x + w, y + h) <= 1 + SLACK):
        raise BadBox(f"{place}, expected x, y, w, h in {unit}")
    left, top, right, bottom = (min(max(v, 0.0), 1.0) for v in (x, y, x + w, y + h))
    if not (right > left and bottom > top):
        raise BadBox(f"{place} has no area, expected x, y, w, h in {unit}")
    return Box(tag, left, top, right - left, bottom - top)


def _is_size(side: Any) -> bool:
    return isinstance(side, int | float) and isfinite(side) and side > 0
