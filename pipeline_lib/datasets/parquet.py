"""Images embedded in Parquet or Arrow files: a column of bytes, or the struct of Hugging Face."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import pyarrow as pa

from pipeline_lib.datasets import parquet_layout
from pipeline_lib.datasets.box_columns import SIZE, BoxColumns, find_boxes
from pipeline_lib.datasets.boxes import FRACTIONS, BadBox, box_from, paired
from pipeline_lib.datasets.captions import captions_of
from pipeline_lib.datasets.column_types import path_field
from pipeline_lib.datasets.columns import ColumnNames
from pipeline_lib.datasets.dataset_card import Card, read_card
from pipeline_lib.datasets.decode import BadImage
from pipeline_lib.datasets.files import walk
from pipeline_lib.datasets.label_names import Naming, vocabulary
from pipeline_lib.datasets.parquet_columns import common_columns
from pipeline_lib.datasets.parquet_files import Cells, File, inspect, rows, texts_within
from pipeline_lib.datasets.parquet_labels import Labels, label_files, names_beside
from pipeline_lib.datasets.parquet_layout import Shard
from pipeline_lib.datasets.pixel_boxes import size_of
from pipeline_lib.datasets.reader import Box, Encoded, Item, Rejection, Vocabulary
from pipeline_lib.datasets.splits import split_name
from pipeline_lib.params.dataset import Columns, Dataset

detect = parquet_layout.detect
LONGEST = 4096  # characters of a path (Linux, PATH_MAX)
PATH = "path"  # the field of a picture's file in the struct of an image


@dataclass(frozen=True)
class Part:
    """One file of a data set, read by its own schema."""

    file: File
    split: str | None  # that its name or its folders announce
    columns: ColumnNames
    labels: Labels
    path_field: str | None  # of the structs of its images; "" where the column is of paths
    others: frozenset[str]  # columns without a role, but that of a box

    def places(self, path: str) -> tuple[str, ...]:
        """Return where a picture may lie: below the folder of its file, or of the data set."""
        beside = PurePosixPath(self.file.path).parent / path
        return tuple(dict.fromkeys((str(beside), str(PurePosixPath(path)))))


@dataclass(frozen=True)
class ParquetReader:
    """Rows of Parquet or Arrow files, in the order of the files' paths."""

    folder: Path
    whole: bool  # all that lies in the folder belongs to the data set, not one file alone
    parts: dict[str, Part]  # by the path of the file
    boxes: BoxColumns | None
    card: Card

    def vocabulary(self) -> Vocabulary:
        """Return the names of the labels that occur: sorted, or in the order of their integers."""
        labels = [part.labels for part in self.parts.values()]
        tags = [naming for one in labels for naming in (one.tags, one.box_tags)]
        first = next(iter(self.parts.values()))
        said = (
            first.labels.classes.separator.remark(f"column '{first.columns.classes}'"),
            first.labels.tags.separator.remark(f"column '{first.columns.tags}'"),
        )
        return Vocabulary(
            vocabulary(one.classes for one in labels),
            vocabulary(tags),
            remarks=(*filter(None, said), *parquet_layout.remarks_on(self.parts)),
        )

    def items(self) -> Iterator[Item | Rejection]:
        """Yield every row, without reading the images."""
        for part in self.parts.values():
            wanted = [*part.columns.present(), *(self.boxes.columns() if self.boxes else ())]
            for row, cells in enumerate(rows(self.folder / part.file.path, wanted)):
                yield from self._judged(part, row, cells)

    def load(self, path: str, row: int | None) -> Encoded:
        """Return the bytes of one image."""
        part = self.parts.get(path)
        if part is None or row is None or row >= part.file.bounds[-1]:
            raise BadImage("missing row", f"{path}: row {row}")
        cell = part.file.cell(self.folder, part.columns.image or "", row)
        content = cell.get("bytes") if isinstance(cell, dict) else cell
        if content is None and isinstance(cell, dict):  # Hugging Face's path counts without bytes
            content = cell.get(PATH)
        if content is None:
            raise BadImage("no image", "the cell is null")
        return self._picture(part, content) if isinstance(content, str) else bytes(content)

    def sources(self) -> Iterable[str]:
        """Return the files of rows, and what is read beside them: pictures, a card, lists."""
        beside = {*self.card.files(), *self._beside()}
        return (*self.parts, *sorted(beside - self.parts.keys()))

    def _beside(self) -> Iterator[str]:
        """Yield the lists of ``save_to_disk`` and the pictures that structs of images name."""
        others = set(walk(self.folder)) - self.parts.keys() if self.whole else set()
        yield from (path for path in others if PurePosixPath(path).name in parquet_layout.LISTS)
        for part in self.parts.values() if others else ():
            if part.path_field is not None:
                file, column = self.folder / part.file.path, part.columns.image or ""
                paths = (path for path in texts_within(file, column, part.path_field) if path)
                yield from (
                    place for path in paths for place in part.places(path) if place in others
                )

    def unread_columns(self) -> Iterable[str]:
        """Return the columns that have no role in their file, sorted."""
        boxes = self.boxes.columns() if self.boxes else ()
        return sorted({name for p in self.parts.values() for name in p.others} - {*boxes})

    def _picture(self, part: Part, path: str) -> bytes:
        """Read a picture in a file of its own."""
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            raise BadImage("path outside the data set", path)
        if len(path) > LONGEST:
            what = f"a text of {len(path)} characters, {path[:40]}…"
            raise BadImage("no path", f"{what}; of images in base64 write the bytes")
        for place in part.places(path):
            with suppress(FileNotFoundError):
                return (self.folder / place).read_bytes()
        raise BadImage("missing file", path)

    def _judged(self, part: Part, row: int, cells: Cells | None) -> Iterator[Item | Rejection]:
        """Yield what is wrong with a row, and its item unless all is lost."""
        names, where = part.columns, f"{part.file.path}:{row}"
        if cells is None:
            yield Rejection(where, "not UTF-8", "a text of this row", part.split)
            return
        key = cells[names.id] if names.id else where
        spelling = cells[names.split] if names.split else None
        split = split_name(spelling) if spelling and spelling.strip() else part.split
        if key is None or not str(key).strip():
            yield Rejection(where, "no id", f"column '{names.id}' is empty", split)
            return
        tags = part.labels.tags(cells[names.tags]) if names.tags else ()
        item = Item(
            key=str(key),
            split=split,
            path=part.file.path,
            row=row,
            classes=part.labels.classes(cells[names.classes]) if names.classes else (),
            tags=tags,
            captions=captions_of(cells[names.caption]) if names.caption else None,
        )
        yield from self._with_boxes(item, part.labels.box_tags, cells)

    def _with_boxes(self, item: Item, naming: Naming, cells: Cells) -> Iterator[Item | Rejection]:
        """Yield the item with its boxes and their tags; a box without sense costs itself alone."""
        places, tags = self.boxes.cells(cells) if self.boxes else (None, None)
        if places is None and tags is None:
            yield item
            return
        try:
            listed = paired(places, tags)
        except BadBox as error:
            yield Rejection(item.key, "bad boxes", str(error), item.split)
            return
        size = self._size(cells)
        boxes: list[Box] = []
        for number, (place, tag) in enumerate(listed):
            try:
                boxes.append(box_from(place, tag, naming, size))
            except BadBox as error:
                name = f"{item.key}, box {number + 1}"
                yield Rejection(name, "box without sense", str(error), item.split, lost=False)
        yield replace(
            item,
            tags=tuple(dict.fromkeys((*item.tags, *naming(tags)))),
            boxes=tuple(boxes),
            annotated=size if boxes and size != FRACTIONS else None,
        )

    def _size(self, cells: Cells) -> tuple[int, int] | None:
        """Return the size that the boxes of a row speak of."""
        pixels = self.boxes is not None and self.boxes.in_pixels
        return size_of(cells[SIZE[0]], cells[SIZE[1]]) if pixels else FRACTIONS


