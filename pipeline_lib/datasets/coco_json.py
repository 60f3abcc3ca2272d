"""COCO's instances JSON, read as a stream: 450 MB of polygons pass by, a few arrays remain."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import ijson
import numpy as np

from pipeline_lib.errors import InputError


@dataclass(frozen=True)
class Image:
    """One entry of ``images``."""

    number: int
    file: str
    width: int  # pixels
    height: int


@dataclass(frozen=True)
class Instances:
    """One file, with its annotations sorted by image."""

    images: list[Image]
    categories: dict[int, str]
    first: np.ndarray  # (images + 1,): the annotations of image i are first[i] … first[i+1]-1
    category: np.ndarray  # (annotations,) int64
    boxes: np.ndarray  # (annotations, 4) float64: x, y, width, height in pixels
    crowd: np.ndarray  # (annotations,) bool

    def of(self, row: int) -> Iterator[tuple[int, tuple[float, ...], bool]]:
        """Yield category id, rectangle and crowd flag of each annotation of an image."""
        for place in range(self.first[row], self.first[row + 1]):
            box = tuple(self.boxes[place].tolist())
            yield int(self.category[place]), box, bool(self.crowd[place])


def read_instances(path: Path) -> Instances:
    """Read one file; a second call for an unchanged file costs nothing.

    Raises:
        InputError: it is not JSON, is cut short, or lacks something.
    """
    status = path.stat()
    return _read(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4)  # the names and the items are read from the same file
def _read(path: Path, changed: int, size: int) -> Instances:
    numbers, flags = array("q"), array("b")  # image and category of each annotation; crowd
    boxes = array("d")
    try:
        images = [_image(entry) for entry in _entries(path, "images")]
        categories = {int(e["id"]): str(e["name"]) for e in _entries(path, "categories")}
        for entry in _entries(path, "annotations"):
            numbers.extend((int(entry["image_id"]), int(entry["category_id"])))
            boxes.extend(_four(entry["bbox"]))
            flags.append(bool(entry.get("iscrowd", 0)))
    except ijson.JSONError as error:
        raise _unfit(path, f"not complete JSON ({' '.join(str(error).split())})") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unfit(path, f"an entry lacks or garbles {error}") from error
    if not images or not categories:
        raise _unfit(path, f"{len(images)} images and {len(categories)} categories")
    return _sorted(path, images, categories, numbers, boxes, flags)


def _entries(path: Path, section: str) -> Iterator[dict[str, Any]]:
    """Yield the entries of one section; a pass for each, because their order is not fixed."""
    with path.open("rb") as file:
        yield from ijson.items(file, f"{section}.item", use_float=True)


def _image(entry: dict[str, Any]) -> Image:
    width, height = int(entry.get("width") or 0), int(entry.get("height") or 0)
    return Image(int(entry["id"]), str(entry["file_name"]), width, height)


def _four(box: Any) -> list[float]:
    x, y, w, h = (float(value) for value in box)
    return [x, y, w, h]


def _sorted(
    path: Path,
    images: list[Image],
    categories: dict[int, str],
    numbers: "array[int]",
    boxes: "array[float]",
    flags: "array[int]",
) -> Instances:
    """Sort the annotations by image; those of one image keep their order."""
    of, category = np.frombuffer(numbers, np.int64).reshape(-1, 2).T if numbers else (_NO, _NO)
    row_of = {image.number: row for row, image in enumerate(images)}
    if len(row_of) < len(images):
        raise _unfit(path, f"{len(images)} images with only {len(row_of)} different ids")
    strange = sorted(set(np.unique(of).tolist()) - row_of.keys())
    if strange:
        raise _unfit(path, f"annotations of image {strange[0]}, which 'images' does not list")
    rows = np.array([row_of[number] for number in of.tolist()], np.int64)
    order = rows.argsort(kind="stable")
    return Instances(
        images=images,
        categories=categories,
        first=np.searchsorted(rows[order], np.arange(len(images) + 1)),
        category=category[order],
        boxes=np.frombuffer(boxes, np.float64).reshape(-1, 4)[order] if numbers else _NO_BOXES,
        crowd=np.frombuffer(flags, np.int8)[order].astype(bool) if numbers else _NO.astype(bool),
    )


def _unfit(path: Path, found: str) -> InputError:
    return InputError(
        f"{path}: {found}; expected an instances file of COCO with 'images', 'annotations' and "
        "'categories'; unpack or download it again"
    )


_NO = np.zeros(0, np.int64)
_NO_BOXES = np.zeros((0, 4))
