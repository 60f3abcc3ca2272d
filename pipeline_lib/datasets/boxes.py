"""Boxes from the cells of a table: lists of (x, y, w, h) in fractions, and the tag of each."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from pipeline_lib.datasets.label_names import Naming
from pipeline_lib.datasets.reader import Box

SLACK = 0.01  # by which rounding may put a box outside the image


class BadBox(ValueError):
    """A box that cannot be: its text says why."""


def boxes_of(places: Any, tags: Any, naming: Naming) -> tuple[Box, ...] | None:
    """Return the boxes of one image, cut off at its border; None where it has no such cells.

    Boxes of nothing, and those whose tag no image carries, are left out.

    Raises:
        BadBox: there are not as many tags as boxes, or a box is no box or outside the image.
    """
    if places is None or tags is None:
        return None
    if len(places) != len(tags):
        raise BadBox(f"{len(places)} boxes and {len(tags)} tags, expected one tag for each box")
    return tuple(_named(places, tags, naming))


def is_boxes(kind: pa.DataType) -> bool:
    """Tell whether a column holds lists of lists of numbers."""
    return _is_list(kind) and _is_list(kind.value_type) and _is_number(kind.value_type.value_type)


def _named(places: list[Any], tags: list[Any], naming: Naming) -> Iterator[Box]:
    for place, tag in zip(places, tags, strict=True):
        box = _box(place, naming.names.get(tag, ""))
        if box.tag and box.w > 0 and box.h > 0:
            yield box


def _box(place: list[float], tag: str) -> Box:
    if len(place) != 4:
        raise BadBox(f"{place}, expected x, y, w, h")
    x, y, w, h = (float(value) for value in place)
    if not (min(x, y) >= -SLACK and max(x + w, y + h) <= 1 + SLACK and min(w, h) >= 0):
        raise BadBox(f"{place}, expected x, y, w, h in fractions of the image, 0 to 1")
    left, top, right, bottom = (min(max(v, 0.0), 1.0) for v in (x, y, x + w, y + h))
    return Box(tag, left, top, right - left, bottom - top)


def _is_list(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))
