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
# FiftyOne's (beside data/), Label Studio's (beside images/), and what people call it.
EXPORTED = (ROBOFLOW, "labels.json", "result.json", "annotations.json", "coco.json")
OF_OTHERS = ("person_keypoints_", "panoptic_", "stuff_")  # tasks of COCO that are not read
SECTION = re.compile(rb'"(?:images|categories)"\s*:\s*\[\s*\{')
HEAD = 2**16  # bytes in which the first of these lists begins


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
    found = _instances(root) or _exported(root) or _lvis(root) or _others(root)
    splits = {n: None if file in EXPORTED else split_of_file(n) for n, file, _ in found}
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


def _exported(root: Path) -> list[Found]:
    """Return the files of folders with a split each, or that of the whole data set."""
    for folders in (_folders(root), [""]):
        found: list[Found] = [
            (folder or root.resolve().name, f"{folder}/{name}" if folder else name,
             (f"{folder}/data".lstrip("/"), f"{folder}/images".lstrip("/"), folder))
            for folder in sorted(folders)
            for name in EXPORTED
            if _is_coco(root / folder / name)
        ]  # fmt: skip
        if found:
            return found
    return []


def _is_coco(path: Path) -> bool:
    """Tell by its head whether a file is of COCO's form: other programs use the same names."""
    if not os.path.isfile(path):
        return False
    with path.open("rb") as file:
        return path.name == ROBOFLOW or bool(SECTION.search(file.read(HEAD)))


def _lvis(root: Path) -> list[Found]:
    for folder in (FOLDER, ""):
        names = [name for name in _named(root / folder, LVIS) if UNLABELLED not in name]
        if names:
            file = f"{folder}/{LVIS}" if folder else LVIS
            return [(f"{LVIS}{n}", f"{file}{n}.json", ("", "images")) for n in names]
    return []


def _folder(root: Path, places: tuple[str, ...]) -> str:
    return next((place for place in places if (root / place).is_dir()), "")


def _others(root: Path) -> list[Found]:
    """Return what lies in the folder of annotations under other names: ``train.json``."""
    names = (n for n in _named(root / FOLDER, "") if not n.startswith((*OF_OTHERS, CAPTIONS, LVIS)))
    files = {name: f"{FOLDER}/{name}.json" for name in names if UNLABELLED not in name}
    return [(n, file, _places(n)) for n, file in files.items() if _is_coco(root / file)]


def _named(folder: Path, prefix: str) -> list[str]:
    files = (name for name in _listed(folder) if name.startswith(prefix) and name.endswith(".json"))
    return sorted(name.removesuffix(".json").removeprefix(prefix) for name in files)


def _folders(root: Path) -> list[str]:
    """Return the folders below root; the files beside them may be many."""
    if not root.is_dir():
        return []
    with os.scandir(root) as entries:
        return [entry.name for entry in entries if entry.is_dir() and not is_system(entry.name)]


def _listed(folder: Path) -> list[str]:
    return [n for n in os.listdir(folder) if not is_system(n)] if folder.is_dir() else []
