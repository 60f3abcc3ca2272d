"""PASCAL VOC in the layout of its authors (Everingham et al. 2010), one year or several.

An object's name is a tag of its image. The flag ``difficult`` marks objects that are hard to see:
a category that an image shows only so is kept in ``difficult``, outside the tags, and evaluation
decides what it counts for.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from pipeline_lib.artifacts.samples import TEST, TRAIN
from pipeline_lib.datasets.reader import Box, Encoded, Item, Rejection, Vocabulary
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset

LISTS = Path("ImageSets/Main")
DEVELOPMENT = ("trainval", "train", "val")
EVALUATION = "test"


@dataclass(frozen=True)
class VocReader:
    """The images that the lists of the given years name."""

    root: Path
    years: tuple[str, ...]  # folders below root; "" where root is the folder of one year
    names: Vocabulary

    def vocabulary(self) -> Vocabulary:
        """Return the names of all annotated objects as tags, sorted."""
        return self.names

    def items(self) -> Iterator[Item | Rejection]:
        """Yield the listed images, year by year, in the order of their names."""
        for year, image, split in _listed(self.root, self.years):
            yield _item(self.root, year, image, split)

    def load(self, path: str, row: int | None) -> Encoded:
        """Return the content of a file."""
        return (self.root / path).read_bytes()

    def sources(self) -> Iterable[str]:
        """Return the lists and the annotations."""
        for year in self.years:
            folder = Path(year)
            yield from ((folder / LISTS / f"{n}.txt").as_posix() for n in _lists(self.root / year))
            paths = (self.root / year / "Annotations").glob("*.xml")
            yield from (path.relative_to(self.root).as_posix() for path in sorted(paths))


def detect(root: Path) -> bool:
    """Tell whether ``root`` holds a year's ``ImageSets/Main``, or folders that do."""
    return bool(_years(root))


def open_reader(root: Path, params: Dataset) -> VocReader:
    """Open a devkit (``VOC2007``, ``VOC2012``, …) or the folder of one year.

    Raises:
        InputError: there are no lists, or none of the listed images is annotated.
    """
    years = _years(root)
    if not years:
        raise InputError(
            f"{root} (dataset.path): no {LISTS}/*.txt found here or one folder below; expected "
            "VOCdevkit or one of its years, with Annotations, ImageSets and JPEGImages"
        )
    found: set[str] = set()
    for year, image, _ in _listed(root, years):
        item = _item(root, year, image, TRAIN)
        if isinstance(item, Item):
            found.update(item.tags, item.difficult or ())
    if not found:
        raise InputError(
            f"{root} (dataset.path): no annotated object found, expected Annotations/<image>.xml "
            f"for the images that {LISTS}/*.txt list; unpack the annotations too"
        )
    return VocReader(root, years, Vocabulary((), tuple(sorted(found))))


def _years(root: Path) -> tuple[str, ...]:
    if not root.is_dir():
        return ()
    if _lists(root):
        return ("",)
    return tuple(sorted(path.name for path in root.iterdir() if path.is_dir() and _lists(path)))


def _lists(folder: Path) -> list[str]:
    names = (*DEVELOPMENT, EVALUATION)
    return [name for name in names if (folder / LISTS / f"{name}.txt").is_file()]


def _listed(root: Path, years: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """Yield year, image and split.

    Where a test set is annotated, everything else is for training, as its authors mean it. The
    later years keep their test labels to themselves: there ``val`` is tested on.
    """
    sets = {year: _annotated_lists(root / year) for year in years}
    tested = any(EVALUATION in lists for lists in sets.values())
    for year, lists in sets.items():
        evaluation = lists.get(EVALUATION if tested else "val", frozenset[str]())
        for image in sorted(frozenset[str]().union(*lists.values())):
            yield year, image, TEST if image in evaluation else TRAIN


def _annotated_lists(folder: Path) -> dict[str, frozenset[str]]:
    """Return the images of every list, without the lists whose annotations are not published."""
    lists = {}
    for name in _lists(folder):
        lines = (folder / LISTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        images = frozenset(line.split()[0] for line in lines if line.strip())
        if any(_annotation(folder, image).is_file() for image in images):
            lists[name] = images
    return lists


def _annotation(folder: Path, image: str) -> Path:
    return folder / "Annotations" / f"{image}.xml"


def _item(root: Path, year: str, image: str, split: str) -> Item | Rejection:
    folder = root / year
    key = f"{(root.resolve() if not year else folder).name}/{image}"
    try:
        document = ElementTree.parse(_annotation(folder, image)).getroot()
        boxes, difficult = _objects(document)
    except FileNotFoundError:
        return Rejection(key, "missing annotation", f"Annotations/{image}.xml", split)
    except (ElementTree.ParseError, ValueError, OSError) as error:
        return Rejection(key, "unreadable annotation", f"Annotations/{image}.xml: {error}", split)
    tags = tuple(sorted({box.tag for box in boxes}))
    return Item(
        key=key,
        split=split,
        path=(Path(year) / "JPEGImages" / f"{image}.jpg").as_posix(),
        tags=tags,
        boxes=boxes,
        difficult=tuple(sorted(difficult - set(tags))),
    )


def _objects(document: ElementTree.Element) -> tuple[tuple[Box, ...], set[str]]:
    """Return the objects in plain sight, and the names of the difficult ones.

    Raises:
        ValueError: the annotation lacks a part or holds a number that makes no sense.
    """
    width, height = (_number(document, f"size/{side}") for side in ("width", "height"))
    if min(width, height) < 1:
        raise ValueError(f"size is {width:g} x {height:g}, expected pixels")
    boxes, difficult = [], set()
    for thing in document.findall("object"):
        name = _text(thing, "name")
        if int(thing.findtext("difficult") or 0):
            difficult.add(name)
        else:
            boxes.append(_box(name, thing, width, height))
    return tuple(boxes), difficult


def _box(tag: str, thing: ElementTree.Element, width: float, height: float) -> Box:
    """Return the object's rectangle in fractions; VOC counts pixels from 1, both ends included."""
    x0, y0, x1, y1 = (_number(thing, f"bndbox/{side}") for side in ("xmin", "ymin", "xmax", "ymax"))
    left, top = max(x0 - 1, 0) / width, max(y0 - 1, 0) / height
    right, bottom = min(x1, width) / width, min(y1, height) / height
    if right <= left or bottom <= top:
        raise ValueError(f"box of '{tag}' is {x0:g}, {y0:g} to {x1:g}, {y1:g}, expected an area")
    return Box(tag, left, top, right - left, bottom - top)


def _text(element: ElementTree.Element, path: str) -> str:
    text = (element.findtext(path) or "").strip()
    if not text:
        raise ValueError(f"<{path}> is missing in <{element.tag}>")
    return text


def _number(element: ElementTree.Element, path: str) -> float:
    return float(_text(element, path))
