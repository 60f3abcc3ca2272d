"""Clusters as vectors."""

import numpy as np

from pipeline_lib.clustering.prototypes import prototypes
from pipeline_lib.clustering.result import Clustering


def test_worked_example_with_empty_clusters():
    features = np.array([[1.0, 2.0], [3.0, 6.0], [-4.0, 0.0]], np.float32)
    found = prototypes(features, Clustering(np.array([2, 2, 0]), 4))
    assert found["means"].dtype == np.float32
    assert found["means"].tolist() == [[-4, 0], [0, 0], [2, 4], [0, 0]]
    assert found["sizes"].dtype == np.int64
    assert found["sizes"].tolist() == [1, 0, 2, 0]


def test_means_are_summed_in_double_precision():
    # In float32 the ones would vanish beside 2^24, the sum would be 0 and not 4.
    features = np.array([2.0**24, 1, 1, 1, 1, -(2.0**24)], np.float32)[:, None]
    found = prototypes(features, Clustering(np.zeros(6, int), 1))
    assert found["means"][0, 0] == np.float32(4 / 6)


def test_noise_is_in_no_mean():
    found = prototypes(np.array([[1.0], [9.0], [3.0]]), Clustering(np.array([0, -1, 0]), 2))
    assert found["means"].tolist() == [[2.0], [0.0]]
    assert found["sizes"].tolist() == [2, 0]


def test_equals_a_mean_per_cluster():
    rng = np.random.default_rng(0)
    features, labels = rng.normal(size=(100, 5)), rng.integers(0, 6, 100)
    found = prototypes(features, Clustering(labels, 6))
    for cluster in range(6):
        expected = features[labels == cluster].mean(0)
        np.testing.assert_allclose(found["means"][cluster], expected, rtol=1e-6)
