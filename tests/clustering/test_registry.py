"""Clusterers by the names of params.yaml."""

from functools import partial
from typing import Any, get_args

import numpy as np
import pytest

from pipeline_lib.clustering import registry
from pipeline_lib.clustering.fuzzy_art import scan_torch
from pipeline_lib.clustering.fuzzy_art.estimator import FuzzyART
from pipeline_lib.clustering.kmeans import FaissKMeans
from pipeline_lib.clustering.place import Place
from pipeline_lib.clustering.registry import CLUSTERERS, cluster
from pipeline_lib.params.clusterers import Algorithm
from tests.clustering.algorithms import FUZZY_ART, KMEANS, algorithm

HI = {"name": "hi", "sigma": 0.01, "delta": 0.02}


@pytest.fixture
def X() -> np.ndarray:
    return np.random.default_rng(0).random((80, 3)).astype(np.float32)


def test_every_model_has_a_clusterer():
    names = [get_args(m.model_fields["name"].annotation) for m in get_args(get_args(Algorithm)[0])]
    assert sorted(CLUSTERERS) == sorted(name for one in names for name in one)


def test_fuzzy_art_gets_every_parameter(X):
    asked = algorithm(FUZZY_ART, rho=0.75, alpha=0.05, ties="last", shuffle=4, vigilance=HI)
    found = cluster(X, asked)
    expected = FuzzyART(
        0.75,
        0.05,
        0.5,
        max_iter=2,
        ties="last",
        random_state=4,
        vigilance="hi",
        sigma=0.01,
        delta=0.02,
    ).fit(X)
    np.testing.assert_array_equal(found.labels, expected.labels_)
    assert found.count == expected.n_clusters_
    assert found.learned.keys() == {"weights"}
    np.testing.assert_array_equal(found.learned["weights"], expected.weights_.astype(np.float32))


@pytest.mark.parametrize("rule", [{"name": "am", "sigma": 0.1}, {"name": "cm", "delta": 0.1}])
def test_a_vigilance_that_adapts_does_so_by_its_own_number(X, rule):
    expected = FuzzyART(0.7, 0.01, 0.5, 2, vigilance=rule["name"], sigma=0.1, delta=0.1).fit(X)
    found = cluster(X, algorithm(FUZZY_ART, vigilance=rule))
    np.testing.assert_array_equal(found.learned["weights"], expected.weights_.astype(np.float32))


def test_kmeans_gets_every_parameter(X, monkeypatch):
    def made(*args: Any, **named: Any) -> FaissKMeans:
        asked.append(named)
        return FaissKMeans(*args, **named)

    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(registry, "FaissKMeans", made)
    found = cluster(X, algorithm(KMEANS, n_clusters=6, iterations=3, seed=4), Place(device="cuda"))
    expected = FaissKMeans(6, max_iter=3, random_state=4).fit(X)
    assert found.count == 6
    np.testing.assert_array_equal(found.labels, expected.labels_)
    assert asked == [{"max_iter": 3, "random_state": 4, "device": "cuda"}]


def test_a_part_is_scaled_already(X):
    half = X / 2
    whole = FuzzyART(0.7, 0.01, 0.5, 2, scale="none").fit(half)
    found = cluster(half, algorithm(FUZZY_ART), Place(part=True))
    np.testing.assert_array_equal(found.labels, whole.labels_)
    assert found.count < cluster(half, algorithm(FUZZY_ART)).count, "which widens it to 0…1"


def test_fuzzy_art_scans_on_the_device_with_the_same_labels(X, monkeypatch):
    asked = []
    there = partial(scan_torch.present_on, "cpu")  # the scan in torch, on this processor
    monkeypatch.setattr(
        scan_torch, "present_on", lambda device, *rest: asked.append(device) or there(*rest)
    )
    found = cluster(X, algorithm(FUZZY_ART), Place(device="cuda"))
    assert asked == ["cuda"] * 2, "once an epoch"
    np.testing.assert_array_equal(found.labels, cluster(X, algorithm(FUZZY_ART)).labels)
