"""Clusters as vectors."""

import numpy as np


def prototypes(features: np.ndarray, labels: np.ndarray, clusters: int) -> dict[str, np.ndarray]:
    """Return each cluster's mean feature and size.

    Args:
        features: (samples, dimensions).
        labels: cluster of every sample.
        clusters: number of clusters; one without samples has a mean of zero.

    Returns:
        "means" (clusters, dimensions) float32 and "sizes" (clusters,) int64.
    """
    sums = np.zeros((clusters, features.shape[1]))
    np.add.at(sums, labels, features.astype(np.float64))
    sizes = np.bincount(labels, minlength=clusters)
    return {"means": (sums / np.maximum(sizes, 1)[:, None]).astype(np.float32), "sizes": sizes}
