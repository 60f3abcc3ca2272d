"""PASCAL VOC in the layout of its authors (Everingham et al. 2010), one year or several.

An object's name is a tag of its image. The flag ``difficult`` marks objects that are hard to see:
a category that an image shows only so is kept in ``difficult``, outside the tags, and evaluation
decides what it counts for. An object whose box makes no sense is a tag all the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from pipeline_lib.artifacts.samples import TEST, TRAIN
from pipeline_lib.datasets.boxes import BadBox
from pipeline_lib.datasets.pixel_boxes import box_of, stored_size
from pipeline_lib.datasets.places import leads_out
from pipeline_lib.datasets.reader import Box, Item, LeftOut, Rejection, Vocabulary, WholeFiles
from pipeline_lib.datasets.voc_files import (
    ANNOTATIONS,
    LISTS,
    NAMES,
    UNLISTED,
    Year,
    has_list,
    is_year,
)
from pipeline_lib.datasets.voc_xml import Annotation, BadAnnotation, read_annotation
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset

EVALUATION = "test"
VALIDATION = "val"
UNPUBLISHED = "annotation not published"


@dataclass(frozen=True)
class VocReader(WholeFiles):
    """The images that the lists of the given years name; opening reads no annotation."""

    root: Path
    years: tuple[str, ...]  # folders below root; "" where root is the folder of one year

    def __reduce__(self) -> tuple[type["VocReader"], tuple[Path, tuple[str, ...]]]:
        """Leave behind what was read: who gets a copy opens pictures only."""
        return VocReader, (self.root, self.years)

    def vocabulary(self) -> Vocabulary:
        """Return the names of all annotated objects as tags, sorted.

        Raises:
            InputError: none of the listed images is annotated.
        """
        items = [item for item in self._read if isinstance(item, Item)]
        found = {name for item in items for name in (*item.tags, *(item.difficult or ()))}
        if not found:
            raise InputError(
                f"{self.root} (dataset.path): no annotated object found, expected "
                f"{ANNOTATIONS}/<image>.xml for the images that {LISTS}/*.txt list; unpack the "
                "annotations too"
            )
        return Vocabulary((), tuple(sorted(found)))

    def items(self) -> Iterator[Item | Rejection | LeftOut]:
        """Yield the listed images, year by year, in the order of their names."""
        yield from self._read

    def sources(self) -> Iterable[str]:
        """Return the lists, and the annotations of listed images."""
        for year, files in self._files.items():
            folder = Path(year)
            lists = (f"{LISTS}/{name}.txt" for name in NAMES if has_list(files.folder, name))
            yield from ((folder / name).as_posix() for name in lists)
            listed = dict.fromkeys(image for images in files.lists().values() for image in images)
            paths = (files.annotations[image] for image in listed if image in files.annotations)
            yield from ((folder / path).as_posix() for path in paths)

    @cached_property
    def _files(self) -> dict[str, Year]:
        return {year: Year.of(self.root / year) for year in self.years}

    @cached_property
    def _read(self) -> tuple[Item | Rejection | LeftOut, ...]:
        items = (
            item
            for year, image, split in _listed(self._files)
            for item in _items(self._files[year], year, image, split)
        )
        return (*items, *(item for year in self.years for item in _secret(self._files[year], year)))


def detect(root: Path) -> bool:
    """Tell whether ``root`` holds a year's ``ImageSets/Main``, or folders that do."""
    return bool(_years(root))


def open_reader(root: Path, params: Dataset) -> VocReader:
    """Open a devkit (``VOC2007``, ``VOC2012``, …) or the folder of one year.

    Raises:
        InputError: there are no lists.
    """
    years = _years(root)
    if not years:
        raise InputError(
            f"{root} (dataset.path): no {LISTS}/*.txt found here or one folder below; expected "
            "VOCdevkit or one of its years, with Annotations and JPEGImages, and ImageSets"
        )
    return VocReader(root, years)


def _years(root: Path) -> tuple[str, ...]:
    if not root.is_dir():
        return ()
    if is_year(root):
        return ("",)
    return tuple(sorted(path.name for path in root.iterdir() if path.is_dir() and is_year(path)))


def _listed(years: dict[str, Year]) -> Iterator[tuple[str, str, str | None]]:
    """Yield year, image and split.

    Where a test set is annotated, everything else is for training, as its authors mean it. The
    later years keep their test labels to themselves: there ``val`` is tested on. Images of a year
    without lists have no split.
    """
    lists = {year: files.lists() for year, files in years.items()}
    tested = any(EVALUATION in found for found in lists.values())
    for year, found in lists.items():
        evaluation = set(found.get(EVALUATION if tested else VALIDATION, ()))
        listed = None if UNLISTED in found else TRAIN
        for image in sorted({image for images in found.values() for image in images}):
            yield year, image, TEST if image in evaluation else listed


def _secret(files: Year, year: str) -> Iterator[LeftOut]:
    """Yield the images whose annotations are not published, where they lie."""
    named = year or files.folder.resolve().name
    for image in files.unpublished():
        for path in files.pictures.get(image, ()):
            yield LeftOut(f"{named}/{image}", UNPUBLISHED, (Path(year) / path).as_posix())


def _items(files: Year, year: str, image: str, split: str | None) -> Iterator[Item | Rejection]:
    """Yield the item of an image, after what is odd in its annotation."""
    key = f"{year or files.folder.resolve().name}/{image}"
    if leads_out(image):
        yield Rejection(key, "path outside the data set", repr(image), split)
        return
    place = files.annotations.get(image, f"{ANNOTATIONS}/{image}.xml")
    try:
        annotation = read_annotation(files.folder / place)
    except FileNotFoundError:
        path = (Path(year) / files.picture(image)).as_posix()
        yield Rejection(key, "missing annotation", place, split, path=path)
    except BadAnnotation as error:
        path = (Path(year) / files.picture(image)).as_posix()
        yield Rejection(key, "unreadable annotation", f"{place}: {error}", split, path=path)
    else:
        picture = files.picture(image, annotation.file)
        size = annotation.size or stored_size(files.folder / picture)
        item = Item(key, split, (Path(year) / picture).as_posix())
        yield from _judged(item, annotation, size)


def _judged(
    item: Item, annotation: Annotation, size: tuple[int, int] | None
) -> Iterator[Item | Rejection]:
    boxes: list[Box] = []
    for place, thing in enumerate(annotation.things):
        try:
            if thing.fault is not None:
                raise BadBox(thing.fault)
            if thing.edges is not None and size is not None and not thing.difficult:
                boxes.append(box_of(thing.name, thing.edges, size))
        except BadBox as error:
            name = f"{item.key}, object {place + 1} ({thing.name})"
            yield Rejection(name, "box without sense", str(error), item.split, lost=False)
    tags = {thing.name for thing in annotation.things if not thing.difficult}
    difficult = {thing.name for thing in annotation.things} - tags
    yield replace(
        item,
        tags=tuple(sorted(tags)),
        boxes=tuple(boxes),
        difficult=tuple(sorted(difficult)),
        annotated=annotation.size if boxes else None,
    )
