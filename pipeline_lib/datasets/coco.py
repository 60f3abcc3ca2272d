"""MS-COCO in the layout of its authors (Lin et al. 2014): instances JSON beside folders of images.

A category is a tag of every image that shows an instance of it. A crowd (``iscrowd``) is a region
of many instances: its category counts as present, its rectangle is no object and is left out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipeline_lib.artifacts.samples import TEST, VAL
from pipeline_lib.datasets.coco_json import Image, Instances, read_instances
from pipeline_lib.datasets.reader import Box, Encoded, Item, Rejection, Vocabulary
from pipeline_lib.datasets.splits import split_of_file
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset

ANNOTATIONS = "annotations"
PREFIX = "instances_"


@dataclass(frozen=True)
class Part:
    """One annotation file and the folder of its images, e.g. ``train2017``."""

    name: str
    folder: str  # below the root
    split: str | None


@dataclass(frozen=True)
class CocoReader:
    """The images that the annotation files list."""

    root: Path
    parts: tuple[Part, ...]
    names: Vocabulary

    def vocabulary(self) -> Vocabulary:
        """Return the categories as tags, in the order of their ids."""
        return self.names

    def items(self) -> Iterator[Item | Rejection]:
        """Yield every listed image, also those without any instance."""
        for part in self.parts:
            found = read_instances(_file(self.root, part.name))
            for row, image in enumerate(found.images):
                yield _item(part, image, row, found)

    def load(self, path: str, row: int | None) -> Encoded:
        """Return the content of a file."""
        return (self.root / path).read_bytes()

    def sources(self) -> Iterable[str]:
        """Return the annotation files."""
        return tuple(_file(Path(), part.name).as_posix() for part in self.parts)


def detect(root: Path) -> bool:
    """Tell whether there is an annotation file."""
    return bool(_part_names(root))


def open_reader(root: Path, params: Dataset) -> CocoReader:
    """Open the folder that holds ``annotations`` and the folders of images.

    Raises:
        InputError: an annotation file or a folder of images is missing, is damaged or contradicts
            another.
    """
    names = _part_names(root)
    if not names:
        raise InputError(
            f"{root} (dataset.path): no {ANNOTATIONS}/{PREFIX}*.json found; set dataset.path to "
            "the folder that holds 'annotations' and the folders of images (train2017, val2017)"
        )
    categories: dict[int, str] = {}
    for name in names:
        path = _file(root, name)
        for number, category in read_instances(path).categories.items():
            if categories.setdefault(number, category) != category:
                raise InputError(
                    f"{path}: category {number} is '{category}', but '{categories[number]}' in "
                    "another file; expected the same categories in all files of a folder"
                )
    tags = tuple(dict.fromkeys(name for _, name in sorted(categories.items())))
    return CocoReader(root, _parts(root, names), Vocabulary((), tags))


def _part_names(root: Path) -> list[str]:
    files = (root / ANNOTATIONS).glob(f"{PREFIX}*.json")
    return sorted(path.stem.removeprefix(PREFIX) for path in files)


def _file(root: Path, part: str) -> Path:
    return root / ANNOTATIONS / f"{PREFIX}{part}.json"


def _parts(root: Path, names: list[str]) -> tuple[Part, ...]:
    """Return the parts; without published test labels, as in COCO itself, ``val`` is tested on."""
    splits = {name: split_of_file(name) for name in names}
    if TEST not in splits.values():
        splits = {name: TEST if split == VAL else split for name, split in splits.items()}
    return tuple(Part(name, _folder(root, name), splits[name]) for name in names)


def _folder(root: Path, part: str) -> str:
    places = [part, f"images/{part}", "images"]
    for place in places:
        if (root / place).is_dir():
            return place
    raise InputError(
        f"{root} (dataset.path): no folder of images for {PREFIX}{part}.json, expected one of "
        f"{', '.join(places)}; unpack the images, or move the annotation file away"
    )


def _item(part: Part, image: Image, row: int, found: Instances) -> Item | Rejection:
    key, path = f"{part.name}/{image.file}", PurePosixPath(image.file)
    if not image.file or path.is_absolute() or ".." in path.parts:
        key = f"{part.name}/{image.number}"
        return Rejection(key, "path outside the data set", image.file, part.split)
    if min(image.width, image.height) < 1:
        detail = f"{image.width} x {image.height}, expected pixels"
        return Rejection(key, "bad image size", detail, part.split)
    tags, boxes = set(), []
    for category, box, crowd in found.of(row):
        name = found.categories.get(category)
        if name is None:
            return Rejection(key, "unknown label", f"category {category}", part.split)
        tags.add(name)
        if not crowd:
            boxes.append(_box(name, box, image))
    return Item(
        key=key,
        split=part.split,
        path=f"{part.folder}/{image.file}",
        tags=tuple(sorted(tags)),
        boxes=tuple(boxes),
    )


def _box(tag: str, box: tuple[float, ...], image: Image) -> Box:
    """Return a rectangle (x, y, width, height in pixels) in fractions, cut at the image's edge."""
    x, y, w, h = box
    left, right = (min(max(v / image.width, 0.0), 1.0) for v in (x, x + w))
    top, bottom = (min(max(v / image.height, 0.0), 1.0) for v in (y, y + h))
    return Box(tag, left, top, max(right - left, 0.0), max(bottom - top, 0.0))