def open_reader(root: Path, params: Dataset) -> ParquetReader:
    """Open a data set; see ``open_rows``."""
    return open_rows(root, params.columns)


def open_rows(root: Path, named: Columns) -> ParquetReader:
    """Open one file, or the files of a folder in one of the layouts of ``parquet_layout``.

    Raises:
        InputError: there is no file, one is damaged, or a column is missing or of a wrong type.
    """
    shards = parquet_layout.find_shards(root)
    folder = root.parent if root.is_file() else root
    inspected = {shard.path: inspect(shard.path, folder) for shard in shards}
    schemas = {path: schema for path, (_, schema) in inspected.items()}
    columns = common_columns(named, schemas)
    boxes = find_boxes(next(iter(columns.values())), schemas)
    card = read_card(folder) if root.is_dir() else Card()
    labels, boxes = label_files(schemas, columns, boxes, card, named.separator)
    parts = (
        _part(shard, inspected[shard.path], columns[shard.path], labels[place])
        for place, shard in enumerate(shards)
    )
    return ParquetReader(
        folder, root.is_dir(), {part.file.path: part for part in parts}, boxes, card
    )


def _part(
    shard: Shard, inspected: tuple[File, pa.Schema], columns: ColumnNames, labels: Labels
) -> Part:
    file, schema = inspected
    beside = names_beside(shard.path, schema, columns.classes)
    others = frozenset(schema.names) - {*columns.present(), columns.image, beside}
    field = path_field(schema.field(columns.image).type)
    return Part(file, shard.split, columns, labels, field, others)
