"""k-means by FAISS: a fixed number of clusters."""

from typing import Self

import numpy as np

from pipeline_lib.clustering.faiss_build import flat_index, library, on_gpu
from pipeline_lib.clustering.validation import check_samples
from pipeline_lib.errors import InputError


class FaissKMeans:
    """Lloyd's k-means with Euclidean distance.

    The result does not depend on the number of threads. GPUs add in another order: theirs has
    other last bits, from which other clusters can follow.

    Args:
        n_clusters: number of centroids.
        max_iter: passes over the samples.
        seed: of the initial centroids, which are samples.
        device: None or "cpu" computes on this processor, "cuda" on GPUs where FAISS has any.

    Attributes:
        labels_: nearest centroid of every training sample, int64 (samples,).
        centroids_: (clusters, dimensions) float32.
    """

    labels_: np.ndarray
    centroids_: np.ndarray

    def __init__(
        self, n_clusters: int, max_iter: int = 20, seed: int = 0, *, device: str | None = None
    ) -> None:
        self.n_clusters = n_clusters
        self.max_iter = max_iter
        self.seed = seed
        self.device = device

    @property
    def n_clusters_(self) -> int:
        """Number of centroids."""
        return len(self.centroids_)

    def fit(self, X: np.ndarray) -> Self:
        """Learn the centroids of X (samples, dimensions).

        Raises:
            InputError: X is not finite, or has fewer samples than there are to be clusters; FAISS
                is not installed.
        """
        X = _contiguous(X)
        if len(X) < self.n_clusters:
            raise InputError(
                f"k-means: {self.n_clusters} clusters of {len(X)} samples, expected at most as "
                "many clusters as samples; lower `clusters.n_clusters`"
            )
        kmeans = library().Kmeans(
            X.shape[1],
            self.n_clusters,
            niter=self.max_iter,
            seed=self.seed,
            min_points_per_centroid=1,
            max_points_per_centroid=len(X),
            gpu=on_gpu(self.device),
        )
        kmeans.train(X)
        self.centroids_ = np.asarray(kmeans.centroids)
        self.labels_ = self.predict(X)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the nearest centroid of every row of X.

        Raises:
            InputError: X is not finite, or of another width than in fit.
        """
        X = _contiguous(X)
        expected = self.centroids_.shape[1]
        if X.shape[1] != expected:
            raise InputError(
                f"k-means: {X.shape[1]} dimensions, expected {expected} as in fit; take features "
                "of the same backbone"
            )
        nearest: np.ndarray = flat_index(self.centroids_, self.device).search(X, 1)[1][:, 0]
        return nearest


def _contiguous(X: np.ndarray) -> np.ndarray:
    check_samples(X)
    return np.ascontiguousarray(X, np.float32)
