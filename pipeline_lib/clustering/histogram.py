"""Clusters against classes."""

import numpy as np


def histogram(labels: np.ndarray, classes: np.ndarray, clusters: int) -> np.ndarray:
    """Count N_k^j, samples of class j in cluster k.

    Args:
        labels: cluster of every sample (samples,).
        classes: multi-hot (samples, classes); a sample counts for each of its classes.
        clusters: number of clusters.

    Returns:
        int64 (clusters, classes).
    """
    counts = np.zeros((clusters, classes.shape[1]), np.int64)
    np.add.at(counts, labels, classes.astype(np.int64))
    return counts
