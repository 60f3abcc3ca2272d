"""Features to 0…1 by the training range."""

import numpy as np

from pipeline_lib.clustering.scaling import Scaler


def test_worked_example():
    # column 0: 2…6, column 1: constant, column 2: −1…1
    X = np.array([[2.0, 5.0, -1.0], [6.0, 5.0, 1.0], [3.0, 5.0, 0.5]])
    expected = [[0, 0, 0], [1, 0, 1], [0.25, 0, 0.75]]
    np.testing.assert_array_equal(Scaler.of(X).apply(X), expected)


def test_samples_outside_the_training_range_are_clipped():
    scaler = Scaler.of(np.array([[0.0, 3.0], [10.0, 3.0]]))
    found = scaler.apply(np.array([[-5.0, 2.0], [15.0, 4.0], [4.0, 3.0]]))
    np.testing.assert_array_equal(found, [[0, 0], [1, 0], [0.4, 0]])


def test_the_range_and_the_result_have_double_precision():
    X = np.array([[0.1], [0.7], [0.3]], np.float32)
    scaler = Scaler.of(X)
    wide = X.astype(np.float64)
    expected = (wide - wide.min()) / (wide.max() - wide.min())
    assert scaler.apply(X).dtype == np.float64
    np.testing.assert_array_equal(scaler.apply(X), expected)
