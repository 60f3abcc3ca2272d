"""HDBSCAN (Campello, Moulavi and Sander 2013): dense groups of any number, and noise around them.

It is scikit-learn's. A cluster is what stays together longest while links longer than a falling
bound are cut, a link being as long as its ends are far apart or from their own neighbours.
"""

import numpy as np
from sklearn.cluster import HDBSCAN

from pipeline_lib.clustering.place import Place
from pipeline_lib.clustering.result import NOISE, Clustering
from pipeline_lib.errors import InputError
from pipeline_lib.params.clusterers import Hdbscan


def hdbscan(X: np.ndarray, p: Hdbscan, place: Place) -> Clustering:
    """Find the clusters of X (samples, dimensions) by Euclidean distance.

    Args:
        X: float32 or float64; compared in float64.
        p: the numbers.
        place: a part that has too few samples is noise; it is computed on the processor anywhere.

    Raises:
        InputError: X has too few samples and is no part.
    """
    least = max(p.min_samples, 2)
    if len(X) < least:
        if place.part:
            return Clustering(np.full(len(X), NOISE), 0)
        raise InputError(
            f"hdbscan: {len(X)} samples, expected at least {least}; lower "
            "`clusters.algorithm.min_samples`, or choose another algorithm"
        )
    found = HDBSCAN(
        min_cluster_size=p.min_cluster_size,
        min_samples=p.min_samples,
        cluster_selection_method=p.selection,
        allow_single_cluster=p.single,
        n_jobs=place.jobs,
        copy=True,
    ).fit(X)
    labels = found.labels_.astype(np.int64)
    return Clustering(labels, int(labels.max()) + 1)
