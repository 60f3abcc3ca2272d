"""Image files in folders: ``root/<split>/<class>/…`` or ``root/<class>/…``, or listed in a CSV."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipeline_lib.datasets import labels_csv
from pipeline_lib.datasets.files import extensions, is_image, is_system, walk
from pipeline_lib.datasets.reader import Encoded, Item, Reader, Rejection, Vocabulary
from pipeline_lib.datasets.splits import is_split, split_name
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset


@dataclass(frozen=True)
class FolderReader:
    """Every image file below a class folder, by path."""

    root: Path
    has_splits: bool  # the first level of folders holds splits, the second classes
    classes: tuple[str, ...]

    def vocabulary(self) -> Vocabulary:
        """Return the names of the class folders that hold an image, sorted."""
        return Vocabulary(self.classes)

    def items(self) -> Iterator[Item | Rejection]:
        """Yield the image files in the order of their paths."""
        for path in _images(self.root):
            yield self._item(path)

    def load(self, path: str, row: int | None) -> Encoded:
        """Return the content of a file."""
        return (self.root / path).read_bytes()

    def sources(self) -> Iterable[str]:
        """Return nothing: the folders say it all."""
        return ()

    def _item(self, path: PurePosixPath) -> Item | Rejection:
        key, level = str(path), int(self.has_splits)
        if not _is_text(key):
            name = key.encode("utf-8", "backslashreplace").decode()
            return Rejection(name, "file name is not UTF-8", "rename the file", path=key)
        if len(path.parts) < level + 2:
            detail = "expected <split>/<class>/ or <class>/ above it"
            return Rejection(key, "outside a class folder", detail, path=key)
        split = split_name(path.parts[0]) if self.has_splits else None
        return Item(key, split, key, classes=(path.parts[level],))


def detect(root: Path) -> bool:
    """Tell whether there is a list of images, or an image in a folder below ``root``."""
    return labels_csv.detect(root) or any(len(path.parts) > 1 for path in _images(root))


def open_reader(root: Path, params: Dataset) -> Reader:
    """Open a folder of images, listed in ``labels.csv`` where there is one.

    Raises:
        InputError: there is no image, or some folders are splits and others are not.
    """
    if labels_csv.detect(root):
        return labels_csv.open_reader(root, params)
    folders = {path.parts[:-1][:2] for path in _images(root) if _is_text(str(path))} - {()}
    if not folders:
        raise InputError(
            f"{root} (dataset.path): no image found in its folders; expected <class>/*.jpg, "
            f"<split>/<class>/*.jpg or {labels_csv.NAME}; known extensions: {sorted(extensions())}"
        )
    level = int(_has_splits(root, {folder[0] for folder in folders}))
    classes = sorted({folder[level] for folder in folders if len(folder) > level})
    return FolderReader(root, bool(level), tuple(classes))


def _has_splits(root: Path, folders: set[str]) -> bool:
    """Tell splits from classes by name: one class of vehicles may well be called ``train``."""
    splits = {folder for folder in folders if is_split(folder)}
    others = sorted(folders - splits)
    if len(splits) > 1 and others:
        raise InputError(
            f"{root} (dataset.path): folders {sorted(splits)} are splits, but '{others[0]}' beside "
            f"them is none; move it away, or list the images in {labels_csv.NAME}"
        )
    return not others


def _images(root: Path) -> Iterator[PurePosixPath]:
    """Yield the visible image files below ``root``, in the order of their folders and names."""
    for name in walk(root):
        path = PurePosixPath(name)
        if not any(map(is_system, path.parts)) and is_image(root / path):
            yield path


def _is_text(name: str) -> bool:
    """Tell whether a file name can be written down; Linux allows any bytes."""
    return not any("\ud800" <= character <= "\udfff" for character in name)
