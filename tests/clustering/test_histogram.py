"""Clusters against classes."""

import numpy as np
from sklearn.metrics.cluster import contingency_matrix

from pipeline_lib.clustering.histogram import histogram


def test_worked_example_with_several_classes_and_an_empty_cluster():
    labels = np.array([0, 0, 2])
    classes = np.array([[1, 1], [0, 1], [1, 0]], bool)
    counts = histogram(labels, classes, clusters=4)
    assert counts.dtype == np.int64
    assert counts.tolist() == [[1, 2], [0, 0], [1, 0], [0, 0]]


def test_noise_counts_nowhere():
    counts = histogram(np.array([0, -1, 1]), np.ones((3, 2), bool), clusters=2)
    assert counts.tolist() == [[1, 1], [1, 1]]


def test_equals_scikit_learn_for_one_class_each():
    rng = np.random.default_rng(0)
    labels, truth = rng.integers(0, 7, 200), rng.integers(0, 4, 200)
    expected = contingency_matrix(labels, truth)
    np.testing.assert_array_equal(histogram(labels, np.eye(4, dtype=bool)[truth], 7), expected)
