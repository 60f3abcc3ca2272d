"""Clusters as vectors."""

import numpy as np

from pipeline_lib.clustering.result import Clustering


def prototypes(features: np.ndarray, found: Clustering) -> dict[str, np.ndarray]:
    """Return each cluster's mean feature and size.

    Args:
        features: (samples, dimensions).
        found: their clusters; one without samples has a mean of zero, and noise is in no mean.

    Returns:
        "means" (clusters, dimensions) float32 and "sizes" (clusters,) int64.
    """
    sums = np.zeros((found.count, features.shape[1]))
    held = ~found.noise
    np.add.at(sums, found.labels[held], features[held].astype(np.float64))
    sizes = found.sizes
    return {"means": (sums / np.maximum(sizes, 1)[:, None]).astype(np.float32), "sizes": sizes}
