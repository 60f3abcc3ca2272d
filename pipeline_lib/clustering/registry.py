"""Clusterers by name."""

from collections.abc import Callable

import numpy as np

from pipeline_lib.clustering.clusterer import Clusterer
from pipeline_lib.clustering.fuzzy_art.estimator import FuzzyART
from pipeline_lib.clustering.kmeans import FaissKMeans
from pipeline_lib.params.clusters import Clusters

CLUSTERERS: dict[str, Callable[[Clusters, str | None], Clusterer]] = {
    "fuzzy_art": lambda p, device: FuzzyART(
        rho=p.rho,
        alpha=p.alpha,
        beta=p.beta,
        max_iter=p.epochs,
        ties=p.ties,
        shuffle=p.seed,
        vigilance=p.vigilance,
        sigma=p.sigma,
        delta=p.delta,
        device=device,
    ),
    "kmeans": lambda p, device: FaissKMeans(
        p.n_clusters, max_iter=p.iterations, seed=p.seed, device=device
    ),
}


def cluster(features: np.ndarray, params: Clusters, *, device: str | None = None) -> Clusterer:
    """Fit the clusterer that ``params`` names to ``features`` (samples, dimensions).

    ``device`` is None, for this processor, or "cuda".
    """
    return CLUSTERERS[params.algorithm](params, device).fit(prepared(features, params))


def prepared(features: np.ndarray, params: Clusters) -> np.ndarray:
    """Return the features as they are clustered and compared: of unit length, if asked for."""
    if params.normalise == "none":
        return features
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    unit: np.ndarray = features / np.maximum(lengths, np.finfo(features.dtype).tiny)
    return unit
