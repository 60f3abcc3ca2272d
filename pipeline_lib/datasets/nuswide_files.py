"""The files of NUS-WIDE: which lists and labels there are, and their rows, read line by line.

Row i of a file of labels belongs to line i of a list of images: ``Labels_<concept>_Train.txt`` and
``Train_Tags1k.dat`` to the training list, ``Labels_<concept>.txt`` and ``AllTags1k.txt`` to the
list of all. What is missing for one list is looked up through the list of all. Lines end in CR LF,
rows of tags in a tab, and folders are set off by a backslash.
"""

import codecs
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

import numpy as np

from pipeline_lib.datasets.label_rows import LabelRows
from pipeline_lib.datasets.places import Pictures, leads_out, without_extension
from pipeline_lib.datasets.text_lists import read_lines, read_names
from pipeline_lib.errors import InputError

CONCEPTS = "ConceptsList/Concepts81.txt"
TAGS = "NUS_WID_Tags/TagList1k.txt"
LISTS = {
    "Train": "ImageList/TrainImagelist.txt",
    "Test": "ImageList/TestImagelist.txt",
    "": "ImageList/Imagelist.txt",
}
ALL_TAGS = ("NUS_WID_Tags/AllTags1k.txt", "NUS_WID_Tags/AllTags1k.dat")
PICTURES = (
    "Flickr/{folder}/{name}",
    "images/{folder}/{name}",
    "images/{folder}_{name}",
    "images/{name}",
)
SPACE = 32  # characters up to here only separate


@dataclass(frozen=True)
class Part:
    """One list of images."""

    name: str  # "Train", "Test", or "" for all
    images: list[str]  # folder/name.jpg


@dataclass(frozen=True)
class Files:
    """One copy of the data set."""

    root: Path

    def parts(self) -> list[Part]:
        """Return the lists of the splits, or where there is none of them the list of all."""
        split = [name for name in ("Train", "Test") if (self.root / LISTS[name]).is_file()]
        return [Part(name, _images(self.root / LISTS[name])) for name in split or [""]]

    def labels(self, part: Part, source: str, width: int) -> LabelRows:
        """Return what each image of a list carries, by column.

        Args:
            part: the list.
            source: "concepts" or "tags".
            width: number of columns.

        Raises:
            InputError: no file has them, or one has another number of rows or something else than
                0 and 1.
        """
        own = self._files(source, part.name)
        if own:
            return self._read(own, source, width, len(part.images), LISTS[part.name])
        whole, listed = self._files(source, ""), self.root / LISTS[""]
        if not whole or not listed.is_file():
            raise self._missing(source, part.name)
        images = _images(listed)
        row_of = {image: row for row, image in enumerate(images)}
        unknown = next((image for image in part.images if image not in row_of), None)
        if unknown is not None:
            raise InputError(
                f"{listed}: has no line '{unknown}', which {LISTS[part.name]} lists; expected "
                "every image; extract the archive ImageList again"
            )
        found = self._read(whole, source, width, len(images), LISTS[""])
        return _chosen(found, [row_of[image] for image in part.images])

    def place(self, image: str) -> str | None:
        """Return where a listed image lies below the root; None for a path that leads out of it.

        An image that lies nowhere is placed where it should lie.
        """
        if leads_out(image):
            return None
        path = PurePosixPath(image)
        places = [form.format(folder=path.parent, name=path.name) for form in PICTURES]
        for place in places:
            if os.path.isfile(self.root / place):
                return place
        found = (self._pictures.path(without_extension(place)) for place in places)
        return next((place for place in found if os.path.isfile(self.root / place)), places[0])

    @cached_property
    def _pictures(self) -> Pictures:
        return Pictures(self.root, "")

    def _files(self, source: str, part: str) -> list[Path]:
        """Return the files of one source: one of tags, or one for each concept."""
        if source == "tags":
            names = [f"NUS_WID_Tags/{part}_Tags1k.dat"] if part else ALL_TAGS
            return [path for name in names if (path := self.root / name).is_file()][:1]
        folder = self.root / "Groundtruth" / ("TrainTestLabels" if part else "AllLabels")
        ending = f"_{part}" if part else ""
        concepts = read_names(self.root / CONCEPTS)
        paths = [folder / f"Labels_{concept}{ending}.txt" for concept in concepts]
        return paths if paths[0].is_file() else []

    def _read(
        self, paths: Sequence[Path], source: str, width: int, rows: int, listed: str
    ) -> LabelRows:
        if source == "tags":
            return _matrix(paths[0], width, rows, listed)
        carrying = [np.flatnonzero(_column(path, rows, listed)) for path in paths]
        label = np.repeat(np.arange(width), [len(found) for found in carrying])
        return LabelRows.of_pairs(np.concatenate(carrying), label, rows)

    def _missing(self, source: str, part: str) -> InputError:
        expected, archive = f"{ALL_TAGS[0]} and {LISTS['']}", "NUS_WID_Tags"
        if part:
            expected = f"NUS_WID_Tags/{part}_Tags1k.dat, or {expected}"
        if source == "concepts":
            archive = "Groundtruth"
            expected = f"Groundtruth/AllLabels/Labels_*.txt and {LISTS['']}"
            if part:
                expected = f"Groundtruth/TrainTestLabels/Labels_*_{part}.txt, or {expected}"
        return InputError(
            f"{self.root} (dataset.path): no labels of {LISTS[part]}, expected {expected}; extract "
            f"the archive {archive} there, or choose another dataset.nuswide.vocabulary"
        )


