"""Clusterers by name: the one way from parameters and samples to clusters.

A clusterer is a function here, and a model in `pipeline_lib/params/clusterers.py` whose ``name`` is
its key in CLUSTERERS.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from pipeline_lib.clustering.fuzzy_art.estimator import FuzzyART
from pipeline_lib.clustering.hdbscan import hdbscan
from pipeline_lib.clustering.kmeans import FaissKMeans
from pipeline_lib.clustering.place import Place
from pipeline_lib.clustering.result import Clustering
from pipeline_lib.clustering.validation import check_samples
from pipeline_lib.params.clusterers import Algorithm, FuzzyArt, KMeans


def cluster(X: np.ndarray, algorithm: Algorithm, place: Place | None = None) -> Clustering:
    """Cluster X (samples, dimensions), float32 or float64, by the clusterer that is asked for.

    Raises:
        InputError: X is not finite, or has fewer samples than the clusterer needs.
    """
    check_samples(X)
    return CLUSTERERS[algorithm.name](X, algorithm, place or Place())


def fuzzy_art(X: np.ndarray, p: FuzzyArt, place: Place) -> Clustering:
    """Fuzzy ART; its ``weights`` (clusters, 2 dims) are the box (u, 1 - v) of each cluster."""
    rule = p.vigilance.model_dump()
    found = FuzzyART(
        rho=p.rho,
        alpha=p.alpha,
        beta=p.beta,
        max_iter=p.epochs,
        scale="none" if place.part else "minmax",
        ties=p.ties,
        random_state=None if p.shuffle == "none" else p.shuffle,
        vigilance=rule.pop("name"),
        **rule,
        n_jobs=place.jobs,
        device=place.device,
    ).fit(X)
    weights = {"weights": found.weights_.astype(np.float32)}
    return Clustering(found.labels_, found.n_clusters_, weights)


def kmeans(X: np.ndarray, p: KMeans, place: Place) -> Clustering:
    """k-means; a part that has fewer samples than clusters gets a cluster for each."""
    clusters = min(p.n_clusters, len(X)) if place.part else p.n_clusters
    found = FaissKMeans(
        clusters, max_iter=p.iterations, random_state=p.seed, device=place.device
    ).fit(X)
    return Clustering(found.labels_, found.n_clusters_)


CLUSTERERS: dict[str, Callable[[np.ndarray, Any, Place], Clustering]] = {
    "fuzzy_art": fuzzy_art,
    "kmeans": kmeans,
    "hdbscan": hdbscan,
}
