"""Boxes of annotations in pixels: into fractions of the picture, where they make sense."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from pipeline_lib.datasets.boxes import BadBox
from pipeline_lib.datasets.decode import DAMAGED, formats
from pipeline_lib.datasets.reader import Box

NO = frozenset({"", "0", "false", "no", "none", "null", "unspecified"})
YES = frozenset({"1", "true", "yes"})


def flag(value: Any) -> bool:
    """Return a flag that is written as a number, a truth value or a text; nothing means no.

    Raises:
        BadBox: it is something else.
    """
    if value in (0, 1, None):  # nearly always
        return bool(value)
    text = str(value).strip().lower().removesuffix(".0")
    if text not in NO | YES:
        raise BadBox(f"a flag is '{text[:40]}', expected 0 or 1")
    return text in YES


def box_of(tag: str, edges: Sequence[float], size: tuple[int, int]) -> Box:
    """Return a box in fractions of the picture, cut off at its border.

    Args:
        tag: what it shows.
        edges: left, top, right and bottom, in pixels from the left upper corner of the picture.
        size: width and height of the picture in pixels.

    Raises:
        BadBox: an edge is no number, or nothing of the box lies in the picture.
    """
    width, height = size
    if not all(math.isfinite(edge) for edge in edges):
        raise BadBox(f"box of '{tag}' is {_written(edges)}, expected numbers")
    left, right = (min(max(edge / width, 0.0), 1.0) for edge in edges[::2])
    top, bottom = (min(max(edge / height, 0.0), 1.0) for edge in edges[1::2])
    if right <= left or bottom <= top:
        raise BadBox(
            f"box of '{tag}' is {_written(edges)}, expected an area inside {width} x {height}"
        )
    return Box(tag, left, top, right - left, bottom - top)


def size_of(width: Any, height: Any) -> tuple[int, int] | None:
    """Return a size in pixels as an annotation says it; None where that is no size."""
    try:
        sides = float(width), float(height)
    except (TypeError, ValueError):
        return None
    if not all(math.isfinite(side) and side >= 1 for side in sides):
        return None
    return int(sides[0]), int(sides[1])


def stored_size(path: Path) -> tuple[int, int] | None:
    """Return width and height of the stored pixels from the head of a picture; None without one."""
    try:
        with Image.open(path, formats=formats()) as image:
            return image.size
    except (*DAMAGED, Image.DecompressionBombError):
        return None


def _written(edges: Sequence[float]) -> str:
    left, top, right, bottom = (f"{edge:g}" for edge in edges)
    return f"{left}, {top} to {right}, {bottom}"
