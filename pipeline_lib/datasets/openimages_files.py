"""The files of Open Images, which every version names otherwise: from 4 (2018) to 7 (2022)."""

from collections.abc import Iterator
from pathlib import Path

from pipeline_lib.artifacts.samples import TEST, TRAIN, VAL
from pipeline_lib.errors import InputError

FOLDERS = {TRAIN: "train", VAL: "validation", TEST: "test"}
BELOW = ("annotations", "2018_04")  # where annotations may lie, with a folder a split or without
VERSIONS = ("", "oidv7-", "oidv6-", "oidv5-", "oidv4-")  # at the head of a file's name
SHORT = {"validation": "val"}  # as version 7 says it
LISTED = ("images.csv", "test-images.csv", "test-images-with-rotation.csv")


def annotations(root: Path, split: str, kinds: tuple[str, ...]) -> list[Path]:
    """Return the files of image-level labels of a split.

    Args:
        root: the folder of the data set.
        split: as folders are called: "train", "validation" or "test".
        kinds: "human", "machine" or both.
    """
    found = (
        next((p for s in _spellings(split) if (p := find(root, annotated(s, kind), split))), None)
        for kind in kinds
    )
    return [path for path in found if path is not None]


def annotated(split: str, kind: str) -> str:
    """Return what a file of image-level labels is called, the version aside."""
    return f"{split}-annotations-{kind}-imagelabels.csv"


def listed_images(root: Path, split: str) -> Path | None:
    """Return the list of a split's images, which also names those without any label."""
    return next((path for name in LISTED if (path := find(root, name, split))), None)


def find(root: Path, name: str, split: str = "") -> Path | None:
    """Return a file of any version, in the folder of its split or beside it."""
    return next((path for path in _places(root, name, split) if path.is_file()), None)


def needed(root: Path, name: str) -> Path:
    """Return a file of any version.

    Raises:
        InputError: there is none.
    """
    path = find(root, name)
    if path is None:
        raise InputError(
            f"{root} (dataset.path): no {name} found, here or below {' or '.join(BELOW)}; put the "
            "list of the release there"
        )
    return path


def _places(root: Path, name: str, split: str) -> Iterator[Path]:
    for folder in dict.fromkeys(("", *_spellings(split))):
        for place in ("", *BELOW):
            for version in VERSIONS:
                yield root / place / folder / f"{version}{name}"


def _spellings(split: str) -> tuple[str, ...]:
    return (split, SHORT[split]) if split in SHORT else (split,)