def _images(path: Path) -> list[str]:
    images = [line.replace("\\", "/") for line in read_lines(path)]
    if not images:
        raise InputError(f"{path}: lists no image, expected one a line; extract ImageList again")
    return images


def _chosen(labels: LabelRows, rows: list[int]) -> LabelRows:
    starts, ends = labels.first[rows], labels.first[np.add(rows, 1)]
    first = np.concatenate([[0], np.cumsum(ends - starts)])
    kept = [labels.label[start:end] for start, end in zip(starts, ends, strict=True)]
    return LabelRows(first, np.concatenate(kept) if kept else labels.label[:0])


def _column(path: Path, rows: int, listed: str) -> np.ndarray:
    """Return a file of one digit a line, bool (rows,)."""
    try:
        found = _digits(path.read_bytes(), path)
    except FileNotFoundError as error:
        raise InputError(
            f"{path}: missing, expected one for each line of {CONCEPTS}; extract the archive "
            "Groundtruth again"
        ) from error
    _check_rows(path, len(found), rows, listed)
    return found


def _matrix(path: Path, width: int, rows: int, listed: str) -> LabelRows:
    """Read a row of digits a line; 540 MB of text pass by."""
    first, labels = [0], []
    for number, line in enumerate(_content(path)):
        found = _digits(line, path)
        if len(found) != width:
            raise InputError(
                f"{path}: line {number + 1} has {len(found)} digits, expected {width}, one for "
                f"each line of {TAGS}; extract the archive NUS_WID_Tags again"
            )
        labels.append(np.flatnonzero(found).astype(np.int32))
        first.append(first[-1] + len(labels[-1]))
    _check_rows(path, len(labels), rows, listed)
    return LabelRows(np.array(first), np.concatenate(labels))


def _content(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from (line for line in file if line.strip())


def _digits(content: bytes, path: Path) -> np.ndarray:
    """Return the digits 0 and 1 as bool; white space of any kind lies between them."""
    characters = np.frombuffer(content.removeprefix(codecs.BOM_UTF8), np.uint8)
    digits = characters[characters > SPACE] - ord("0")
    if (digits > 1).any():
        strange = chr((int(digits[digits > 1][0]) + ord("0")) & 0xFF)
        raise InputError(
            f"{path}: holds '{strange}', expected 0 and 1 only; extract the data set's archive "
            "again"
        )
    return digits.astype(bool)


def _check_rows(path: Path, found: int, expected: int, listed: str) -> None:
    if found != expected:
        raise InputError(
            f"{path}: has {found} rows, expected {expected}, one for each line of {listed}; "
            "extract the data set's archives again"
        )
