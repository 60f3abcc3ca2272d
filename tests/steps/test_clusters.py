"""Features grouped into visual patterns."""

from typing import Any

import numpy as np
import pytest

from pipeline_lib.params.clusters import Clusters
from pipeline_lib.steps.clusters import find_patterns, prepared
from tests.clustering.algorithms import FUZZY_ART, KMEANS

CLASSES = np.eye(2, dtype=bool)[np.arange(80) % 2]


@pytest.fixture
def X() -> np.ndarray:
    return np.random.default_rng(0).random((80, 3)).astype(np.float32)


def params(algorithm: dict[str, Any], normalise: str = "none") -> Clusters:
    return Clusters.model_validate({"algorithm": algorithm, "normalise": normalise})


@pytest.mark.parametrize("algorithm", [FUZZY_ART, KMEANS | {"n_clusters": 6}])
def test_what_is_clustered_can_be_normalised(X, algorithm):
    def labels(features: np.ndarray, normalise: str) -> np.ndarray:
        return find_patterns(features, CLASSES, params(algorithm, normalise)).clustering.labels

    unit = X / np.linalg.norm(X, axis=1, keepdims=True)
    bent = unit * np.linspace(1, 4, len(X), dtype=np.float32)[:, None]
    np.testing.assert_array_equal(labels(X, "l2"), labels(bent, "l2"))
    assert not np.array_equal(labels(X, "l2"), labels(bent, "none"))


def test_without_normalising_features_stay_as_they_are(X):
    assert prepared(X, "none") is X


def test_means_are_those_of_the_features_as_they_came(X):
    found = find_patterns(X, CLASSES, params(KMEANS, "l2"))
    own = found.clustering.labels == 1
    np.testing.assert_allclose(found.prototypes["means"][1], X[own].mean(0), rtol=1e-5)
    assert found.quality["clusters"] == 2
