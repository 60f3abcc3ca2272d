"""Annotations of a COCO file in columns: a few numbers for each, whatever else its entry holds."""

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

from pipeline_lib.datasets.pixel_boxes import flag

NONE = -1  # in place of a category that the file does not list
LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class Annotation:
    """One entry, as far as it makes sense."""

    name: str  # "annotation 7" by its id, "annotations[0]" by its place where it has none
    category: int  # its place among the categories, or NONE
    box: tuple[float, ...] | None  # x, y, width, height in pixels
    crowd: bool
    fault: str | None  # what is wrong with its category, its box or its flag


@dataclass
class Annotations:
    """Entries in the order of the file."""

    row: "array[int]" = field(default_factory=lambda: array("i"))  # of the image
    category: "array[int]" = field(default_factory=lambda: array("i"))
    box: "array[float]" = field(default_factory=lambda: array("d"))  # four for each; NaN: none
    crowd: "array[int]" = field(default_factory=lambda: array("b"))
    # Its id; where that is no such number, -1 - its place in the file.
    number: "array[int]" = field(default_factory=lambda: array("q"))
    texts: dict[int, str] = field(default_factory=dict)  # ids that are no such number, by index
    faults: dict[int, str] = field(default_factory=dict)  # by index

    def __len__(self) -> int:
        return len(self.row)

    def add(
        self, entry: dict[str, Any], place: int, row: int, categories: Mapping[str | None, int]
    ) -> None:
        """Append an entry, which has a place in the file and belongs to an image's row."""
        index, number = len(self), entry.get("id")
        category = categories.get(id_of(entry.get("category_id")), NONE)
        box, crowd = None, False
        try:
            box, crowd = _four(entry.get("bbox")), flag(entry.get("iscrowd"))
        except (TypeError, ValueError, OverflowError) as error:
            self.faults[index] = str(error)
        if category == NONE:
            self.faults[index] = f"category {entry.get('category_id')} is not listed"
        known = number if isinstance(number, int) and 0 <= number < LARGEST else None
        if known is None and (text := id_of(number)) is not None:
            self.texts[index] = text
        self.row.append(row)
        self.category.append(category)
        self.box.extend(box or (np.nan,) * 4)
        self.crowd.append(crowd)
        self.number.append(-1 - place if known is None else known)

    def at(self, indices: np.ndarray) -> Iterator[Annotation]:
        """Yield some of the entries."""
        for index in indices.tolist():
            box = tuple(self.box[4 * index : 4 * index + 4])
            yield Annotation(
                self._name(index),
                self.category[index],
                None if box[0] != box[0] else box,  # NaN
                bool(self.crowd[index]),
                self.faults.get(index),
            )

    def _name(self, index: int) -> str:
        number = self.number[index]
        if number < 0 and index not in self.texts:
            return f"annotations[{-1 - number}]"
        return f"annotation {self.texts.get(index, number)}"


def id_of(value: Any) -> str | None:
    """Return an id as text, so that 7, 7.0 and "7" are one; None of what is none."""
    if type(value) is int:  # nearly always; no bool
        return str(value)
    if isinstance(value, float | Decimal) and -LARGEST < value < LARGEST:
        value = int(value) if value == int(value) else value
    if value is None or isinstance(value, list | dict | bool):
        return None
    return str(value).strip() or None


def _four(box: Any) -> list[float] | None:
    """Return x, y, width and height; None of nothing.

    Raises:
        ValueError: it is something else.
    """
    if box is None or (isinstance(box, list) and not box):
        return None
    if not isinstance(box, list) or len(box) != 4:
        raise ValueError(f"its box is {str(box)[:60]}, expected x, y, width, height")
    found = [float("nan") if side is None else float(side) for side in box]
    if any(side != side for side in found):  # NaN
        raise ValueError(f"its box is {box}, expected numbers")
    return found
