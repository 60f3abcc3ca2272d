"""Clusters against classes."""

import numpy as np

from pipeline_lib.clustering.result import NOISE


def histogram(labels: np.ndarray, classes: np.ndarray, clusters: int) -> np.ndarray:
    """Count N_k^j, samples of class j in cluster k; noise counts nowhere.

    Args:
        labels: cluster of every sample (samples,), or NOISE.
        classes: multi-hot (samples, classes); a sample counts for each of its classes.
        clusters: number of clusters.

    Returns:
        int64 (clusters, classes).
    """
    counts = np.zeros((clusters, classes.shape[1]), np.int64)
    held = labels != NOISE
    np.add.at(counts, labels[held], classes[held].astype(np.int64))
    return counts
