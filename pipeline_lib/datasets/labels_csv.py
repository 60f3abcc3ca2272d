"""Image files listed in a table beside them: path, split, classes, tags, caption, one a line.

``labels.csv`` is Protoweave's own name; ``metadata.csv`` and ``metadata.jsonl`` are what Hugging
Face's imagefolder reads: they may lie in each folder of a split and name the files beside them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from pipeline_lib.datasets.captions import captions_in
from pipeline_lib.datasets.columns import USUAL, ColumnNames, find_columns
from pipeline_lib.datasets.label_table import Row, header_of, rows_of
from pipeline_lib.datasets.names import writable
from pipeline_lib.datasets.places import leads_out, lying
from pipeline_lib.datasets.reader import Item, Rejection, Vocabulary, WholeFiles
from pipeline_lib.datasets.separators import Separator, find_separator
from pipeline_lib.datasets.splits import split_name, split_names
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset

NAME = "labels.csv"
FOREIGN = ("metadata.csv", "metadata.jsonl")
ONLY_TAGS = "tags.csv"
# Paths identify the images; a column of ids counts only where params name it.
PATHS = ("path", "file", "file_name", "filename", "image", "image_path", "img_path", "filepath")
CSV_USUAL = {**USUAL, "id": (), "image": (*PATHS, "file_path", "image_name", "img")}


@dataclass(frozen=True)
class LabelTable:
    """One table, and how its cells are read."""

    name: str  # its path below the data set
    columns: ColumnNames
    path: str  # the column of the paths
    classes: Separator
    tags: Separator

    def rows(self, root: Path) -> Iterator[Row]:
        """Yield the rows, with the place of each."""
        return rows_of(root / self.name, self.name)

    def item(self, root: Path, where: str, cells: dict[str, str]) -> Item | Rejection:
        """Return the image of a row; its split only as the row says it."""
        listed = _cell(cells, self.path)
        split = split_name(_cell(cells, self.columns.split)) or None
        if not listed:
            return Rejection(where, "no path", f"column '{self.path}' is empty")
        folder = PurePosixPath(self.name).parent
        name = writable(str(folder / listed))
        if leads_out(listed):
            return Rejection(name, "path outside the data set", where)
        found = lying(root, (str(folder),), listed)
        if found is None:
            return Rejection(name, "missing file", where, split)
        return Item(
            key=_cell(cells, self.columns.id) or found,
            split=split,
            path=found,
            classes=self.classes.labels(_cell(cells, self.columns.classes)),
            tags=self.tags.labels(_cell(cells, self.columns.tags)),
            captions=captions_in(_cell(cells, self.columns.caption)),
        )


@dataclass(frozen=True)
class CsvReader(WholeFiles):
    """The images that the tables name; folders say the split at most."""

    root: Path
    tables: tuple[LabelTable, ...]
    splits: dict[str, str]  # of the first folders, where the tables say none and all are splits
    names: Vocabulary

    def vocabulary(self) -> Vocabulary:
        """Return the names that occur in the tables, sorted."""
        return self.names

    def items(self) -> Iterator[Item | Rejection]:
        """Yield the lines of the tables."""
        for table in self.tables:
            for where, cells in table.rows(self.root):
                if isinstance(cells, Rejection):
                    yield cells
                else:
                    yield self._placed(table.item(self.root, where, cells))

    def sources(self) -> Iterable[str]:
        """Return the tables."""
        return tuple(table.name for table in self.tables)

    def unread_columns(self) -> Iterable[str]:
        """Return the columns without a role in their table, sorted; boxes have none here."""
        unread: set[str] = set()
        for table in self.tables:
            of = table.columns
            used = {table.path, of.id, of.split, of.classes, of.tags, of.caption}
            unread.update(set(header_of(self.root / table.name)) - used)
        return sorted(unread)

    def _placed(self, item: Item | Rejection) -> Item | Rejection:
        if isinstance(item, Rejection) or item.split or not self.splits:
            return item
        return replace_split(item, self.splits.get(PurePosixPath(item.path).parts[0]))


def replace_split(item: Item, split: str | None) -> Item:
    """Return the item in another split."""
    return replace(item, split=split)


def detect(root: Path) -> bool:
    """Tell whether there is a table."""
    return bool(find(root))


def find(root: Path) -> list[str]:
    """Return the tables to read, as paths below ``root``: of a folder the first name that is there.

    Hugging Face's may lie in each folder of a split, under one name here and the other there.
    """
    if not root.is_dir():
        return []
    if (root / NAME).is_file():
        return [NAME]
    found: dict[Path, Path] = {}
    for name in FOREIGN:
        for path in (root / name, *sorted(root.glob(f"*/{name}"))):
            if path.is_file() and path.parent not in found and _lists_images(path):
                found[path.parent] = path
    if found:
        return sorted(path.relative_to(root).as_posix() for path in found.values())
    tags = root / ONLY_TAGS
    return [ONLY_TAGS] if tags.is_file() and _lists_images(tags) else []


def open_table(root: Path, name: str, params: Dataset) -> LabelTable:
    """Open one table.

    Raises:
        InputError: it is no table in UTF-8, a column is missing, or labels are written in two ways.
    """
    where = root / name
    header = header_of(where)
    columns = find_columns(params.columns, header, where, CSV_USUAL)
    if columns.image is None:
        raise InputError(
            f"{where}: no column of paths found, its columns are {header}; expected "
            f"'{CSV_USUAL['image'][0]}', or name it in dataset.columns.image; separate by commas"
        )
    rows = [cells for _, cells in rows_of(where, name) if isinstance(cells, dict)]
    told = partial(_separator, rows, params.columns.separator, where)
    return LabelTable(
        name,
        columns,
        columns.image,
        told(columns.classes, words=False),
        told(columns.tags, words=True),
    )


def open_reader(root: Path, tables: list[LabelTable]) -> CsvReader:
    """Open the images that tables list.

    Where no row has a split, the first folders of the paths say it, if each of them is one.
    """
    reader = CsvReader(root, tuple(tables), {}, Vocabulary(()))
    items = [item for item in reader.items() if isinstance(item, Item)]
    classes = {name for item in items for name in item.classes}
    tags = {name for item in items for name in item.tags}
    folders = {parts[0] if len(parts) > 1 else "" for parts in map(_parts, items)}
    splits = split_names(folders) if not any(item.split for item in items) else {"": None}
    known = {folder: split for folder, split in splits.items() if split is not None}
    return CsvReader(
        root,
        tuple(tables),
        known if len(known) == len(splits) else {},
        Vocabulary(tuple(sorted(classes)), tuple(sorted(tags)), remarks=remarks_of(tables)),
    )


def remarks_of(tables: Iterable[LabelTable]) -> tuple[str, ...]:
    """Say how the labels of the tables are told apart, where that is not as documented."""
    said = (
        separator.remark(f"{table.name}: column '{column}'")
        for table in tables
        for separator, column in (
            (table.classes, table.columns.classes),
            (table.tags, table.columns.tags),
        )
    )
    return tuple(remark for remark in said if remark)


def _lists_images(path: Path) -> bool:
    """Tell whether a table has a column of paths; another table may have the same name.

    One whose cells are separated otherwise than by commas has one too, and opening it says so.
    """
    header = {part for name in header_of(path) for part in re.split(r"[;\t]", name.casefold())}
    return bool(header & set(CSV_USUAL["image"]))


def _separator(
    rows: list[dict[str, str]], wanted: str, where: Path, column: str | None, *, words: bool
) -> Separator:
    cells = [_cell(row, column) for row in rows]
    return find_separator(cells, wanted, words=words, where=f"{where}: column '{column}'")


def _cell(cells: dict[str, str], column: str | None) -> str:
    return cells.get(column, "") if column else ""


def _parts(item: Item) -> tuple[str, ...]:
    return PurePosixPath(item.path).parts
