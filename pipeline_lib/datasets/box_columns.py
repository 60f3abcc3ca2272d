"""Where a row has its boxes: in two columns of lists, or in one of structs of box and tag."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline_lib.datasets.column_types import (
    check_labels,
    is_boxes,
    is_list,
    is_number,
    item_of,
)
from pipeline_lib.datasets.columns import ColumnNames
from pipeline_lib.errors import InputError

PLACE = ("bbox", "box", "boxes")  # the field of the rectangle in a struct ``objects``, …
TAG = ("category", "label", "category_id", "categories", "labels", "class", "class_name", "name")
SIZE = ("width", "height")  # columns of the size in pixels that boxes in pixels speak of


@dataclass(frozen=True)
class BoxColumns:
    """The columns of boxes and of their tags, or one column and its two fields."""

    boxes: str
    tags: str
    fields: tuple[str, str] | None = None  # of the place and of the tag within ``boxes``
    in_pixels: bool = False  # of an image as large as the columns SIZE say

    def columns(self) -> list[str]:
        """Return the columns to read."""
        return [self.boxes, self.tags, *(SIZE if self.in_pixels else ())]

    def cells(self, row: Mapping[str, Any]) -> tuple[Any, Any]:
        """Return the boxes of a row and the tag of each: two lists, or None for each."""
        if self.fields is None:
            return row[self.boxes], row[self.tags]
        place, tag = self.fields
        objects = row[self.boxes]
        if isinstance(objects, list):  # a list of structs
            known = [one or {} for one in objects]
            return [one.get(place) for one in known], [one.get(tag) for one in known]
        return (None, None) if objects is None else (objects[place], objects[tag])

    def label(self) -> tuple[str, ...]:
        """Return the path of the tags: a column, or a column and its field."""
        return (self.tags,) if self.fields is None else (self.tags, self.fields[1])


def find_boxes(names: ColumnNames, schemas: Mapping[Path, pa.Schema]) -> BoxColumns | None:
    """Find the boxes of all files.

    Raises:
        InputError: there are boxes without tags or tags without boxes, or a type is wrong.
    """
    if names.boxes is None and names.box_tags is None:
        return None
    fields = struct_fields(schemas, names.boxes) if names.boxes else None
    if names.boxes is None or (names.box_tags is None and fields is None):
        raise _half(next(iter(schemas)), names)
    found = BoxColumns(names.boxes, names.box_tags or names.boxes, fields)
    for path, schema in schemas.items():
        if names.box_tags is None:
            _check_struct(schema, found, path)
        else:
            _check_lists(schema, found, path)
    return replace(found, fields=None) if names.box_tags else found


def struct_fields(schemas: Mapping[Path, pa.Schema], column: str) -> tuple[str, str] | None:
    """Return the fields of place and tag that structs of a column have, in whichever file."""
    kinds = (schema.field(column).type for schema in schemas.values())
    return next((fields for kind in kinds if (fields := _fields(kind))), None)


def in_pixels(boxes: BoxColumns, schemas: Mapping[Path, pa.Schema]) -> BoxColumns:
    """Return the columns with those of the image's size, which boxes in pixels speak of.

    Raises:
        InputError: a file has no such columns.
    """
    for path, schema in schemas.items():
        lacking = [n for n in SIZE if n not in schema.names or not is_number(schema.field(n).type)]
        if lacking:
            raise InputError(
                f"{path}: the boxes in '{boxes.boxes}' are in pixels, expected fractions of the "
                f"image, 0 to 1, or columns {' and '.join(SIZE)} beside them; divide x and w by "
                "the image's width, y and h by its height"
            )
    return replace(boxes, in_pixels=True)


def _fields(kind: pa.DataType) -> tuple[str, str] | None:
    struct = item_of(kind) if is_list(kind) else kind
    if not pa.types.is_struct(struct):
        return None
    present = {field.name for field in struct}
    place = next((name for name in PLACE if name in present), None)
    tag = next((name for name in TAG if name in present), None)
    return None if place is None or tag is None else (place, tag)


def _check_struct(schema: pa.Schema, boxes: BoxColumns, path: Path) -> None:
    """Refuse what is neither a list of structs of box and tag nor a struct of two lists."""
    kind = schema.field(boxes.boxes).type
    if pa.types.is_null(kind) or (is_list(kind) and pa.types.is_null(item_of(kind))):
        return
    if _fields(kind) != boxes.fields:
        raise _no_boxes(path, boxes.boxes, kind)
    struct = item_of(kind) if is_list(kind) else kind
    place, tag = (struct.field(name).type for name in boxes.fields or ())
    if is_list(kind):
        place, tag = pa.list_(place), pa.list_(tag)
    if not (is_boxes(place) and is_list(tag)):
        raise _no_boxes(path, boxes.boxes, kind)
    check_labels(tag, f"{boxes.boxes}.{(boxes.fields or ('', ''))[1]}", path)


def _check_lists(schema: pa.Schema, boxes: BoxColumns, path: Path) -> None:
    kind, tags = schema.field(boxes.boxes).type, schema.field(boxes.tags).type
    if not is_boxes(kind):
        raise _no_boxes(path, boxes.boxes, kind)
    check_labels(tags, boxes.tags, path)
    if not (is_list(tags) or pa.types.is_null(tags)):
        raise _no_tags(path, boxes.tags, tags)


def _no_boxes(path: Path, column: str, kind: pa.DataType) -> InputError:
    return InputError(
        f"{path}: column '{column}' is {kind}, expected lists of (x, y, w, h), or structs of "
        f"{PLACE[0]} and {TAG[0]}; name another column in dataset.columns.boxes, or '' for none"
    )


def _no_tags(path: Path, column: str, kind: pa.DataType) -> InputError:
    return InputError(
        f"{path}: column '{column}' is {kind}, expected a list with the tag of each box; name "
        "another column in dataset.columns.box_tags, or '' for none"
    )


def _half(path: Path, names: ColumnNames) -> InputError:
    found, role = (names.boxes, "box_tags") if names.boxes else (names.box_tags, "boxes")
    other = "the tag of each box" if names.boxes else "the boxes"
    return InputError(
        f"{path}: column '{found}' alone makes no boxes, expected a column with {other} too; name "
        f"it in dataset.columns.{role}, or set boxes and box_tags there to ''"
    )
