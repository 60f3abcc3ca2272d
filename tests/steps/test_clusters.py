"""Features grouped into visual patterns."""

from typing import Any

import numpy as np
import pytest

from pipeline_lib.artifacts.scores import BACKBONE
from pipeline_lib.errors import InputError
from pipeline_lib.params.clusters import Clusters
from pipeline_lib.steps.clusters import find_patterns, prepared, space_of
from tests.clustering.algorithms import FUZZY_ART, HDBSCAN, KMEANS

CLASSES = np.eye(2, dtype=bool)[np.arange(80) % 2]


@pytest.fixture
def X() -> np.ndarray:
    return np.random.default_rng(0).random((80, 3)).astype(np.float32)


def params(algorithm: dict[str, Any], normalise: str = "none") -> Clusters:
    values = {"space": "features", "algorithm": algorithm, "normalise": normalise}
    return Clusters.model_validate(values)


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


def test_what_is_clustered_may_be_another_space_than_that_of_the_means(X):
    space = np.eye(2, dtype=np.float32)[np.arange(80) // 40]
    found = find_patterns(X, CLASSES, params(KMEANS), space=space)
    first = found.clustering.labels[0]
    assert (found.clustering.labels == first).tolist() == [True] * 40 + [False] * 40
    np.testing.assert_allclose(found.prototypes["means"][first], X[:40].mean(0), rtol=1e-5)


def test_features_are_what_is_clustered_unless_posteriors_are_asked_for(X, tmp_path):
    assert space_of(params(KMEANS), X, tmp_path / "no weights", ["a", "b"]) is X
    asked = params(KMEANS).model_copy(update={"space": "posteriors"})
    arrays = {"head.weight": np.eye(3, dtype=np.float32), "head.bias": np.zeros(3, np.float32)}
    BACKBONE.write(tmp_path / "w.safetensors", arrays, model="lenet5", names=["a", "b", "c"])
    found = space_of(asked, X, tmp_path / "w.safetensors", ["a", "b", "c"])
    np.testing.assert_allclose(found, np.exp(X) / np.exp(X).sum(1, keepdims=True), rtol=1e-5)


def test_clusters_that_leave_images_out_are_described_without_them():
    X, classes = np.repeat(np.eye(3), 9, 0), np.eye(2, dtype=bool)[[0] * 18 + [1] * 9]
    far = np.array([[50, 0, 0], [0, 99, 0], [0, 0, 400]])
    found = find_patterns(
        np.concatenate([X, far]), np.vstack([classes, classes[:3]]), params(HDBSCAN)
    )
    assert found.clustering.labels[-3:].tolist() == [-1, -1, -1]
    assert found.quality["noise"] == 3
    assert found.quality["purity"] == 1
    np.testing.assert_allclose(np.sort(found.prototypes["means"], 0)[-1], [1, 1, 1])


def test_nothing_but_noise_is_refused():
    apart = 2.0 ** np.arange(20)[:, None]
    expected = (
        r"clusters: hdbscan finds no cluster among 20 training images, all is noise; expected"
    )
    with pytest.raises(InputError, match=expected):
        find_patterns(apart, CLASSES[:20], params(HDBSCAN | {"min_cluster_size": 15}))
