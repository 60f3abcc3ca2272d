"""MS-COCO in the layout of its authors (Lin et al. 2014): instances JSON beside folders of images.

A category is a tag of every image that shows an instance of it. A crowd (``iscrowd``) is a region
of many instances: its category counts as present, its rectangle is no object and is left out. The
captions of an image are those of ``captions_*.json``, where that lies beside the instances.

LVIS and the exports of Roboflow are read by the same code. Deviation: LVIS says of each image which
categories were looked for (``neg_category_ids``); here all others count as absent too.
"""

import filecmp
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipeline_lib.datasets.boxes import BadBox
from pipeline_lib.datasets.coco_annotations import NONE, Annotation
from pipeline_lib.datasets.coco_files import (
    FOLDER,
    INSTANCES,
    ROBOFLOW,
    Part,
    check_places,
    parts,
)
from pipeline_lib.datasets.coco_json import (
    Category,
    Image,
    Instances,
    rank,
    read_captions,
    read_instances,
)
from pipeline_lib.datasets.pixel_boxes import box_of, stored_size
from pipeline_lib.datasets.places import leads_out, lying
from pipeline_lib.datasets.reader import Box, Item, Rejection, Vocabulary, WholeFiles
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset

# COCO's own number of a picture: of 2014 "COCO_train2014_000000000009.jpg", of 2017 without words.
NUMBERED = re.compile(r"(?:COCO_[a-z]+\d{4}_)?(\d{12})\.[A-Za-z]+")


@dataclass(frozen=True)
class CocoReader(WholeFiles):
    """The images that the annotation files list; opening reads none of them."""

    root: Path
    parts: tuple[Part, ...]

    def vocabulary(self) -> Vocabulary:
        """Return the categories as tags, in the order of their ids.

        Raises:
            InputError: an annotation file is damaged, or contradicts another.
        """
        return Vocabulary((), _tags([(part.file, self._read(part)) for part in self.parts]))

    def items(self) -> Iterator[Item | Rejection]:
        """Yield every listed image, also those without any instance, and every odd annotation.

        Raises:
            InputError: as for ``vocabulary``; or a picture is in two files, or all are missing.
        """
        seen: dict[str, tuple[str, str]] = {}
        for part in self.parts:
            found, captions = self._read(part), part.captions(self.root)
            check_places(self.root, part, (image.file for image in found.images))
            texts = {} if captions is None else read_captions(captions)
            for name, reason, detail in found.strange:
                yield Rejection(f"{part.name}/{name}", reason, f"{part.file}: {detail}", part.split)
            for row, image in enumerate(found.images):
                for item in _items(self.root, part, image, found, row, texts.get(image.number, ())):
                    if isinstance(item, Item):
                        self._refuse_twin(item, part, seen)
                    yield item

    def sources(self) -> Iterable[str]:
        """Return the annotation files and their captions."""
        for part in self.parts:
            yield part.file
            captions = part.captions(self.root)
            if captions is not None:
                yield captions.relative_to(self.root).as_posix()

    def _read(self, part: Part) -> Instances:
        return read_instances(self.root / part.file)

    def _refuse_twin(self, item: Item, part: Part, seen: dict[str, tuple[str, str]]) -> None:
        """Refuse a picture that another file lists, as those of 2014 and of 2017 do.

        Numbers that begin anew in every file are no sign of that: the content of the files is.
        """
        number = NUMBERED.fullmatch(PurePosixPath(item.path).name)
        file, path = seen.setdefault(number[1] if number else item.path, (part.file, item.path))
        if file != part.file and _same(self.root / path, self.root / item.path):
            raise InputError(
                f"{self.root} (dataset.path): {part.file} lists the picture {item.path}, which "
                f"{file} lists as {path}; expected every picture in one file, or what is tested on "
                f"has been trained on; move one of the two away, with the other files of its year"
            )


def detect(root: Path) -> bool:
    """Tell whether there is an annotation file."""
    return bool(parts(root))


def open_reader(root: Path, params: Dataset) -> CocoReader:
    """Open the folder that holds ``annotations`` and the folders of images.

    Raises:
        InputError: there is no annotation file.
    """
    found = parts(root)
    if not found:
        raise InputError(
            f"{root} (dataset.path): no {FOLDER}/{INSTANCES}*.json found; set dataset.path to "
            "the folder that holds 'annotations' and the folders of images (train2017, val2017), "
            f"or folders with {ROBOFLOW}"
        )
    return CocoReader(root, found)


def _tags(files: list[tuple[str, Instances]]) -> tuple[str, ...]:
    known: dict[str, Category] = {}
    for file, found in files:
        for category in found.categories:
            other = known.setdefault(category.number, category)
            if other.name != category.name:
                raise InputError(
                    f"{file}: category {category.number} is '{category.name}', but '{other.name}' "
                    "in another file; expected the same categories in all files of a folder"
                )
    used = {name for _, found in files for name in found.used()}
    groups = {category.group for category in known.values()}
    names = dict.fromkeys(category.name for category in sorted(known.values(), key=rank))
    # Roboflow writes the name of a project as a category, of which the others are kinds.
    return tuple(name for name in names if name in used or name not in groups)


def _items(
    root: Path, part: Part, image: Image, found: Instances, row: int, texts: tuple[str, ...]
) -> Iterator[Item | Rejection]:
    """Yield the item of an image, after what is odd in its annotations."""
    key, annotations = f"{part.name}/{image.file}", list(found.of(row))
    if leads_out(image.file):
        key = f"{part.name}/{image.number}"
        yield Rejection(key, "path outside the data set", repr(image.file), part.split)
        return
    path = lying(root, part.places, image.file) or str(PurePosixPath(part.folder, image.file))
    strange = next((a for a in annotations if a.category == NONE), None)
    if strange is not None:
        detail = f"{strange.name}: {strange.fault}"
        yield Rejection(key, "unknown label", detail, part.split, path=path)
        return
    size = image.size or (stored_size(root / path) if annotations else None)
    boxes: list[Box] = []
    for annotation in annotations:
        try:
            boxes.extend(_boxes(annotation, found.categories[annotation.category].name, size))
        except BadBox as error:
            name = f"{key}, {annotation.name}"
            yield Rejection(name, "box without sense", str(error), part.split, lost=False)
    yield Item(
        key=key,
        split=part.split,
        path=path,
        tags=tuple(sorted({found.categories[a.category].name for a in annotations})),
        captions=texts or None,
        boxes=tuple(boxes),
        annotated=image.size if boxes else None,
    )


def _boxes(annotation: Annotation, tag: str, size: tuple[int, int] | None) -> Iterator[Box]:
    """Yield the box of an annotation that has one.

    Raises:
        BadBox: it makes no sense.
    """
    if annotation.fault is not None:
        raise BadBox(annotation.fault)
    if annotation.box is not None and not annotation.crowd and size is not None:
        x, y, w, h = annotation.box
        yield box_of(tag, (x, y, x + w, y + h), size)


def _same(first: Path, second: Path) -> bool:
    """Tell whether two files have the same content; missing ones are rejected elsewhere."""
    if not (os.path.isfile(first) and os.path.isfile(second)):
        return False
    return filecmp.cmp(first, second, shallow=False)
