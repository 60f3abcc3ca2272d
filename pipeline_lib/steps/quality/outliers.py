"""Images that are far from all others, by the measure of their own class."""

import numpy as np
import polars as pl

from pipeline_lib.artifacts.labelled import Labelled
from pipeline_lib.artifacts.quality import OUTLIERS
from pipeline_lib.clustering.neighbours import Neighbours

LEAST = 5  # images of a class from which on it has a distribution of its own


def outliers(table: Labelled, found: Neighbours, *, listed: int) -> pl.DataFrame:
    """Return the images that are farthest from their last neighbour, as OUTLIERS.

    The distance to the k-th neighbour is the outlier score of Ramaswamy et al. (2000). Classes lie
    more or less densely, so it is divided by the median of the image's class; of several classes by
    the largest one; by that of all images where it has no class, or one of few images.

    References:
        S. Ramaswamy, R. Rastogi, K. Shim: Efficient algorithms for mining outliers from large data
        sets. SIGMOD (2000).
    """
    distance = 1 - found.cosine[:, -1] if found.cosine.size else np.zeros(len(table))
    usual = usual_distance(distance, table.targets("classes"))
    ratio = np.divide(distance, usual, out=np.ones_like(distance), where=usual > 0)
    order = np.lexsort((np.arange(len(ratio)), -ratio))[:listed]
    ids = np.array(table.ids, object)
    return pl.DataFrame(
        {
            "rank": np.arange(1, len(order) + 1, dtype=np.int32),
            "sample_id": ids[order].tolist(),
            "split": table.samples["split"][order],
            "distance": distance[order],
            "ratio": ratio[order],
            "neighbours": [ids[rows].tolist() for rows in found.rows[order]],
        },
        schema=OUTLIERS.dtypes,
    )


def usual_distance(distance: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return the median distance (images,) of the class of each image.

    Args:
        distance: (images,).
        classes: multi-hot bool (images, classes).
    """
    overall = np.median(distance) if len(distance) else 0.0
    large = np.flatnonzero(classes.sum(0) >= LEAST)
    medians = np.array([np.median(distance[classes[:, one]]) for one in large])
    own = np.where(classes[:, large], medians, -np.inf).max(1, initial=-np.inf)
    found: np.ndarray = np.where(np.isfinite(own), own, overall)
    return found
