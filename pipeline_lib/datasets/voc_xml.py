"""An annotation of PASCAL VOC: one XML file an image, by its authors or by labelling programs."""

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from pipeline_lib.datasets.boxes import BadBox
from pipeline_lib.datasets.names import clean
from pipeline_lib.datasets.pixel_boxes import flag, size_of


class BadAnnotation(ValueError):
    """An annotation that says nothing one can rely on: its text says why."""


@dataclass(frozen=True)
class Thing:
    """One object."""

    name: str
    difficult: bool
    edges: tuple[float, ...] | None  # left, top, right, bottom in pixels from the upper left corner
    fault: str | None  # what is wrong with its box


@dataclass(frozen=True)
class Annotation:
    """One file."""

    file: str  # its picture as it says, "" where it does not
    size: tuple[int, int] | None  # width and height in pixels, None where it does not say
    things: tuple[Thing, ...]


def read_annotation(path: Path) -> Annotation:
    """Read one file.

    Raises:
        BadAnnotation: it is no annotation, or an object lacks its name or garbles a flag.
        FileNotFoundError: there is none.
    """
    try:
        document = ElementTree.parse(path).getroot()
    except FileNotFoundError:
        raise
    except (ElementTree.ParseError, LookupError, ValueError, OSError) as error:
        raise BadAnnotation(str(error)) from error  # LookupError: an encoding nobody knows
    if document.tag != "annotation":
        raise BadAnnotation(f"found <{document.tag[:40]}>, expected <annotation>")
    return Annotation(
        (document.findtext("filename") or "").strip(),
        size_of(document.findtext("size/width"), document.findtext("size/height")),
        tuple(_thing(element) for element in document.findall("object")),
    )


def _thing(element: ElementTree.Element) -> Thing:
    name = clean(element.findtext("name") or "")
    if not name:
        raise BadAnnotation("<name> is missing in <object>")
    try:
        difficult = flag(element.findtext("difficult"))
    except BadBox as error:
        raise BadAnnotation(f"<difficult> of '{name}': {error}") from error
    box = element.find("bndbox")
    try:
        return Thing(name, difficult, None if box is None else _edges(box), None)
    except BadBox as error:
        return Thing(name, difficult, None, str(error))


def _edges(box: ElementTree.Element) -> tuple[float, ...]:
    """Return the edges; VOC counts pixels from 1, both ends included."""
    sides = ("xmin", "ymin", "xmax", "ymax")
    try:
        left, top, right, bottom = (float(box.findtext(side) or "") for side in sides)
    except ValueError as error:
        said = ", ".join(repr(box.findtext(side)) for side in sides)
        raise BadBox(f"its box is {said}, expected numbers") from error
    return left - 1, top - 1, right, bottom
