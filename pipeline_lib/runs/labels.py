"""The sample table as arrays."""

import numpy as np
import polars as pl

from pipeline_lib.artifacts.samples import TRAIN


def multi_hot(lists: pl.Series, width: int) -> np.ndarray:
    """Turn lists of indices into a bool matrix (rows, width)."""
    out = np.zeros((len(lists), width), bool)
    long = (
        pl.DataFrame({"row": np.arange(len(lists)), "index": lists}).explode("index").drop_nulls()
    )
    out[long["row"].to_numpy(), long["index"].to_numpy()] = True
    return out


def names(categories: pl.DataFrame, kind: str) -> list[str]:
    """Return the names of the classes or tags in index order."""
    return categories.filter(pl.col("kind") == kind).sort("index")["name"].to_list()


def rows_of(samples: pl.DataFrame, split: str) -> np.ndarray:
    """Return the rows of a split, ascending."""
    return np.flatnonzero((samples["split"] == split).to_numpy())


def evaluation_splits(samples: pl.DataFrame) -> list[str]:
    """Return every split but the training one, sorted."""
    return sorted(set(samples["split"]) - {TRAIN})
