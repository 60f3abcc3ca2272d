"""The files of captions and of splits that Flickr8k and Flickr30k come with."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pipeline_lib.artifacts.samples import TRAIN
from pipeline_lib.datasets.files import is_system
from pipeline_lib.datasets.json_entries import Entries, read_entries
from pipeline_lib.datasets.label_table import rows_of
from pipeline_lib.datasets.reader import Rejection
from pipeline_lib.datasets.splits import split_name
from pipeline_lib.datasets.text_lists import LINE_END, read_lines, read_text

# "Flicker8k" is how its authors spell the folder; Kaggle's may hold another of its name.
IMAGES = (
    *("Flicker8k_Dataset", "Flickr8k_Dataset", "flickr30k_images", "flickr30k-images"),
    *("Images", "images"),
)
LISTS = {f"Flickr_8k.{split}Images.txt": split for split in ("train", "dev", "test")}
REST = "restval"  # Karpathy's, of images that are trained on too
HEADS = {"captions.txt": "image,caption", "results.csv": "image_name|comment_number|comment"}
BAD = "line without a caption"


@dataclass(frozen=True)
class Said:
    """What a line says of an image."""

    image: str
    captions: tuple[str, ...] = ()
    split: str | None = None


@dataclass(frozen=True)
class Found:
    """A file of captions, and the lists of the splits beside it; paths below the data set."""

    captions: str
    lists: tuple[str, ...] = ()


Lines = Iterator[Said | Rejection]


def find(root: Path) -> Found | None:
    """Return the first file of captions by kind, in the folder itself or one below."""
    places = ("", *_folders(root))
    for name in KINDS:
        for path in (str(PurePosixPath(place, name)) for place in places):
            if _begins(root / path):
                lists = (str(PurePosixPath(path).with_name(file)) for file in LISTS)
                beside = tuple(file for file in lists if (root / file).is_file())
                return Found(path, () if name.endswith(".json") else beside)
    return None


def folders_of_images(root: Path) -> tuple[str, ...]:
    """Return the folders below ``root`` that pictures may lie in, the root last."""
    there = [place for place in IMAGES if (root / place).is_dir()]
    inner = (f"{place}/{name}" for place in there for name in IMAGES)
    return (*there, *(place for place in inner if (root / place).is_dir()), ".")


def read(root: Path, found: Found) -> Lines:
    """Yield what the files say, the captions first.

    Raises:
        InputError: a file is missing, or is no text or no JSON.
    """
    yield from KINDS[PurePosixPath(found.captions).name](root / found.captions, found.captions)
    for path in found.lists:
        split = split_name(LISTS[PurePosixPath(path).name])
        yield from (Said(line, split=split) for line in read_lines(root / path))


def _tokens(path: Path, name: str) -> Lines:
    """Read lines such as ``667626_18933d713e.jpg#0<tab>A girl is stretched out …``."""
    for number, line in _lines(path):
        first, tab, text = line.partition("\t")
        image, _, place = first.rpartition("#")
        if tab and image and place.strip().isdigit():
            yield Said(image.strip(), (text,))
        else:
            yield _bad(f"{name}:{number}", f"{line[:60]!r}, expected image#number, a tab, a text")


def _piped(path: Path, name: str) -> Lines:
    """Read lines such as ``1000092795.jpg| 0| Two young guys …`` after their header."""
    for number, line in _lines(path):
        cells = [cell.strip() for cell in line.split("|", 2)]
        if len(cells) == 3 and cells[0] and cells[1].isdigit():
            yield Said(cells[0], (cells[2],))
        elif number > 1:
            yield _bad(f"{name}:{number}", f"{line[:60]!r}, expected image| number| text")


def _table(path: Path, name: str) -> Lines:
    """Read a table with the columns image and caption, a line for each caption."""
    for where, cells in rows_of(path, name):
        if isinstance(cells, Rejection):
            yield _bad(where, cells.detail)
        elif cells["image"]:
            yield Said(cells["image"], (cells["caption"],))
        else:
            yield _bad(where, "column 'image' is empty")


def _karpathy(path: Path, name: str) -> Lines:
    """Read ``images: [{filename, split, sentences: [{raw}]}]``."""

    def collect(entries: Entries) -> list[Said | Rejection]:
        return [_entry(f"{name}: images[{n}]", e) for n, e in enumerate(entries("images"))]

    yield from read_entries(path, collect, "the JSON of Karpathy and Fei-Fei with 'images'")


def _entry(where: str, entry: Any) -> Said | Rejection:
    known = entry if isinstance(entry, dict) else {}
    image, split, sentences = (known.get(key) for key in ("filename", "split", "sentences"))
    if not (isinstance(image, str) and image and isinstance(split, str)):
        return Rejection(where, "unusable entry", "an image without filename or split")
    raw = (s.get("raw") for s in sentences or () if isinstance(s, dict))
    texts = tuple(text for text in raw if isinstance(text, str))
    return Said(image, texts, TRAIN if split == REST else split_name(split))


KINDS: Mapping[str, Callable[[Path, str], Lines]] = {
    "dataset_flickr8k.json": _karpathy,
    "dataset_flickr30k.json": _karpathy,
    "Flickr8k.token.txt": _tokens,
    "results_20130124.token": _tokens,
    "captions.txt": _table,
    "results.csv": _piped,
}
"""Files of captions, in the order in which one is chosen, and what reads each."""


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    lines = enumerate(LINE_END.split(read_text(path)), start=1)
    return ((number, line) for number, line in lines if line.strip())


def _bad(where: str, detail: str) -> Rejection:
    return Rejection(where, BAD, detail, lost=False)


def _begins(path: Path) -> bool:
    """Tell whether a file is there, and begins as it should where its name says little."""
    if not path.is_file():
        return False
    head = HEADS.get(path.name)
    if head is None:
        return True
    with path.open("rb") as file:
        return re.sub(r"\s", "", file.readline(200).decode("utf-8-sig", "replace")) == head


def _folders(root: Path) -> list[str]:
    if not root.is_dir():
        return []
    with os.scandir(root) as entries:
        return sorted(e.name for e in entries if e.is_dir() and not is_system(e.name))
