"""Per-category and confusion tables."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix as sklearns_confusion
from sklearn.metrics import precision_recall_fscore_support

from pipeline_lib.evaluation.class_tables import confusion_matrix, per_category

NAMES = ["cat", "dog", "eel", "fox"]


def single() -> tuple[np.ndarray, np.ndarray]:
    """Three seeds' predictions for 40 images; fox is never predicted, eel is no image's class."""
    rng = np.random.default_rng(0)
    truth = rng.choice([0, 1, 3], 40)
    predicted = np.where(rng.random((3, 40)) < 0.6, truth, rng.integers(0, 3, (3, 40)))
    return np.where(predicted == 3, 0, predicted), truth


def test_confusion_is_scikit_learns_summed_over_seeds():
    predicted, truth = single()
    expected = sum(sklearns_confusion(truth, seed, labels=range(4)) for seed in predicted)
    found = confusion_matrix(predicted, np.eye(4, dtype=bool)[truth])
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, expected)


def test_an_image_of_several_classes_counts_in_each_of_its_rows():
    truth = np.array([[1, 1, 0], [0, 0, 1]], bool)
    found = confusion_matrix(np.array([[0, 0], [1, 2]]), truth)
    assert found.tolist() == [[1, 1, 0], [1, 1, 0], [1, 0, 1]]


def test_categories_are_scikit_learns():
    predicted, truth = single()
    found = per_category(predicted, np.eye(4, dtype=bool)[truth], NAMES)
    precision, recall, f1, _ = precision_recall_fscore_support(
        np.tile(truth, 3), predicted.ravel(), labels=range(4), zero_division=0
    )
    assert found["category"].to_list() == [0, 1, 2, 3]
    assert found["name"].to_list() == NAMES
    assert found["images"].to_list() == np.bincount(truth, minlength=4).tolist()
    assert found["precision"].to_list() == pytest.approx(precision.tolist())
    assert found["recall"].to_list() == pytest.approx(recall.tolist())
    assert found["f1"].to_list() == pytest.approx(f1.tolist())


def test_categories_of_several_classes_by_hand():
    # first ranks 0 0 1; class 0 is right once of two, and one of the two images that carry it
    truth = np.array([[1, 1, 0], [0, 1, 0], [1, 0, 0]], bool)
    found = per_category(np.array([[0, 0, 1]]), truth, NAMES[:3])
    assert found["images"].to_list() == [2, 2, 0]
    assert found["precision"].to_list() == [1 / 2, 0, 0]
    assert found["recall"].to_list() == [1 / 2, 0, 0]
    assert found["f1"].to_list() == [1 / 2, 0, 0]
