"""Fuzzy ART and what it is measured against, timed in turns.

A machine's speed changes while it is measured, so each round runs every contender once, and only
ratios of medians of one run are quoted.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import artlib
import faiss
import numpy as np
from artlib.optimized.backends.cpp.FuzzyART import FuzzyART as CppFuzzyART
from sklearn.cluster import MiniBatchKMeans
from threadpoolctl import threadpool_limits

from pipeline_lib.clustering.fuzzy_art.estimator import FuzzyART

ALPHA, BETA = 0.01, 0.6
PEERS = ("artlib", "artlib_cpp", "faiss_kmeans", "minibatch_kmeans")
SLOW = ("artlib", "artlib_cpp", "minibatch_kmeans")


@dataclass
class Timed:
    """Seconds of every contender, and whether Fuzzy ART's results agreed."""

    clusters: int
    seconds: dict[str, list[float]] = field(default_factory=dict)
    identical: bool = True

    def median(self, name: str) -> float:
        """Return the median of a contender's seconds; not a number where it did not run."""
        return statistics.median(self.seconds[name]) if name in self.seconds else float("nan")

    def ratio(self, name: str) -> float:
        """Return a peer's time divided by that of Fuzzy ART on all threads."""
        return self.median(name) / self.median("ours")


def ours(X: np.ndarray, rho: float, threads: int) -> FuzzyART:
    """Fit this project's Fuzzy ART, scaling included."""
    return FuzzyART(rho, ALPHA, BETA, n_jobs=threads).fit(X)


def artlib_model(kind: type, X: np.ndarray, rho: float) -> artlib.FuzzyART:
    """Fit one of artlib's, scaling included, in float64."""
    model = kind(rho=rho, alpha=ALPHA, beta=BETA)
    return model.fit(model.prepare_data(X.astype(np.float64)))


def faiss_kmeans(X: np.ndarray, clusters: int) -> None:
    """Train FAISS's k-means with its own defaults, on all samples; without labelling them."""
    most = max(256, -(-len(X) // clusters))
    kmeans = faiss.Kmeans(
        X.shape[1], clusters, min_points_per_centroid=1, max_points_per_centroid=most
    )
    kmeans.train(X)


def minibatch_kmeans(X: np.ndarray, clusters: int) -> None:
    """Fit scikit-learn's with its defaults."""
    MiniBatchKMeans(clusters, random_state=0).fit(X)


def compare(
    X: np.ndarray, rho: float, *, rounds: int, slow_rounds: int, threads: int, seconds: float = 1e9
) -> Timed:
    """Time every contender on X, in turns.

    Args:
        X: float32 (samples, dimensions).
        rho: vigilance.
        rounds: of the fast contenders.
        slow_rounds: of artlib's and MiniBatchKMeans, which are slow.
        threads: of all that use several. "ours_1" is Fuzzy ART with one.
        seconds: after which no further slow round begins.
    """
    start = time.perf_counter()
    model = ours(X, rho, threads)
    timed = Timed(model.n_clusters_)
    runs: dict[str, Callable[[], object]] = {
        "ours": lambda: ours(X, rho, threads),
        "ours_1": lambda: ours(X, rho, 1),
        "faiss_kmeans": lambda: faiss_kmeans(X, model.n_clusters_),
        "minibatch_kmeans": lambda: minibatch_kmeans(X, model.n_clusters_),
        "artlib": lambda: artlib_model(artlib.FuzzyART, X, rho),
        "artlib_cpp": lambda: artlib_model(CppFuzzyART, X, rho),
    }
    faiss.omp_set_num_threads(threads)
    with threadpool_limits(limits=threads):
        for round_ in range(rounds):
            late = round_ > 0 and time.perf_counter() - start > seconds
            for name, run in runs.items():
                if name in SLOW and (late or round_ >= slow_rounds):
                    continue
                began = time.perf_counter()
                result = run()
                timed.seconds.setdefault(name, []).append(time.perf_counter() - began)
                if name not in ("faiss_kmeans", "minibatch_kmeans"):
                    timed.identical &= same(model, result)
    return timed


def same(model: FuzzyART, other: object) -> bool:
    """Whether labels are equal, and weights within 1e-6."""
    weights = other.weights_ if isinstance(other, FuzzyART) else np.asarray(other.W)  # type: ignore[attr-defined]
    return bool(
        np.array_equal(model.labels_, other.labels_)  # type: ignore[attr-defined]
        and np.allclose(model.weights_, weights, rtol=0, atol=1e-6)
    )
