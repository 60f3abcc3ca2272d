"""COCO's JSON, read as a stream: 450 MB of polygons pass by, a few arrays remain.

Files of LVIS (Gupta et al., CVPR 2019) and of programs that export "COCO" have the same form, but
for what is optional or written otherwise: ids may be text; sizes, boxes and crowd flags may lack.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np

from pipeline_lib.datasets.coco_annotations import NONE, Annotation, Annotations, id_of
from pipeline_lib.datasets.json_entries import Entries, read_entries
from pipeline_lib.datasets.names import clean
from pipeline_lib.datasets.pixel_boxes import size_of
from pipeline_lib.errors import InputError

INSTANCES = "an instances file of COCO with 'images', 'annotations' and 'categories'"
CAPTIONS = "a captions file of COCO with 'annotations'"
Strange = tuple[str, str, str]
"""An entry that leads to no image: its name, a short reason, a detail."""


@dataclass(frozen=True, slots=True)
class Image:
    """One entry of ``images``."""

    number: str  # its id
    file: str
    size: tuple[int, int] | None  # width and height in pixels; None where the file does not say


@dataclass(frozen=True, slots=True)
class Category:
    """One entry of ``categories``."""

    number: str  # its id
    name: str
    group: str  # its supercategory, "" for none


@dataclass(frozen=True)
class Instances:
    """One file, with its annotations sorted by image."""

    images: list[Image]
    categories: tuple[Category, ...]
    strange: tuple[Strange, ...]  # entries that lead to no image
    first: np.ndarray  # (images + 1,): the annotations of image i are order[first[i]:first[i+1]]
    order: np.ndarray  # (annotations,) places in ``annotations``
    annotations: Annotations

    def of(self, row: int) -> Iterator[Annotation]:
        """Yield the annotations of an image, in the order of the file."""
        return self.annotations.at(self.order[self.first[row] : self.first[row + 1]])

    def used(self) -> set[str]:
        """Return the names of the categories that annotations name."""
        return {self.categories[place].name for place in set(self.annotations.category) - {NONE}}


def read_instances(path: Path) -> Instances:
    """Read one file; a second call for an unchanged file costs nothing.

    Raises:
        InputError: it is not JSON, is cut short, or lists no images or no categories.
    """
    status = path.stat()
    return _read(path, status.st_mtime_ns, status.st_size)


def read_captions(path: Path) -> dict[str | None, tuple[str, ...]]:
    """Return the captions of every image of a captions file in its order, by the id of the image.

    Raises:
        InputError: it is not JSON or is cut short.
    """
    return read_entries(path, _captions, CAPTIONS)


@lru_cache(maxsize=4)  # the names and the items are read from the same file
def _read(path: Path, changed: int, size: int) -> Instances:
    return read_entries(path, lambda entries: _instances(path, entries), INSTANCES)


def _instances(path: Path, entries: Entries) -> Instances:
    images, strange = _images(entries)
    categories, nameless = _categories(path, entries)
    if not images or not categories:
        raise _unfit(path, f"{len(images)} images and {len(categories)} categories")
    row_of = {image.number: row for row, image in enumerate(images)}
    if len(row_of) < len(images):
        counts = Counter(image.number for image in images)
        raise _unfit(path, f"two images with the id {counts.most_common(1)[0][0]}")
    place_of: dict[str | None, int] = {c.number: place for place, c in enumerate(categories)}
    annotations, homeless = _annotations(entries, row_of, place_of)
    rows = np.array(annotations.row, np.int32)
    order = rows.argsort(kind="stable")
    first = np.searchsorted(rows[order], np.arange(len(images) + 1))
    return Instances(
        images, categories, (*strange, *nameless, *homeless), first, order, annotations
    )


def _images(entries: Entries) -> tuple[list[Image], list[Strange]]:
    found, strange = [], []
    for place, entry in enumerate(entries("images")):
        number = id_of(entry.get("id")) if isinstance(entry, dict) else None
        if number is None:
            strange.append((f"images[{place}]", "unusable entry", "an image without an id"))
        else:
            size = size_of(entry.get("width"), entry.get("height"))
            found.append(Image(number, _file(entry), size))
    return found, strange


def _file(entry: dict[str, Any]) -> str:
    """Return the file of an image; LVIS says it in the address: …/train2017/000000391895.jpg."""
    name = entry.get("file_name")
    if isinstance(name, str) and name and "://" not in name:
        return name
    address = name or entry.get("coco_url")
    path = unquote(urlsplit(address).path) if isinstance(address, str) else ""
    return "/".join(path.split("/")[-2:]).lstrip("/")


def _categories(path: Path, entries: Entries) -> tuple[tuple[Category, ...], list[Strange]]:
    """Return the categories in the order of their ids, numbers first."""
    found: dict[str, Category] = {}
    strange = []
    for place, entry in enumerate(entries("categories")):
        known = entry if isinstance(entry, dict) else {}
        number, name = id_of(known.get("id")), clean(id_of(known.get("name")) or "")
        if number is None or not name:
            strange.append((f"categories[{place}]", "unusable entry", "without an id or a name"))
            continue
        category = Category(number, name, clean(str(known.get("supercategory") or "")))
        if found.setdefault(number, category).name != name:
            raise _unfit(path, f"category {number} called '{found[number].name}' and '{name}'")
    return tuple(sorted(found.values(), key=rank)), strange


def rank(category: Category) -> tuple[bool, int, str]:
    """Return what puts categories into the order of their ids, numbers first."""
    number = category.number
    is_number = number.isdecimal() and number.isascii()
    return not is_number, int(number) if is_number else 0, number


def _annotations(
    entries: Entries, row_of: dict[str, int], place_of: dict[str | None, int]
) -> tuple[Annotations, list[Strange]]:
    """Return the annotations of listed images, and what is annotated but not listed."""
    found, homeless = Annotations(), Counter[str]()
    first: dict[str, Any] = {}
    for place, entry in enumerate(entries("annotations")):
        number = id_of(entry.get("image_id")) if isinstance(entry, dict) else None
        row = None if number is None else row_of.get(number)
        if row is None:
            name = "no image" if number is None else f"image {number}"
            homeless[name] += 1
            first.setdefault(name, entry.get("id") if isinstance(entry, dict) else entry)
        else:
            found.add(entry, place, row, place_of)
    return found, [
        (name, "annotated but not listed", f"{count} annotations, first {str(first[name])[:40]}")
        for name, count in homeless.items()
    ]


def _captions(entries: Entries) -> dict[str | None, tuple[str, ...]]:
    found = defaultdict[str | None, list[str]](list)
    for entry in entries("annotations"):
        if isinstance(entry, dict) and isinstance(entry.get("caption"), str):
            text = clean(entry["caption"])
            if text:
                found[id_of(entry.get("image_id"))].append(text)
    return {number: tuple(texts) for number, texts in found.items()}


def _unfit(path: Path, found: str) -> InputError:
    return InputError(f"{path}: {found}; expected {INSTANCES}; unpack or download it again")
