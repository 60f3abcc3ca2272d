"""Images embedded in Parquet files: one column of bytes, or the struct of Hugging Face."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa

from pipeline_lib.datasets.boxes import BadBox, boxes_of, is_boxes
from pipeline_lib.datasets.columns import ColumnNames, find_columns
from pipeline_lib.datasets.decode import BadImage
from pipeline_lib.datasets.label_names import (
    Naming,
    Raw,
    check_labels,
    check_text,
    hugging_face_names,
    is_integer,
    labels_of,
    name_labels,
)
from pipeline_lib.datasets.parquet_files import File, find_files, inspect, rows
from pipeline_lib.datasets.reader import Encoded, Item, Rejection, Vocabulary
from pipeline_lib.datasets.splits import split_name, split_of_file
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset

CLASS_NAMES = "class_name"  # the column that names an integer class beside it
TAG_DIGITS = 3


@dataclass(frozen=True)
class ParquetReader:
    """Rows of Parquet files, in the order of the file names."""

    folder: Path
    files: tuple[File, ...]
    columns: ColumnNames
    image: str  # the column of the images
    classes: Naming
    tags: Naming

    def vocabulary(self) -> Vocabulary:
        """Return the names of the labels that occur: sorted, or in the order of their integers."""
        return Vocabulary(self.classes.vocabulary(), self.tags.vocabulary())

    def items(self) -> Iterator[Item | Rejection]:
        """Yield every row, without reading the images."""
        for file in self.files:
            for row, cells in enumerate(rows(self.folder / file.path, self.columns.present())):
                yield self._item(file.path, row, cells)

    def load(self, path: str, row: int | None) -> Encoded:
        """Return the bytes of one image."""
        file = next((file for file in self.files if file.path == path), None)
        if file is None or row is None or row >= file.bounds[-1]:
            raise BadImage("missing row", f"{path}: row {row}")
        cell = file.cell(self.folder, self.image, row)
        return self._bytes(cell) if isinstance(cell, dict) else _present(cell)

    def sources(self) -> Iterable[str]:
        """Return the Parquet files, which may name pictures beside them."""
        return tuple(file.path for file in self.files)

    def _bytes(self, cell: dict[str, Any]) -> bytes:
        """Read the struct of Hugging Face, whose path counts where it holds no bytes."""
        path = cell.get("path")
        if cell["bytes"] is not None or not isinstance(path, str):
            return _present(cell["bytes"])
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            raise BadImage("path outside the data set", path)
        return (self.folder / path).read_bytes()

    def _item(self, file: str, row: int, cells: dict[str, Any]) -> Item | Rejection:
        names, where = self.columns, f"{file}:{row}"
        key = cells[names.id] if names.id else where
        split = cells[names.split] if names.split else None
        if key is None or not str(key):
            return Rejection(where, "no id", f"column '{names.id}' is empty")
        try:
            boxes = boxes_of(*self._box_cells(cells), self.tags)
        except BadBox as error:
            return Rejection(str(key), "bad box", str(error), split)
        return Item(
            key=str(key),
            split=split_name(str(split)) if split not in (None, "") else split_of_file(file),
            path=file,
            row=row,
            classes=self.classes(cells[names.classes]) if names.classes else (),
            tags=self.tags(cells[names.tags]) if names.tags else (),
            caption=cells[names.caption] if names.caption else None,
            boxes=boxes,
        )

    def _box_cells(self, cells: dict[str, Any]) -> tuple[Any, Any]:
        names = self.columns
        if names.boxes is None or names.box_tags is None:
            return None, None
        return cells[names.boxes], cells[names.box_tags]


def detect(root: Path) -> bool:
    """Tell whether ``root`` is a Parquet file or a folder of them."""
    return bool(find_files(root))


def open_reader(root: Path, params: Dataset) -> ParquetReader:
    """Open one file, the files of a folder, or those of its folder ``data`` (Hugging Face).

    Raises:
        InputError: there is no file, one is damaged, or a column is missing or of a wrong type.
    """
    paths = find_files(root)
    if not paths:
        raise InputError(
            f"{root} (dataset.path): no *.parquet file found here or in its folder 'data'; set "
            "dataset.path to a Parquet file or to the folder of the files"
        )
    folder = root.parent if root.is_file() else root
    inspected = [inspect(path, folder) for path in paths]
    first = inspected[0][1]
    columns = find_columns(params.columns, first.names, paths[0])
    image = _image_column(first, columns, paths[0])
    for path, (_, schema) in zip(paths, inspected, strict=True):
        _check_columns(schema, columns, image, path)
    return ParquetReader(
        folder,
        tuple(file for file, _ in inspected),
        columns,
        image,
        _class_naming(paths, first, columns.classes),
        _tag_naming(paths, first, columns.tags),
    )


def _image_column(schema: pa.Schema, columns: ColumnNames, path: Path) -> str:
    if columns.image is None:
        found = f"columns {schema.names}"
    else:
        kind = schema.field(columns.image).type
        if _is_bytes(kind) or (
            pa.types.is_struct(kind)
            and kind.get_field_index("bytes") >= 0
            and _is_bytes(kind.field("bytes").type)
        ):
            return columns.image
        found = f"column '{columns.image}' is {kind}"
    raise InputError(
        f"{path}: no images found, {found}; expected a column of bytes or of structs "
        "{bytes, path}, called image, img, jpg or png; name it in dataset.columns.image"
    )


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _check_columns(schema: pa.Schema, columns: ColumnNames, image: str, path: Path) -> None:
    for name in (*columns.present(), image):
        if name not in schema.names:
            raise InputError(
                f"{path}: has no column '{name}', which the first file has; found {schema.names}; "
                "give all files the same columns, or set it in dataset.columns ('' for none)"
            )
    for labels in (columns.classes, columns.tags):
        if labels is not None:
            check_labels(schema.field(labels).type, labels, path)
    if columns.box_tags is not None:
        check_labels(schema.field(columns.box_tags).type, columns.box_tags, path)
    if columns.boxes is not None and not is_boxes(schema.field(columns.boxes).type):
        raise InputError(
            f"{path}: column '{columns.boxes}' is {schema.field(columns.boxes).type}, expected "
            "lists of (x, y, w, h); name another column in dataset.columns.boxes, or '' for none"
        )
    if columns.caption is not None:
        check_text(schema.field(columns.caption).type, columns.caption, path)


def _class_naming(paths: Sequence[Path], schema: pa.Schema, column: str | None) -> Naming:
    if column is None:
        return Naming({})
    labels, names = _labels(paths, column), hugging_face_names(schema, column)
    if is_integer(schema.field(column).type) and CLASS_NAMES in schema.names:
        names = _names_beside(paths, column)
    return name_labels(labels, known=names, stem="class", width=1)


def _names_beside(paths: Sequence[Path], column: str) -> dict[Raw, str]:
    names: dict[Raw, str] = {}
    for path in paths:
        for cells in rows(path, [column, CLASS_NAMES]):
            for label in labels_of(cells[column]) if cells[CLASS_NAMES] else ():
                _learn(names, label, cells[CLASS_NAMES], path)
    return names


def _learn(names: dict[Raw, str], label: Raw, name: str, path: Path) -> None:
    if names.setdefault(label, name) != name:
        raise InputError(
            f"{path}: class {label} is called '{names[label]}' and '{name}' in column "
            f"'{CLASS_NAMES}', expected one name; mend it or set dataset.columns.classes"
        )


def _tag_naming(paths: Sequence[Path], schema: pa.Schema, column: str | None) -> Naming:
    if column is None:
        return Naming({})
    known = hugging_face_names(schema, column)
    labels = _labels(paths, column)
    return name_labels(labels, known=known, stem=column.removesuffix("s"), width=TAG_DIGITS)


def _labels(paths: Sequence[Path], column: str) -> set[Raw]:
    cells = (row[column] for path in paths for row in rows(path, [column]))
    return {label for cell in cells for label in labels_of(cell)}


def _present(content: bytes | None) -> bytes:
    if content is None:
        raise BadImage("no image", "the cell is null")
    return content
