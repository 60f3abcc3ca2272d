"""k-means by FAISS: a fixed number of clusters."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from pipeline_lib.clustering.faiss_build import flat_index, library, on_gpu
from pipeline_lib.clustering.validation import check_samples
from pipeline_lib.errors import InputError


class FaissKMeans(ClusterMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Lloyd's k-means with Euclidean distance.

    The result does not depend on the number of threads. GPUs add in another order: theirs has
    other last bits, from which other clusters can follow.

    Args:
        n_clusters: number of centroids.
        max_iter: passes over the samples.
        random_state: seed of the initial centroids, which are samples.
        device: None or "cpu" computes on this processor, "cuda" on GPUs where FAISS has any.

    Attributes:
        labels_: nearest centroid of every training sample, int64 (samples,).
        centroids_: (clusters, dimensions) float32.
        n_iter_: passes made, which are ``max_iter``.
        n_features_in_: dimensions.

    References:
        S. P. Lloyd: Least squares quantization in PCM. IEEE Transactions on Information Theory 28
        (1982); M. Douze et al.: The Faiss library. arXiv:2401.08281 (2024).

    Example:
        >>> import numpy as np
        >>> from pipeline_lib.clustering.kmeans import FaissKMeans
        >>> X = np.array([[0.0, 0.0], [9.0, 9.0], [0.0, 1.0], [9.0, 8.0]])
        >>> model = FaissKMeans(2, random_state=1).fit(X)
        >>> sorted(model.centroids_.tolist())
        [[0.0, 0.5], [9.0, 8.5]]
        >>> model.predict(X[:1]) == model.labels_[0]
        array([ True])
    """

    labels_: np.ndarray
    centroids_: np.ndarray
    n_iter_: int

    def __init__(
        self,
        n_clusters: int = 8,
        max_iter: int = 20,
        random_state: int = 0,
        *,
        device: str | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.max_iter = max_iter
        self.random_state = random_state
        self.device = device

    @property
    def n_clusters_(self) -> int:
        """Number of centroids."""
        return len(self.centroids_)

    def fit(self, X: np.ndarray, y: None = None) -> Self:
        """Learn the centroids of X (samples, dimensions); ``y`` is read by nothing.

        Raises:
            InputError: X is not finite, or has fewer samples than there are to be clusters; FAISS
                is not installed.
        """
        X = self._contiguous(X, reset=True)
        if len(X) < self.n_clusters:
            raise InputError(
                f"k-means: {self.n_clusters} clusters of {len(X)} samples, expected at most as "
                "many clusters as samples; lower `clusters.n_clusters`"
            )
        kmeans = library().Kmeans(
            X.shape[1],
            self.n_clusters,
            niter=self.max_iter,
            seed=self.random_state,
            min_points_per_centroid=1,
            max_points_per_centroid=len(X),
            gpu=on_gpu(self.device),
        )
        kmeans.train(X)
        self.centroids_ = np.asarray(kmeans.centroids)
        self.n_iter_ = self.max_iter
        self.labels_ = self.predict(X)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the nearest centroid of every row of X.

        Raises:
            InputError: X is not finite, or of another width than in fit.
        """
        check_is_fitted(self)
        X = self._contiguous(X, reset=False)
        nearest: np.ndarray = flat_index(self.centroids_, self.device).search(X, 1)[1][:, 0]
        return nearest

    def _contiguous(self, X: Any, *, reset: bool) -> np.ndarray:
        X = validate_data(
            self, X, reset=reset, dtype=np.float32, order="C", ensure_all_finite=False
        )
        check_samples(X)
        found: np.ndarray = X
        return found
