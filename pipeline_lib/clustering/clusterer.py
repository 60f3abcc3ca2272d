"""The interface that every clusterer has; scikit-learn's conventions."""

from typing import Protocol, Self

import numpy as np


class Clusterer(Protocol):
    """``fit`` learns from X (samples, dimensions) and returns self; learned names end in ``_``."""

    @property
    def labels_(self) -> np.ndarray:
        """The cluster of every training sample, int64 (samples,)."""
        ...

    @property
    def n_clusters_(self) -> int:
        """How many clusters there are."""
        ...

    def fit(self, X: np.ndarray) -> Self:
        """Learn the clusters of X, float32 or float64."""
        ...

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the cluster of every row of X, int64."""
        ...
