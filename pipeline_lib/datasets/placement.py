"""Boxes on the picture as it is shown: turned with it, inside it, or the item is refused.

EXIF 2.32, tag 0x0112, says how a stored picture is to be turned. An annotation speaks of the stored
pixels (pycocotools, OpenCV without its default) or of the upright picture (browsers, labelling
tools); its own size tells which. Where it fits both, or names none, the stored pixels are meant.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from pipeline_lib.datasets.decoding import Decoded, Failure
from pipeline_lib.datasets.reader import Box, Item

ON_ITS_SIDE = (5, 6, 7, 8)  # orientations that exchange width and height
Corner = tuple[float, float, float, float]  # x, y, width, height
# Where a rectangle lies after what undoes each orientation.
TURNS: Mapping[int, Callable[[float, float, float, float], Corner]] = {
    1: lambda x, y, w, h: (x, y, w, h),
    2: lambda x, y, w, h: (1 - x - w, y, w, h),
    3: lambda x, y, w, h: (1 - x - w, 1 - y - h, w, h),
    4: lambda x, y, w, h: (x, 1 - y - h, w, h),
    5: lambda x, y, w, h: (y, x, h, w),
    6: lambda x, y, w, h: (1 - y - h, x, h, w),
    7: lambda x, y, w, h: (1 - y - h, 1 - x - w, h, w),
    8: lambda x, y, w, h: (y, 1 - x - w, h, w),
}


def placed(item: Item, image: Decoded) -> Item | Failure:
    """Return the item with its boxes on the upright picture; those without an area are left out.

    A picture whose boxes cannot be trusted fails: its annotation speaks of another size, or a
    number is not finite.
    """
    if not item.boxes:
        return item
    upright = (image.width, image.height)
    stored = upright[::-1] if image.turned in ON_ITS_SIDE else upright
    if item.annotated not in (None, stored, upright):
        return Failure("annotation of another size", _sizes(item.annotated, stored, image.turned))
    for box in item.boxes:
        if not all(map(math.isfinite, (box.x, box.y, box.w, box.h))):
            return Failure("bad box", f"'{box.tag}' at {box.x}, {box.y}, {box.w} x {box.h}")
    turn = image.turned if item.annotated in (None, stored) and not item.upright else 1
    boxes = (_cut(box, *TURNS[turn](box.x, box.y, box.w, box.h)) for box in item.boxes)
    return replace(item, boxes=tuple(box for box in boxes if box.w > 0 and box.h > 0))


def _cut(box: Box, x: float, y: float, w: float, h: float) -> Box:
    left, right = (min(max(value, 0.0), 1.0) for value in (x, x + w))
    top, bottom = (min(max(value, 0.0), 1.0) for value in (y, y + h))
    inside = (left, top, right, bottom) == (x, y, x + w, y + h)  # else a rounding error may enter
    return (
        Box(box.tag, x, y, w, h) if inside else Box(box.tag, left, top, right - left, bottom - top)
    )


def _sizes(annotated: tuple[int, int] | None, stored: tuple[int, int], turned: int) -> str:
    said = "{} x {}".format(*annotated) if annotated else "none"
    turn = f", turned by EXIF's orientation {turned}" if turned != 1 else ""
    return f"the annotation says {said}, the picture has {stored[0]} x {stored[1]} pixels{turn}"
