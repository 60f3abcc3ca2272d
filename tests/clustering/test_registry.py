"""Clusterers by the names of params.yaml."""

from functools import partial
from typing import Any

import numpy as np
import pytest

from pipeline_lib.clustering.fuzzy_art import scan_torch as art_torch
from pipeline_lib.clustering.fuzzy_art.estimator import FuzzyART
from pipeline_lib.clustering.fuzzy_art.scan_torch import present_on
from pipeline_lib.clustering.kmeans import FaissKMeans
from pipeline_lib.clustering.registry import cluster, prepared
from pipeline_lib.params.clusters import Clusters
from tests.settled import settled

VALUES: dict[str, Any] = {
    "algorithm": "fuzzy_art",
    "normalise": "none",
    "rho": 0.75,
    "alpha": 0.05,
    "beta": 0.5,
    "epochs": 2,
    "ties": "last",
    "vigilance": "hi",
    "sigma": 0.01,
    "delta": 0.02,
    "n_clusters": 6,
    "iterations": 3,
    "seed": 4,
}


@pytest.fixture
def X() -> np.ndarray:
    return np.random.default_rng(0).random((80, 3)).astype(np.float32)


def params(**changes: Any) -> Clusters:
    return settled(Clusters, VALUES | changes)


def test_fuzzy_art_gets_every_parameter(X):
    found = cluster(X, params())
    expected = FuzzyART(
        0.75, 0.05, 0.5, max_iter=2, ties="last", shuffle=4, vigilance="hi", sigma=0.01, delta=0.02
    ).fit(X)
    assert isinstance(found, FuzzyART)
    np.testing.assert_array_equal(found.labels_, expected.labels_)
    np.testing.assert_array_equal(found.weights_, expected.weights_)
    names = ("rho", "alpha", "beta", "max_iter", "ties", "shuffle", "scale")
    names += ("vigilance", "sigma", "delta")
    assert [getattr(found, name) for name in names] == [getattr(expected, name) for name in names]


def test_kmeans_gets_every_parameter(X):
    found = cluster(X, params(algorithm="kmeans"))
    expected = FaissKMeans(6, max_iter=3, seed=4).fit(X)
    assert isinstance(found, FaissKMeans)
    assert (found.n_clusters, found.max_iter, found.seed) == (6, 3, 4)
    np.testing.assert_array_equal(found.centroids_, expected.centroids_)


@pytest.mark.parametrize("algorithm", ["fuzzy_art", "kmeans"])
def test_what_is_clustered_can_be_normalised(X, algorithm):
    X[0] = 0  # has no direction
    lengths = np.linalg.norm(prepared(X, params(normalise="l2")), axis=1)
    np.testing.assert_allclose(lengths[1:], 1, rtol=1e-6)
    assert lengths[0] == 0
    bent = X * (2.0 ** (np.arange(len(X), dtype=np.float32) % 5))[:, None]  # exact
    straight, scaled = (
        cluster(x, params(algorithm=algorithm, normalise="l2")).labels_ for x in (X, bent)
    )
    np.testing.assert_array_equal(straight, scaled)
    assert not np.array_equal(straight, cluster(bent, params(algorithm=algorithm)).labels_)


def test_without_normalising_features_stay_as_they_are(X):
    assert prepared(X, params()) is X


def test_the_device_reaches_both_clusterers(X, monkeypatch):
    asked = []
    monkeypatch.setattr(
        art_torch, "present_on", lambda device, *rest: asked.append(device) or there(*rest)
    )
    there = partial(present_on, "cpu")  # the scan in torch, on this processor
    found = cluster(X, params(), device="cuda")
    assert asked == ["cuda"] * 2, "once an epoch"
    np.testing.assert_array_equal(found.labels_, cluster(X, params()).labels_)
    means = cluster(X, params(algorithm="kmeans"), device="cuda")
    assert isinstance(means, FaissKMeans)
    assert means.device == "cuda"
