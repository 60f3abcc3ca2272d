"""YOLO's layout: a text file of boxes for every image, as Ultralytics and Roboflow lay them out.

The labels of ``images/train/1.jpg`` are in ``labels/train/1.txt``, of ``train/images/1.jpg`` in
``train/labels/1.txt``: the number of a class, then the box (centre, width, height) or the corners
of a polygon, in fractions of the picture as it is shown. ``data.yaml`` names the classes, which are
tags here. An image without such a file shows none of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path, PurePosixPath

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pipeline_lib.datasets.files import visible_images
from pipeline_lib.datasets.names import clean
from pipeline_lib.datasets.reader import Box, Item, Rejection, Vocabulary, WholeFiles
from pipeline_lib.datasets.splits import is_split, split_name
from pipeline_lib.datasets.text_lists import read_lines, read_text
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset

IMAGES, LABELS = "images", "labels"
NAMES = "names"  # the key of data.yaml
KEYPOINTS = "kpt_shape"  # that of data sets of poses


@dataclass(frozen=True)
class YoloReader(WholeFiles):
    """The images below folders called ``images``."""

    root: Path
    config: str  # the file of the names
    names: dict[int, str]
    keypoints: bool  # follow the box in every line

    def vocabulary(self) -> Vocabulary:
        """Return the names as tags, in the order of their numbers."""
        return Vocabulary((), tuple(dict.fromkeys(name for _, name in sorted(self.names.items()))))

    def items(self) -> Iterator[Item | Rejection]:
        """Yield the images in the order of their paths."""
        for path in _images(self.root):
            yield from self._judged(path)

    def sources(self) -> Iterable[str]:
        """Return the file of the names and those of the boxes."""
        yield self.config
        labels = (str(_label(path)) for path in _images(self.root))
        yield from (path for path in labels if (self.root / path).is_file())

    def _judged(self, path: PurePosixPath) -> Iterator[Item | Rejection]:
        """Yield the item of an image, after the boxes that make no sense."""
        split = next((split_name(part) for part in path.parts[:-1] if is_split(part)), None)
        label = self.root / _label(path)
        try:
            found = list(self._boxes(label)) if label.is_file() else []
        except KeyError as error:
            detail = f"{_label(path)}: class {error} is not among the names of {self.config}"
            yield Rejection(str(path), "unknown label", detail, split, path=str(path))
            return
        except (ValueError, InputError) as error:
            detail = f"{_label(path)}: {error}"
            yield Rejection(str(path), "unreadable annotation", detail, split, path=str(path))
            return
        boxes = tuple(box for box in found if all(map(isfinite, (box.x, box.y, box.w, box.h))))
        if strange := len(found) - len(boxes):
            detail = f"{_label(path)}: {strange} of {len(found)} hold what is no number"
            yield Rejection(str(path), "box without sense", detail, split, lost=False)
        tags = tuple(sorted({box.tag for box in found}))
        yield Item(str(path), split, str(path), tags=tags, boxes=boxes, upright=True)

    def _boxes(self, label: Path) -> Iterator[Box]:
        for line in read_lines(label):
            number, *values = map(float, line.split())
            if not number.is_integer():
                raise ValueError(f"class {number}, expected a whole number")
            name = self.names.get(int(number))
            if name is None:
                raise KeyError(int(number))
            yield _box(name, values[:4] if self.keypoints else values)


def detect(root: Path) -> bool:
    """Tell whether there are images, files of boxes beside them, and the names of the classes."""
    pairs = [root / IMAGES, *root.glob(f"*/{IMAGES}")] if root.is_dir() else []
    beside = any(path.is_dir() and (path.parent / LABELS).is_dir() for path in pairs)
    return beside and _config(root) is not None


def open_reader(root: Path, params: Dataset) -> YoloReader:
    """Open the folder of ``data.yaml``.

    Raises:
        InputError: there is no such file with names.
    """
    found = _config(root)
    if found is None:
        raise InputError(
            f"{root} (dataset.path): no YAML file with '{NAMES}' found, expected data.yaml beside "
            f"'{IMAGES}' and '{LABELS}'; write it: 'names: [cat, dog]'"
        )
    return YoloReader(root, *found)


def _config(root: Path) -> tuple[str, dict[int, str], bool] | None:
    for path in sorted([*root.glob("*.yaml"), *root.glob("*.yml")]):
        try:
            document = YAML(typ="safe", pure=True).load(read_text(path))
        except YAMLError as error:
            said = " ".join(str(error).split())[:200]
            raise InputError(
                f"{path}: not valid YAML ({said}), expected '{NAMES}' as Ultralytics write them; "
                "mend it, or take it out"
            ) from error
        names = _numbered(document.get(NAMES) if isinstance(document, dict) else None)
        if names:
            blank = next((number for number, name in names.items() if not _name(name)), None)
            if blank is not None:
                raise InputError(
                    f"{path}: class {blank} has no name, expected a text; name it in '{NAMES}'"
                )
            return path.name, {n: _name(name) for n, name in names.items()}, KEYPOINTS in document
    return None


def _numbered(names: object) -> dict[int, object]:
    """Return names by number: of a list, or of a mapping whose keys may be numbers in quotes."""
    if isinstance(names, list):
        return dict(enumerate(names))
    if not isinstance(names, dict) or not all(str(key).isdecimal() for key in names):
        return {}
    return {int(key): name for key, name in names.items()}


def _name(said: object) -> str:
    return "" if said is None else clean(str(said))


def _images(root: Path) -> Iterator[PurePosixPath]:
    paths = map(PurePosixPath, visible_images(root))
    yield from (path for path in paths if IMAGES in path.parts[:-1])


def _label(path: PurePosixPath) -> PurePosixPath:
    """Return where the boxes of an image are: in the folder beside its last ``images``."""
    parts = list(path.parts)
    parts[len(parts) - 1 - parts[::-1].index(IMAGES)] = LABELS
    return PurePosixPath(*parts).with_suffix(".txt")


def _box(name: str, values: list[float]) -> Box:
    """Return the box of a line: centre and size, perhaps a confidence, or a polygon's bounds."""
    if len(values) in (4, 5):
        x, y, w, h = values[:4]
        return Box(name, x - w / 2, y - h / 2, w, h)
    if len(values) < 6 or len(values) % 2:
        raise ValueError(
            f"{len(values)} numbers after the class, expected 4, or pairs of a polygon"
        )
    across, down = values[::2], values[1::2]
    left, top = min(across), min(down)
    return Box(name, left, top, max(across) - left, max(down) - top)
