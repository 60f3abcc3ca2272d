"""Image files in folders: ``root/<split>/<class>/…`` or ``root/<class>/…``, or listed in a table.

A table that says nothing of classes adds its tags and captions to the classes of the folders.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from pipeline_lib.datasets import hints, labels_csv
from pipeline_lib.datasets.columns import AUTO
from pipeline_lib.datasets.files import extensions, visible_images
from pipeline_lib.datasets.folder_layout import Folders, read_folders
from pipeline_lib.datasets.labels_csv import LabelTable
from pipeline_lib.datasets.reader import Item, Reader, Rejection, Vocabulary, WholeFiles
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset

NAME = "image_folder"  # the value of dataset.format


@dataclass(frozen=True)
class FolderReader(WholeFiles):
    """Every image file below a class folder, by path."""

    root: Path
    folders: Folders
    tables: tuple[LabelTable, ...]  # of tags and captions
    names: Vocabulary

    def vocabulary(self) -> Vocabulary:
        """Return the names of the class folders that hold an image, sorted, and those of tags."""
        return self.names

    def items(self) -> Iterator[Item | Rejection]:
        """Yield the image files in the order of their paths, then rows of tables without a file."""
        rows, rejections = _listed(self.root, self.tables)
        for path in _images(self.root):
            yield self._item(path, rows.pop(str(path), None))
        yield from rejections
        for name in rows:  # there, and by its name no image that can be seen
            yield Rejection(name, "not an image", "its name is not that of an image", path=name)

    def sources(self) -> Iterable[str]:
        """Return the tables."""
        return tuple(table.name for table in self.tables)

    def _item(self, path: PurePosixPath, listed: Item | None) -> Item | Rejection:
        key = str(path)
        if not _is_text(key):
            name = key.encode("utf-8", "backslashreplace").decode()
            return Rejection(name, "file name is not UTF-8", "rename the file", path=key)
        place = self.folders.place(path)
        if place is None:
            detail = "expected <split>/<class>/ or <class>/ above it"
            return Rejection(key, "outside a class folder", detail, path=key)
        split, name = place
        if listed is None:
            return Item(key, split, key, classes=(name,))
        return replace(listed, split=listed.split or split, classes=(name,))


def detect(root: Path) -> bool:
    """Tell whether there is a list of images, or an image in a folder below ``root``."""
    return labels_csv.detect(root) or any(len(path.parts) > 1 for path in _images(root))


def open_reader(root: Path, params: Dataset) -> Reader:
    """Open a folder of images, with what a table beside them says.

    Raises:
        InputError: there is no image, the folders are neither splits nor classes, or a table is at
            fault.
    """
    tables = [labels_csv.open_table(root, name, params) for name in labels_csv.find(root)]
    if any(table.columns.classes for table in tables):
        return labels_csv.open_reader(root, tables)
    if not tables and (known := hints.of_images(root)):
        raise InputError(f"{root} (dataset.path): {known}")
    images = [path for path in _images(root) if _is_text(str(path))]
    if tables and (params.columns.classes != "auto" or not _has_classes(root, images)):
        return labels_csv.open_reader(root, tables)
    if not tables and params.format == NAME and (named := named_columns(params)):
        raise InputError(
            f"{root} (dataset.path): {', '.join(sorted(named))} name columns, and no table lies "
            f"beside the images; put {labels_csv.NAME} there, or set them to auto"
        )
    if not any(len(path.parts) > 1 for path in images):
        raise InputError(
            f"{root} (dataset.path): no image found in its folders; expected <class>/*.jpg, "
            f"<split>/<class>/*.jpg or {labels_csv.NAME}; known extensions: {sorted(extensions())}"
        )
    folders = read_folders(root, images)
    classes = {place[1] for place in map(folders.place, images) if place}
    beside = [name for name in hints.names_in(root) if "/" not in name]
    if len(classes) == 1 and not tables and (told := hints.of_tables(beside)):
        raise InputError(
            f"{root} (dataset.path): the only class folder is '{min(classes)}', expected several; "
            f"{told}"
        )
    tags = {name for item in _listed(root, tables)[0].values() for name in item.tags}
    names = Vocabulary(
        tuple(sorted(classes)),
        tuple(sorted(tags)),
        remarks=(*labels_csv.remarks_of(tables), *_beside(root, images, tables)),
    )
    return FolderReader(root, folders, tuple(tables), names)


def named_columns(params: Dataset) -> set[str]:
    """Return the keys of ``dataset`` that say something of the columns of a table."""
    return {f"columns.{key}" for key, said in params.columns.model_dump().items() if said != AUTO}


def _has_classes(root: Path, images: Iterable[PurePosixPath]) -> bool:
    """Tell whether folders part the images into classes; one folder around all does not."""
    images = [path for path in images if len(path.parts) > 1]
    if len({path.parts[0] for path in images}) < 2:
        return False
    folders = read_folders(root, images)
    return len({place[1] for place in map(folders.place, images) if place}) > 1


def _listed(root: Path, tables: Iterable[LabelTable]) -> tuple[dict[str, Item], list[Rejection]]:
    """Return what tables say of images, by path, and the rows that say nothing."""
    items: dict[str, Item] = {}
    rejections: list[Rejection] = []
    for table in tables:
        for where, cells in table.rows(root):
            found = cells if isinstance(cells, Rejection) else table.item(root, where, cells)
            if isinstance(found, Item) and found.path in items:
                found = Rejection(found.path, "duplicate key", f"listed again in {where}")
            if isinstance(found, Rejection):
                rejections.append(found)
            else:
                items[found.path] = found
    return items, rejections


def _beside(
    root: Path, images: Iterable[PurePosixPath], tables: Iterable[LabelTable]
) -> tuple[str, ...]:
    rows, _ = _listed(root, tables)
    bare = sum(str(path) not in rows for path in images)
    names = ", ".join(table.name for table in tables)
    return (f"{names}: does not list {bare} of the images, which carry no tag",) * bool(
        rows and bare
    )


def _images(root: Path) -> Iterator[PurePosixPath]:
    """Yield the visible image files below ``root``, in the order of their folders and names."""
    yield from map(PurePosixPath, visible_images(root))


def _is_text(name: str) -> bool:
    """Tell whether a file name can be written down; Linux allows any bytes."""
    return not any("\ud800" <= character <= "\udfff" for character in name)
