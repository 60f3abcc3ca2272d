"""CIFAR-10 and CIFAR-100 in the python layout of their authors (Krizhevsky 2009)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from pipeline_lib.datasets.names import clean
from pipeline_lib.datasets.pickles import read_pickle, text
from pipeline_lib.datasets.reader import Encoded, Item, Rejection, Vocabulary
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset

SIZE = 32  # pixels, width = height
VALUES = 3 * SIZE * SIZE  # of one row: the red plane, the green, the blue


@dataclass(frozen=True)
class Layout:
    """What distinguishes the two data sets on disk."""

    folder: str
    meta: str
    batches: tuple[tuple[str, str], ...]  # (file, split)
    labels: str  # key of the class indices in a batch
    names: str  # key of their names in ``meta``
    tag_labels: str | None = None  # the same for the superclasses, which become tags
    tag_names: str | None = None


CIFAR10 = Layout(
    folder="cifar-10-batches-py",
    meta="batches.meta",
    batches=(*((f"data_batch_{i}", "train") for i in range(1, 6)), ("test_batch", "test")),
    labels="labels",
    names="label_names",
)
CIFAR100 = Layout(
    folder="cifar-100-python",
    meta="meta",
    batches=(("train", "train"), ("test", "test")),
    labels="fine_labels",
    names="fine_label_names",
    tag_labels="coarse_labels",
    tag_names="coarse_label_names",
)
ARCHIVE = re.compile(r"cifar-100?-python\.(?:tar\.gz|tgz|tar)")
# The version for programs in C, as a folder, packed, or as what lies in the folder.
BINARY = re.compile(
    r"cifar-10-batches-bin|cifar-100-binary|cifar-100?-binary\.(?:tar\.gz|tgz|tar)"
    r"|data_batch_\d\.bin|test_batch\.bin|(?:coarse|fine)_label_names\.txt"
)


@dataclass(frozen=True)
class CifarReader:
    """One of the two data sets; a batch file is decoded as a whole, one at a time."""

    root: Path
    place: str  # of the batches below root
    layout: Layout
    names: Vocabulary

    def vocabulary(self) -> Vocabulary:
        """Return the names of ``meta``, in its order."""
        return self.names

    def items(self) -> Iterator[Item | Rejection]:
        """Yield every image as ``split/filename``: the file names are unique in each data set."""
        for name, split in self.layout.batches:
            file = (PurePosixPath(self.place) / name).as_posix()
            batch = self._batch(file)
            for row, image in enumerate(batch["filenames"]):
                yield self._item(batch, file, split, row, f"{split}/{text(image)}")

    def load(self, path: str, row: int | None) -> Encoded:
        """Return the pixels of one row of a batch file."""
        planes = self._batch(path)["data"][row].reshape(3, SIZE, SIZE)
        return np.ascontiguousarray(planes.transpose(1, 2, 0))

    def sources(self) -> Iterable[str]:
        """Return the file of the names."""
        return ((PurePosixPath(self.place) / self.layout.meta).as_posix(),)

    def _batch(self, file: str) -> dict[str, Any]:
        path = self.root / file
        return _read_batch(path, self.layout, path.stat().st_mtime_ns if path.exists() else 0)

    def _item(
        self, batch: dict[str, Any], file: str, split: str, row: int, key: str
    ) -> Item | Rejection:
        found: list[str] = []
        for labels, names in self._label_lists():
            label = batch[labels][row]
            if not 0 <= label < len(names):
                detail = f"{file}: {labels} has {label}, expected 0 to {len(names) - 1}"
                return Rejection(key, "unknown label", detail, split)
            found.append(names[label])
        return Item(key, split, file, row, classes=tuple(found[:1]), tags=tuple(found[1:]))

    def _label_lists(self) -> list[tuple[str, tuple[str, ...]]]:
        tags = self.layout.tag_labels
        both = [(self.layout.labels, self.names.classes)]
        return both if tags is None else [*both, (tags, self.names.tags)]


def detect(root: Path) -> bool:
    """Tell whether ``root`` is the folder of the batches, or holds it and no Parquet files."""
    return _is_batches(root) or (bool(_inside(root)) and not any(root.glob("*.parquet")))


def open_reader(root: Path, params: Dataset) -> CifarReader:
    """Open the folder of the batches, or the folder that contains it.

    Raises:
        InputError: neither data set is there, or its ``meta`` file is damaged.
    """
    folders = [root] if _is_batches(root) else _inside(root)
    if len(folders) != 1:
        raise InputError(
            f"{root} (dataset.path): found {[f.name for f in folders] or 'neither data set'}; "
            f"expected the folder {CIFAR10.folder} or {CIFAR100.folder}, or one that contains it; "
            f"{hint(root) or 'set dataset.path to one of them'}"
        )
    folder = folders[0]
    layout = CIFAR10 if (folder / CIFAR10.meta).is_file() else CIFAR100
    meta = read_pickle(folder / layout.meta)
    names = _names(meta, layout.names, folder / layout.meta)
    tags = _names(meta, layout.tag_names, folder / layout.meta) if layout.tag_names else ()
    place = folder.relative_to(root).as_posix()
    return CifarReader(root, place, layout, Vocabulary(names, tags))


def hint(root: Path) -> str | None:
    """Return what to do with CIFAR in a form that is not read, None where there is none."""
    lying = sorted(path.name for path in root.iterdir()) if root.is_dir() else []
    for name in lying:
        if ARCHIVE.fullmatch(name):
            return f"'{name}' is packed: `tar xf {name}` in its folder"
        if BINARY.fullmatch(name):
            return (
                f"'{name}' is of the version for programs in C; take the one for Python, "
                "cifar-10-python.tar.gz or cifar-100-python.tar.gz"
            )
    return None


def _is_batches(folder: Path) -> bool:
    return any(
        (folder / layout.meta).is_file()
        and any((folder / file).is_file() for file, _ in layout.batches)
        for layout in (CIFAR10, CIFAR100)
    )


def _inside(root: Path) -> list[Path]:
    folders = [root / layout.folder for layout in (CIFAR10, CIFAR100)]
    return [folder for folder in folders if _is_batches(folder)]


def _names(meta: dict[str, Any], key: str, path: Path) -> tuple[str, ...]:
    if not isinstance(meta.get(key), list):
        raise InputError(
            f"{path}: has no list '{key}', found {sorted(meta)}; extract the archive again"
        )
    names = tuple(clean(text(name)) for name in meta[key])
    if not all(names) or len(set(names)) < len(names):
        raise InputError(
            f"{path}: '{key}' is {list(names)}, expected different names; extract the archive again"
        )
    return names


@lru_cache(maxsize=1)
def _read_batch(path: Path, layout: Layout, modified: int) -> dict[str, Any]:
    """Return a batch; ``modified`` (ns) keeps the cache from outliving a change of the file."""
    batch = read_pickle(path)
    keys = [key for key in ("filenames", layout.labels, layout.tag_labels) if key]
    data = batch.get("data")
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8 or data.shape[1:] != (VALUES,):
        found = getattr(data, "dtype", type(data).__name__), getattr(data, "shape", "no shape")
        raise _malformed(path, f"data {found[0]} {found[1]}", keys)
    lengths = {key: len(batch[key]) for key in keys if isinstance(batch.get(key), list)}
    if lengths != dict.fromkeys(keys, len(data)):
        raise _malformed(path, f"{len(data)} rows of data and lists {lengths}", keys)
    if not all(isinstance(label, int) for key in keys[1:] for label in batch[key]):
        raise _malformed(path, "a label that is no whole number", keys)
    return batch


def _malformed(path: Path, found: str, keys: list[str]) -> InputError:
    return InputError(
        f"{path}: holds {found}; expected data uint8 (rows, {VALUES}) and as many "
        f"{', '.join(keys)}; extract the data set's archive again"
    )
