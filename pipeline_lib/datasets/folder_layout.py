"""What the folders of a data set are: splits, classes, or a layout that has to be asked about."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipeline_lib.datasets.names import clean
from pipeline_lib.datasets.splits import split_name, split_names
from pipeline_lib.errors import InputError

ADVICE = "or list the images with their classes and splits in labels.csv"


@dataclass(frozen=True)
class Folders:
    """The layout; without splits, the first folder of a path is its class."""

    splits: Mapping[str, str]  # by first folder
    nested: frozenset[str]  # first folders that hold one folder, called like the split, and no more

    def place(self, path: PurePosixPath) -> tuple[str | None, str] | None:
        """Return the split and the class of an image, or None where a folder is missing."""
        first = path.parts[0]
        level = (first in self.splits) + (first in self.nested)
        name = clean(path.parts[level]) if len(path.parts) > level + 1 else ""
        return (self.splits.get(first), name) if name else None


def read_folders(root: Path, images: Iterable[PurePosixPath]) -> Folders:
    """Tell splits from classes by name, and by what lies in the folders.

    One class of vehicles may well be called ``train``: a split holds folders, a class images.

    Raises:
        InputError: some folders are splits and others are not, or all hold the same folders without
            being splits, or one folder is wrapped around all others.
    """
    inner: dict[str, set[str]] = defaultdict(set)
    bare: set[str] = set()  # folders that hold images themselves
    for path in images:
        if len(path.parts) > 2:
            inner[path.parts[0]].add(path.parts[1])
        elif len(path.parts) == 2:
            bare.add(path.parts[0])
    tops = inner.keys() | bare
    splits = {top: split for top, split in split_names(tops).items() if split is not None}
    if len(splits) == len(tops):
        return Folders(splits, frozenset(top for top in tops - bare if _repeats(top, inner[top])))
    if any(top in inner for top in splits):
        raise _mixed(root, splits, min(tops - splits.keys()))
    _refuse_unknown_splits(root, inner, bare)
    return Folders({}, frozenset())


def _repeats(top: str, inner: set[str]) -> bool:
    """Tell a folder that was unpacked into one of its own name: seg_train/seg_train/forest."""
    return len(inner) == 1 and split_name(next(iter(inner))) == split_name(top)


def _mixed(root: Path, splits: Mapping[str, str], other: str) -> InputError:
    return InputError(
        f"{root} (dataset.path): folders {sorted(splits)} are splits, but '{other}' beside "
        f"them is none; expected splits only, or classes only; move it away, {ADVICE}"
    )


def _refuse_unknown_splits(root: Path, inner: Mapping[str, set[str]], bare: set[str]) -> None:
    tops = sorted(inner.keys() | bare)
    if bare or not inner:
        return
    shared = sorted(set.intersection(*inner.values()))
    if len(tops) == 1:  # one class cannot be learnt
        raise InputError(
            f"{root} (dataset.path): the only folder '{tops[0]}' holds {_some(shared)}, expected "
            f"several classes or splits; set dataset.path to {root / tops[0]}"
        )
    if (
        len(tops) > 1
        and len(shared) > 1
        and all(len(found) == len(shared) for found in inner.values())
    ):
        raise InputError(
            f"{root} (dataset.path): folders {_some(tops)} all hold the same folders "
            f"{_some(shared)}, and whether they are splits or classes does not show; call "
            f"splits train, val and test, {ADVICE}"
        )


def _some(names: list[str], shown: int = 4) -> str:
    return f"{names[:shown]}{' …' if len(names) > shown else ''}"
