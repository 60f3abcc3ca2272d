"""What a reader of a data set yields, whatever its layout on disk."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

Encoded = bytes | np.ndarray
"""An image as its file holds it: encoded bytes, or RGB pixels (height, width, 3) uint8."""


@dataclass(frozen=True)
class Box:
    """An object's rectangle, in fractions of the image's width and height."""

    tag: str
    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)  # there may be millions
class Item:
    """One labelled image. ``Reader.load(path, row)`` fetches its pixels.

    Boxes are fractions of the pixels as they are stored; EXIF may turn the picture, and ``ingest``
    turns them with it. ``annotated`` is the size that the annotation speaks of, if it names one.
    """

    key: str  # unique in the data set, stable when the data set grows
    split: str | None  # None: the data set does not say
    path: str
    row: int | None = None
    classes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    captions: tuple[str, ...] | None = None
    boxes: tuple[Box, ...] | None = None
    difficult: tuple[str, ...] | None = None  # tags whose every object is hard to see
    unknown: tuple[str, ...] | None = None  # tags that nobody knows of, whether they are there
    all_tags: tuple[str, ...] | None = None  # what is true, where tags are known to be at fault
    annotated: tuple[int, int] | None = None  # width and height in pixels
    upright: bool = False  # boxes are of the picture as EXIF turns it

    @property
    def left_open(self) -> set[str]:
        """The tags that are neither present nor absent: difficult or unknown."""
        return {*(self.difficult or ()), *(self.unknown or ())} - {*self.tags}


@dataclass(frozen=True)
class Rejection:
    """An item that cannot be used, or a part of one: bad items are data, not crashes."""

    item: str
    reason: str
    detail: str
    split: str | None = None
    lost: bool = True  # False: the item is used, without a part such as one of its boxes
    path: str | None = field(default=None, compare=False)  # its file, where it has one


@dataclass(frozen=True)
class LeftOut:
    """An item that the data set's own protocol does not use, and why."""

    item: str
    reason: str  # short and countable, as of rejections
    path: str


@dataclass(frozen=True)
class Vocabulary:
    """The names that labels may take, in index order."""

    classes: tuple[str, ...]
    tags: tuple[str, ...] = ()
    unseen: frozenset[str] = frozenset()  # tags never labelled in train or val
    far: frozenset[str] | None = None  # tags far from ImageNet's classes; None: nobody looked
    remarks: tuple[str, ...] = field(default=(), compare=False)  # what somebody should look at


class Reader(Protocol):
    """An opened data set."""

    def vocabulary(self) -> Vocabulary:
        """Return every class and tag name, in index order."""
        ...

    def items(self) -> Iterator[Item | Rejection | LeftOut]:
        """Yield the labels of every item, without reading pixels where the layout allows that."""
        ...

    def load(self, path: str, row: int | None) -> Encoded:
        """Return one image.

        Raises:
            OSError: the file cannot be read.
            ValueError: the entry holds no image.
        """
        ...

    def sources(self) -> Iterable[str]:
        """Return the lists, tables and annotations that are read beside the images.

        They are paths relative to the folder of the data set; files of items need not be named.
        """
        ...


class WholeFiles:
    """A reader each of whose images is a file of its own."""

    root: Path

    def file(self, path: str) -> Path:
        """Return where an item's path leads."""
        return self.root / path

    def load(self, path: str, row: int | None) -> Encoded:
        """Return the content of a file."""
        return self.file(path).read_bytes()


@runtime_checkable
class Tabular(Protocol):
    """What a reader of tables can say besides."""

    def unread_columns(self) -> Iterable[str]:
        """Return the columns that nothing is taken from."""
        ...


@dataclass(frozen=True)
class Source:
    """Where a reader reads from."""

    root: Path
    seed: int
