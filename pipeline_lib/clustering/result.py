"""What every clusterer finds, in one form."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

NOISE = -1
"""The label of samples outside every cluster."""


@dataclass(frozen=True)
class Clustering:
    """Clusters 0 … count - 1 of some samples.

    A cluster may have no sample: Fuzzy ART founds some that lose all theirs in a later pass. A
    sample may be in no cluster: that is noise, and no cluster of its own.
    """

    labels: np.ndarray  # int64 (samples,): a cluster, or NOISE
    count: int
    learned: Mapping[str, np.ndarray] = field(default_factory=dict)
    """What the clusterer itself keeps of each cluster, (count, …)."""

    @property
    def noise(self) -> np.ndarray:
        """Which samples are in no cluster, bool (samples,)."""
        outside: np.ndarray = self.labels == NOISE
        return outside

    @property
    def sizes(self) -> np.ndarray:
        """The samples of each cluster, int64 (count,)."""
        return sizes(self.labels, self.count)


def sizes(labels: np.ndarray, clusters: int) -> np.ndarray:
    """Count the samples of each cluster, int64 (clusters,); noise counts nowhere.

    Args:
        labels: cluster of every sample, or NOISE.
        clusters: number of clusters.
    """
    return np.bincount(labels[labels != NOISE], minlength=clusters)
