"""The images of a data set in the order of their rows, and what each is labelled with."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from pipeline_lib.artifacts.samples import CATEGORIES, SAMPLES, TEST, TRAIN
from pipeline_lib.errors import InputError
from pipeline_lib.targets import Target

KINDS: dict[Target, str] = {"classes": "class", "tags": "tag"}
"""What the categories of a target are called in the table of categories."""


@dataclass(frozen=True, kw_only=True)
class SampleTable:
    """The images: a row of ``samples`` for each, sorted by key."""

    samples: pl.DataFrame  # as SAMPLES

    def __len__(self) -> int:
        return len(self.samples)

    @property
    def ids(self) -> list[str]:
        """The keys of all images."""
        return self.ids_of(slice(None))

    @property
    def train(self) -> np.ndarray:
        """The rows of the training images, ascending."""
        return self.rows(TRAIN)

    @property
    def in_training(self) -> np.ndarray:
        """Whether each image is a training image, bool (images,)."""
        return (self.samples["split"] == TRAIN).to_numpy()

    @cached_property
    def splits(self) -> list[str]:
        """Every split, sorted."""
        return sorted(set(self.samples["split"]))

    @property
    def evaluation_splits(self) -> list[str]:
        """Every split but the training one, sorted."""
        return [split for split in self.splits if split != TRAIN]

    def ids_of(self, rows: np.ndarray | slice) -> list[str]:
        """Return the keys of some images."""
        return self.samples["sample_id"][rows].to_list()

    def rows(self, split: str) -> np.ndarray:
        """Return the rows of a split, ascending."""
        return np.flatnonzero((self.samples["split"] == split).to_numpy())

    def check_tested(self, target: Target) -> None:
        """Say before training that nothing could be judged after it.

        Raises:
            InputError: no image of the test split carries one of what is predicted.
        """
        test = self.samples.filter(split=TEST)
        if not test[target].list.len().sum():
            raise InputError(
                f"samples.parquet: none of the {len(test)} images of split '{TEST}' has {target}, "
                f"expected some to judge the run by; look at the labels of the data set, or "
                f"disable the runs that predict {target}"
            )


@dataclass(frozen=True, kw_only=True)
class CategoryTable:
    """The classes and the tags: a row of ``categories`` for each."""

    categories: pl.DataFrame  # as CATEGORIES

    @cached_property
    def class_names(self) -> list[str]:
        """The classes in index order; there may be none."""
        return self.of("classes")["name"].to_list()

    @cached_property
    def tag_names(self) -> list[str]:
        """The tags in index order; there may be none."""
        return self.of("tags")["name"].to_list()

    def of(self, target: Target) -> pl.DataFrame:
        """Return the rows of the classes or the tags in index order; there may be none."""
        return self.categories.filter(kind=KINDS[target]).sort("index")

    def names(self, target: Target) -> list[str]:
        """Return the names of the classes or the tags in index order; there may be none."""
        return self.class_names if target == "classes" else self.tag_names

    def predicted(self, target: Target) -> pl.DataFrame:
        """Return the rows of what is predicted in index order.

        Raises:
            InputError: the data set has none.
        """
        found = self.of(target)
        if found.is_empty():
            raise InputError(
                f"categories.parquet: the data set has no {target}, expected some to predict; "
                f"disable the runs and shared stages whose target is {target}, or choose another "
                "data set"
            )
        return found

    def predicted_names(self, target: Target) -> list[str]:
        """Return the names of what is predicted in index order.

        Raises:
            InputError: the data set has none.
        """
        return self.predicted(target)["name"].to_list()


@dataclass(frozen=True, kw_only=True)
class Labelled(SampleTable, CategoryTable):
    """The images with their classes and tags."""

    def targets(self, target: Target, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Return the classes or the tags of some images, multi-hot bool (rows, categories)."""
        return self._multi_hot(target, target, rows)

    def difficult(self, target: Target, rows: np.ndarray) -> np.ndarray:
        """Return what some images carry as objects hard to see only, multi-hot as ``targets``."""
        if target == "tags":
            return self._multi_hot("difficult", target, rows)
        return np.zeros((len(rows), len(self.names(target))), bool)

    def unknown(self, target: Target, rows: np.ndarray) -> np.ndarray:
        """Return what nobody knows of some images, present or absent, multi-hot as ``targets``."""
        if target == "tags":
            return self._multi_hot("unknown", target, rows)
        return np.zeros((len(rows), len(self.names(target))), bool)

    def all_targets(self, target: Target, rows: np.ndarray) -> np.ndarray | None:
        """Return the true targets, where single-positive supervision or faults made others of them.

        None where the tags are what is known. Oracles alone may read them.
        """
        if target != "tags" or self.samples["all_tags"][rows].is_null().any():
            return None
        return self._multi_hot("all_tags", target, rows)

    def label(self, row: int, target: Target = "classes") -> str:
        """Return the classes or the tags of an image in words."""
        known = self.names(target)
        return ", ".join(known[i] for i in self.samples[target][row]) or f"no {KINDS[target]}"

    def _multi_hot(self, column: str, target: Target, rows: np.ndarray | slice) -> np.ndarray:
        return multi_hot(self.samples[column][rows], len(self.names(target)))


def read_samples(path: Path) -> SampleTable:
    """Read the images without their categories: for what has nothing to do with names."""
    return SampleTable(samples=SAMPLES.read(path))


def read_categories(path: Path) -> CategoryTable:
    """Read the categories without images."""
    return CategoryTable(categories=CATEGORIES.read(path))


def read_labelled(samples: Path, categories: Path) -> Labelled:
    """Read the two tables that ``ingest`` wrote."""
    return Labelled(samples=SAMPLES.read(samples), categories=CATEGORIES.read(categories))


def multi_hot(lists: pl.Series, width: int) -> np.ndarray:
    """Turn lists of indices into a bool matrix (rows, width)."""
    out = np.zeros((len(lists), width), bool)
    long = (
        pl.DataFrame({"row": np.arange(len(lists)), "index": lists}).explode("index").drop_nulls()
    )
    out[long["row"].to_numpy(), long["index"].to_numpy()] = True
    return out
