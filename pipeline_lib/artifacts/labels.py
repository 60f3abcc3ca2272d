"""The sample table as arrays."""

import numpy as np
import polars as pl

from pipeline_lib.artifacts.samples import TEST, TRAIN
from pipeline_lib.errors import InputError


def multi_hot(lists: pl.Series, width: int) -> np.ndarray:
    """Turn lists of indices into a bool matrix (rows, width)."""
    out = np.zeros((len(lists), width), bool)
    long = (
        pl.DataFrame({"row": np.arange(len(lists)), "index": lists}).explode("index").drop_nulls()
    )
    out[long["row"].to_numpy(), long["index"].to_numpy()] = True
    return out


KINDS = {"classes": "class", "tags": "tag"}
"""What the categories of a target are called in the table of categories."""


def target_names(categories: pl.DataFrame, target: str) -> list[str]:
    """Return the names of what is predicted, in index order.

    Raises:
        InputError: the data set has none.
    """
    return target_categories(categories, target)["name"].to_list()


def target_categories(categories: pl.DataFrame, target: str) -> pl.DataFrame:
    """Return the rows of what is predicted, in index order.

    Raises:
        InputError: the data set has none.
    """
    found = categories.filter(kind=KINDS[target]).sort("index")
    if found.is_empty():
        raise InputError(
            f"categories.parquet: the data set has no {target}, expected some to predict; disable "
            f"the runs and shared stages whose target is {target}, or choose another data set"
        )
    return found


def names(categories: pl.DataFrame, kind: str) -> list[str]:
    """Return the names of the classes or tags in index order."""
    return categories.filter(pl.col("kind") == kind).sort("index")["name"].to_list()


def rows_of(samples: pl.DataFrame, split: str) -> np.ndarray:
    """Return the rows of a split, ascending."""
    return np.flatnonzero((samples["split"] == split).to_numpy())


def evaluation_splits(samples: pl.DataFrame) -> list[str]:
    """Return every split but the training one, sorted."""
    return sorted(set(samples["split"]) - {TRAIN})


def check_tested(samples: pl.DataFrame, target: str) -> None:
    """Say before training that nothing could be judged after it.

    Raises:
        InputError: no image of the test split carries one of what is predicted.
    """
    test = samples.filter(split=TEST)
    if not test[target].list.len().sum():
        raise InputError(
            f"samples.parquet: none of the {len(test)} images of split '{TEST}' has {target}, "
            f"expected some to judge the run by; look at the labels of the data set, or disable "
            f"the runs that predict {target}"
        )
