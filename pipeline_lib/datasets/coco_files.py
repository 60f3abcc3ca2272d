"""Which annotation files of the kind of COCO lie in a folder, and where their pictures are."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline_lib.artifacts.samples import TEST, VAL
from pipeline_lib.datasets.files import is_system
from pipeline_lib.datasets.places import lying
from pipeline_lib.datasets.splits import split_of_file
from pipeline_lib.errors import InputError

FOLDER = "annotations"
INSTANCES = "instances_"  # annotations/instances_train2017.json (Lin et al. 2014)
CAPTIONS = "captions_"  # annotations/captions_train2017.json
LVIS = "lvis_"  # lvis_v1_train.json (Gupta et al. 2019), pictures of COCO
HALVES = re.compile(r"^(?:valminusminival|minival)")  # lists of pictures in val2014
UNLABELLED = "image_info"  # pictures whose labels are not published
ROBOFLOW = "_annotations.coco.json"  # train/_annotations.coco.json, beside the pictures


@dataclass(frozen=True)
class Part:
    """One annotation file and its pictures."""

    name: str  # "train2017": begins the keys
    file: str  # below the root
    places: tuple[str, ...]  # folders below the root that its pictures may lie in
    folder: str  # the first of them that there is
    split: str | None

    def captions(self, root: Path) -> Path | None:
        """Return the file of captions that lies beside the file of instances."""
        path = root / FOLDER / f"{CAPTIONS}{self.name}.json"
        official = self.file == f"{FOLDER}/{INSTANCES}{self.name}.json"
        return path if official and path.is_file() else None


def parts(root: Path) -> tuple[Part, ...]:
    """Return the parts of the first kind of files that there is.

    Without published test labels, as in COCO itself, ``val`` is tested on.
    """
    found = _instances(root) or _roboflow(root) or _lvis(root)
    splits = {name: split_of_file(name) for name, _, _ in found}
    if TEST not in splits.values():
        splits = {name: TEST if split == VAL else split for name, split in splits.items()}
    return tuple(
        Part(name, file, places, _folder(root, places), splits[name])
        for name, file, places in found
    )


def check_places(root: Path, part: Part, files: Iterator[str]) -> None:
    """Refuse a part of whose pictures none lies anywhere.

    Raises:
        InputError: with the folders that were looked into.
    """
    if part.folder or any(lying(root, part.places, file) for file in files):
        return
    places = ", ".join(place or "." for place in part.places)
    raise InputError(
        f"{root} (dataset.path): no folder of images for {part.file}, expected one of {places}; "
        "unpack the images, or move the annotation file away"
    )


Found = tuple[str, str, tuple[str, ...]]


def _instances(root: Path) -> list[Found]:
    return [
        (name, f"{FOLDER}/{INSTANCES}{name}.json", _places(name))
        for name in _named(root / FOLDER, INSTANCES)
    ]


def _places(part: str) -> tuple[str, ...]:
    whole = HALVES.sub(VAL, part)
    return tuple(dict.fromkeys((part, f"images/{part}", whole, f"images/{whole}", "images", "")))


def _roboflow(root: Path) -> list[Found]:
    folders = sorted(n for n in _listed(root) if os.path.isfile(root / n / ROBOFLOW))
    found: list[Found] = [(n, f"{n}/{ROBOFLOW}", (n, f"{n}/images")) for n in folders]
    whole = (root / ROBOFLOW).is_file()
    return found or ([(root.resolve().name, ROBOFLOW, ("", "images"))] if whole else [])


def _lvis(root: Path) -> list[Found]:
    for folder in (FOLDER, ""):
        names = [name for name in _named(root / folder, LVIS) if UNLABELLED not in name]
        if names:
            file = f"{folder}/{LVIS}" if folder else LVIS
            return [(f"{LVIS}{n}", f"{file}{n}.json", ("", "images")) for n in names]
    return []


def _folder(root: Path, places: tuple[str, ...]) -> str:
    return next((place for place in places if (root / place).is_dir()), "")


def _named(folder: Path, prefix: str) -> list[str]:
    files = (name for name in _listed(folder) if name.startswith(prefix) and name.endswith(".json"))
    return sorted(name.removesuffix(".json").removeprefix(prefix) for name in files)


def _listed(folder: Path) -> list[str]:
    return [n for n in os.listdir(folder) if not is_system(n)] if folder.is_dir() else []
