"""Where pictures lie that nobody ingested: files, a folder, or rows of Parquet."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipeline_lib.datasets import parquet, parquet_layout
from pipeline_lib.datasets.columns import AUTO
from pipeline_lib.datasets.files import is_system, visible_images, walk
from pipeline_lib.datasets.label_names import doubled
from pipeline_lib.datasets.names import writable
from pipeline_lib.datasets.parquet import ParquetReader
from pipeline_lib.datasets.reader import Encoded, Item, LeftOut, Rejection
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Columns

State = tuple[int, int]  # bytes and time of change, ns: whether a file is the one that it was


class Pictures(Protocol):
    """Pictures in an order of their own, each with an id."""

    def __len__(self) -> int:
        """Return how many there are."""
        ...

    def items(self) -> Iterator[Item | Rejection]:
        """Yield every picture, or why it cannot be one."""
        ...

    def load(self, path: str, row: int | None) -> Encoded:
        """Return one, as a reader of a data set does."""
        ...

    def state(self, path: str) -> State:
        """Return what changes when a file does; (0, 0) where there is none."""
        ...

    def left_out(self) -> int:
        """Return how many files are no pictures by their names, and not the system's own."""
        ...


@dataclass(frozen=True)
class Files:
    """Image files in an order; their ids are their paths below ``root``."""

    root: Path
    paths: Iterable[str]  # walked whenever they are asked for: there may be millions
    count: int
    others: int = 0

    def __len__(self) -> int:
        return self.count

    def items(self) -> Iterator[Item | Rejection]:
        """Yield the files in order."""
        for path in self.paths:
            name = writable(path)
            bad = Rejection(name, "file name is not UTF-8", "rename the file", path=path)
            yield Item(path, None, path) if name == path else bad

    def load(self, path: str, row: int | None) -> Encoded:
        """Return the content of a file."""
        return (self.root / path).read_bytes()

    def state(self, path: str) -> State:
        """Return the size and the time of change of a file."""
        return _state(self.root / path)

    def left_out(self) -> int:
        """Return how many files in the folder are no pictures."""
        return self.others


@dataclass(frozen=True)
class _Visible:
    """The image files below a folder, walked anew each time."""

    root: Path

    def __iter__(self) -> Iterator[str]:
        return visible_images(self.root)


@dataclass(frozen=True)
class Rows:
    """Pictures in Parquet or Arrow files; their ids are in a column, or FILE:ROW."""

    reader: ParquetReader

    def __len__(self) -> int:
        return sum(part.file.bounds[-1] for part in self.reader.parts.values())

    def items(self) -> Iterator[Item | Rejection]:
        """Yield the rows in order."""
        yield from (item for item in self.reader.items() if not isinstance(item, LeftOut))

    def load(self, path: str, row: int | None) -> Encoded:
        """Return the picture of a row."""
        return self.reader.load(path, row)

    def state(self, path: str) -> State:
        """Return the size and the time of change of a file of rows."""
        return _state(self.reader.folder / path)

    def left_out(self) -> int:
        """Return 0: which files hold rows, the layout says."""
        return 0


def find_pictures(
    paths: Sequence[str], *, id_column: str = AUTO, image_column: str = AUTO
) -> Pictures:
    """Find the pictures that a user means: some files, one folder, or one set of Parquet files.

    Args:
        paths: as they were typed.
        id_column: of Parquet; "auto" finds the usual names, "" is none.
        image_column: likewise.

    Raises:
        InputError: something is not there or is named twice, several folders are named, or Parquet
            holds no pictures.
    """
    found = [Path(path) for path in paths]
    for path in found:
        if not path.exists():
            raise InputError(f"{path}: no such file or folder; expected pictures to recognise")
    if len(found) == 1 and parquet_layout.detect(found[0]):
        return Rows(parquet.open_rows(found[0], _columns(id_column, image_column)))
    if (id_column, image_column) != (AUTO, AUTO):
        raise InputError(
            f"{found[0]}: columns are named, expected Parquet that has some; name a Parquet file "
            "or a folder of them, or leave the columns out"
        )
    if len(found) == 1 and found[0].is_dir():
        return _folder(found[0])
    return _files(found, paths)


def _folder(root: Path) -> Files:
    paths = _Visible(root)
    count = sum(1 for _ in paths)
    seen = sum(not any(map(is_system, path.split("/"))) for path in walk(root))
    if not count:
        raise InputError(
            f"{root}: no picture found here or below, among {seen} files; expected files with an "
            "extension such as .jpg or .png, or Parquet"
        )
    return Files(root, paths, count, seen - count)


def _files(found: Sequence[Path], paths: Sequence[str]) -> Files:
    wrong = next((path for path in found if path.is_dir() or parquet_layout.detect(path)), None)
    if wrong is not None:
        raise InputError(
            f"{wrong}: stands beside other paths, expected pictures alone, or one folder, or one "
            "set of Parquet files; predict each into a table of its own"
        )
    twice = doubled(paths)
    if twice:
        raise InputError(
            f"{twice[0]}: is named twice, expected every picture once; leave one of them out"
        )
    return Files(Path(), paths, len(paths))


def _columns(id_column: str, image_column: str) -> Columns:
    none = dict.fromkeys(("split", "classes", "tags", "caption", "boxes", "box_tags"), "")
    return Columns(id=id_column, image=image_column, separator=AUTO, **none)


def _state(path: Path) -> State:
    try:
        found = path.stat()
    except OSError:  # what is wrong with it shows when it is read
        return 0, 0
    return found.st_size, found.st_mtime_ns
