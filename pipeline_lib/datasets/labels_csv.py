"""Image files listed in ``labels.csv``: path, split, classes, tags and caption, one per line."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipeline_lib.datasets.columns import USUAL, ColumnNames, find_columns
from pipeline_lib.datasets.reader import Encoded, Item, Rejection, Vocabulary
from pipeline_lib.datasets.splits import split_name
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset

NAME = "labels.csv"
SEPARATOR = ";"  # between the labels of one cell
# Paths identify the images; a column of ids counts only where params name it.
CSV_USUAL = {**USUAL, "id": (), "image": ("path", "file", "file_name", "filename", "image")}


@dataclass(frozen=True)
class CsvReader:
    """The images that the list names; folders mean nothing."""

    root: Path
    columns: ColumnNames
    path: str  # the column of the paths
    names: Vocabulary

    def vocabulary(self) -> Vocabulary:
        """Return the names that occur in the list, sorted."""
        return self.names

    def items(self) -> Iterator[Item | Rejection]:
        """Yield the lines of the list."""
        for line, cells in _lines(self.root / NAME):
            yield cells if isinstance(cells, Rejection) else self._item(line, cells)

    def load(self, path: str, row: int | None) -> Encoded:
        """Return the content of a file."""
        return (self.root / path).read_bytes()

    def sources(self) -> Iterable[str]:
        """Return the list."""
        return (NAME,)

    def _item(self, line: int, cells: dict[str, str]) -> Item | Rejection:
        path = PurePosixPath(cells[self.path])
        split = _cell(cells, self.columns.split)
        if not cells[self.path]:
            return Rejection(f"{NAME}:{line}", "no path", f"column '{self.path}' is empty")
        if path.is_absolute() or ".." in path.parts:
            return Rejection(str(path), "path outside the data set", f"{NAME}:{line}")
        if not (self.root / path).is_file():
            return Rejection(str(path), "missing file", f"{NAME}:{line}", split or None)
        return Item(
            key=_cell(cells, self.columns.id) or str(path),
            split=split_name(split) if split else None,
            path=str(path),
            classes=_labels(cells, self.columns.classes),
            tags=_labels(cells, self.columns.tags),
            caption=_cell(cells, self.columns.caption) or None,
        )


def detect(root: Path) -> bool:
    """Tell whether there is a list."""
    return (root / NAME).is_file()


def open_reader(root: Path, params: Dataset) -> CsvReader:
    """Open the list of ``root``.

    Raises:
        InputError: the list is no CSV in UTF-8, or a column is missing.
    """
    where = root / NAME
    header = _header(where)
    columns = find_columns(params.columns, header, where, CSV_USUAL)
    if columns.image is None:
        raise InputError(
            f"{where}: no column of paths found, its columns are {header}; expected "
            f"'{CSV_USUAL['image'][0]}', or name it in dataset.columns.image; separate by commas"
        )
    rows = [cells for _, cells in _lines(where) if isinstance(cells, dict)]
    classes = {name for cells in rows for name in _labels(cells, columns.classes)}
    tags = {name for cells in rows for name in _labels(cells, columns.tags)}
    names = Vocabulary(tuple(sorted(classes)), tuple(sorted(tags)))
    return CsvReader(root, columns, columns.image, names)


def _header(path: Path) -> list[str]:
    return next((cells for _, cells in _cells(path)), [])


def _lines(path: Path) -> Iterator[tuple[int, dict[str, str] | Rejection]]:
    """Yield the number of every line after the header, and its cells by column."""
    header: list[str] | None = None
    for line, cells in _cells(path):
        if header is None:
            header = cells
        elif len(cells) != len(header):
            detail = f"{len(cells)} cells, expected {len(header)}; quote cells that hold commas"
            yield line, Rejection(f"{NAME}:{line}", "wrong number of cells", detail)
        else:
            yield line, dict(zip(header, cells, strict=True))


def _cells(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of every line that is not empty, the header first."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            for cells in reader:
                if cells:
                    yield reader.line_num, [cell.strip() for cell in cells]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            f"{path}: not a CSV file in UTF-8 ({error}); save it again as 'CSV UTF-8'"
        ) from error


def _cell(cells: dict[str, str], column: str | None) -> str:
    return cells[column] if column else ""


def _labels(cells: dict[str, str], column: str | None) -> tuple[str, ...]:
    names = (name.strip() for name in _cell(cells, column).split(SEPARATOR))
    return tuple(dict.fromkeys(name for name in names if name))
