"""Which columns of a data set's files hold what: the same for every file, or the file is named."""

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

import pyarrow as pa

from pipeline_lib.datasets.box_columns import struct_fields
from pipeline_lib.datasets.column_types import (
    check_key,
    check_labels,
    check_text,
    check_texts,
    is_image,
)
from pipeline_lib.datasets.columns import ColumnNames, find_columns
from pipeline_lib.datasets.label_names import doubled
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Columns

OPTIONAL = "split"  # a file without this column is of the split that its name announces

Schemas = Mapping[Path, pa.Schema]


def common_columns(columns: Columns, schemas: Schemas) -> dict[Path, ColumnNames]:
    """Return each file's column of each role; they differ in the split at most.

    Raises:
        InputError: a file lacks a column that params name or another file has, has one twice, or
            has one of a wrong type.
    """
    own = {path: find_columns(columns, schema.names, path) for path, schema in schemas.items()}
    first, *others = (schema.names for schema in schemas.values())
    shared = [name for name in first if all(name in names for names in others)]
    found = find_columns(columns, shared, next(iter(schemas)))
    for role in (field.name for field in fields(ColumnNames)):
        if role != OPTIONAL and getattr(found, role) is None:
            _check_none_has(role, own, schemas)
    found = _with_objects(found, schemas)
    result = {path: replace(found, split=names.split) for path, names in own.items()}
    for path, names in result.items():
        _check_types(schemas[path], names, path)
    return result


def _check_none_has(role: str, own: Mapping[Path, ColumnNames], schemas: Schemas) -> None:
    having = next((path for path, names in own.items() if getattr(names, role)), None)
    if having is None:
        return
    name = getattr(own[having], role)
    lacking = next(path for path, schema in schemas.items() if name not in schema.names)
    raise InputError(
        f"{lacking}: has no column '{name}', which {having.name} has; found "
        f"{schemas[lacking].names}; give all files the same columns, move it away, or set "
        f"dataset.columns.{role} ('' for none)"
    )


def _with_objects(names: ColumnNames, schemas: Schemas) -> ColumnNames:
    """Take a column ``objects`` for boxes where it holds structs of boxes, not tags."""
    if names.tags is None or names.box_tags is not None or names.boxes not in (None, names.tags):
        return names
    holds_boxes = struct_fields(schemas, names.tags) is not None
    return replace(names, tags=None, boxes=names.tags) if holds_boxes else names


def _check_types(schema: pa.Schema, names: ColumnNames, path: Path) -> None:
    used = [name for name in schema.names if name in (*names.present(), names.image)]
    if twice := doubled(used):
        raise InputError(
            f"{path}: has two columns '{twice[0]}', expected one; rename or remove one of them"
        )
    _check_image(schema, names.image, path)
    for column, check in (
        (names.id, check_key),
        (names.split, check_text),
        (names.classes, check_labels),
        (names.tags, check_labels),
        (names.caption, check_texts),
    ):
        if column is not None:
            check(schema.field(column).type, column, path)


def _check_image(schema: pa.Schema, column: str | None, path: Path) -> None:
    if column is not None and is_image(schema.field(column).type):
        return
    found = f"columns {schema.names}"
    if column is not None:
        found = f"column '{column}' is {schema.field(column).type}"
    raise InputError(
        f"{path}: no images found, {found}; expected a column of bytes, of structs "
        "{bytes, path} or of paths, called image, img, jpg or png; name it in dataset.columns.image"
    )
