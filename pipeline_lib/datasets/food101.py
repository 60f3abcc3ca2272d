"""Food-101 in the layout of its authors (Bossard et al. 2014), with ingredients as tags.

The ingredients of a dish are those of its class: a matrix class x ingredient, as published for
Ingredient-101 (Bolaños et al. 2017) and ViSeH. Row i belongs to line i of ``meta/classes.txt``.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline_lib.datasets.names import clean
from pipeline_lib.datasets.pickles import text
from pipeline_lib.datasets.places import Pictures, leads_out, without_extension
from pipeline_lib.datasets.reader import Item, Rejection, Vocabulary, WholeFiles
from pipeline_lib.datasets.text_lists import read_lines, read_names
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.section import optional_path

IMAGES = "images"
CLASSES = "meta/classes.txt"
LISTS = (("train", "meta/train.txt"), ("test", "meta/test.txt"))
OFFICIAL_CLASSES = 101
# What numpy and zipfile raise on damaged files, depending on the place.
DAMAGED = (
    OSError, ValueError, LookupError, TypeError, AttributeError, EOFError, SyntaxError,
    MemoryError, NotImplementedError, RuntimeError, struct.error, zlib.error, zipfile.BadZipFile,
)  # fmt: skip


@dataclass(frozen=True)
class Food101Reader(WholeFiles):
    """The images that ``meta/train.txt`` and ``meta/test.txt`` list."""

    root: Path
    names: Vocabulary
    ingredients: dict[str, tuple[str, ...]]  # by class

    def vocabulary(self) -> Vocabulary:
        """Return the classes in the order of their file and the ingredients that they use."""
        return self.names

    def items(self) -> Iterator[Item | Rejection]:
        """Yield the lines of the two lists, as ``class/id``."""
        pictures = Pictures(self.root, IMAGES)
        for split, file in LISTS:
            for line in read_lines(self.root / file):
                key = without_extension(line.replace("\\", "/"))
                name = clean(key.partition("/")[0])
                if leads_out(key):
                    yield Rejection(line, "path outside the data set", file, split)
                else:
                    tags = self.ingredients.get(name, ())
                    yield Item(key, split, pictures.path(key), None, (name,), tags)

    def sources(self) -> Iterable[str]:
        """Return the lists."""
        return (CLASSES, *dict(LISTS).values())


def detect(root: Path) -> bool:
    """Tell whether the lists of the data set are there."""
    return all((root / file).is_file() for file in (CLASSES, *dict(LISTS).values()))


def open_reader(root: Path, params: Dataset) -> Food101Reader:
    """Open the folder that holds ``images`` and ``meta``.

    Raises:
        InputError: a list is missing, or the ingredient matrix does not fit.
    """
    if not detect(root):
        raise InputError(
            f"{root} (dataset.path): expected {CLASSES}, {LISTS[0][1]} and {LISTS[1][1]}; set "
            "dataset.path to the folder of Food-101 that holds 'images' and 'meta'"
        )
    classes = read_names(root / CLASSES)
    matrix = optional_path(params.tag_matrix)
    if matrix is None:
        return Food101Reader(root, Vocabulary(classes), {})
    uses, names = _read_matrix(matrix, len(classes))
    ingredients = {
        name: tuple(names[column] for column in np.flatnonzero(row))
        for name, row in zip(classes, uses, strict=True)
    }
    used = tuple(names[column] for column in np.flatnonzero(uses.any(axis=0)))
    return Food101Reader(root, Vocabulary(classes, used), ingredients)


def _read_matrix(path: Path, classes: int) -> tuple[np.ndarray, list[str]]:
    """Return the rows of the ``classes`` first classes, and the names of the columns."""
    matrix, names = _load(path)
    rows_fit = matrix.ndim == 2 and matrix.shape[0] in (classes, OFFICIAL_CLASSES)
    if not rows_fit or len(matrix) < classes or not np.isin(matrix, (0, 1)).all():
        raise _unfit(
            path,
            f"'matrix' is {matrix.dtype} {matrix.shape}, expected 0 and 1 in {classes} rows, one "
            f"for each line of {CLASSES}, or in {OFFICIAL_CLASSES}",
        )
    if not matrix[:classes].any():
        raise _unfit(path, "'matrix' gives no dish an ingredient, expected a 1 for each")
    columns = matrix.shape[1]
    if names is None:
        width = max(3, len(str(columns - 1)))
        return matrix[:classes], [f"ingredient_{column:0{width}d}" for column in range(columns)]
    if len(set(names) - {""}) != columns or len(names) != columns:
        found = len(set(names) - {""})
        raise _unfit(path, f"'names' has {found} different names, expected {columns}, one a column")
    return matrix[:classes], names


def _load(path: Path) -> tuple[np.ndarray, list[str] | None]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
            names = (
                [clean(text(name)) for name in content["names"].tolist()]
                if "names" in content
                else None
            )
            return content["matrix"], names
    except DAMAGED as error:
        raise _unfit(
            path, f"no array 'matrix' can be read from it ({error}); expected an npz file"
        ) from error


def _unfit(path: Path, found: str) -> InputError:
    return InputError(
        f"{path} (dataset.tag_matrix): {found}; mend it or set dataset.tag_matrix to data/none"
    )
