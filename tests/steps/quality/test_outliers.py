"""Distances by the measure of a class."""

import numpy as np
import pytest

from pipeline_lib.clustering.neighbours import Neighbours
from pipeline_lib.steps.quality.outliers import LEAST, outliers, usual_distance
from tests.steps.quality.toy import table


def near(distances):
    """The last of two neighbours is as far as said."""
    count = len(distances)
    rows = (np.arange(count)[:, None] + [1, 2]) % count
    return Neighbours(rows, np.stack([np.ones(count), 1 - np.array(distances)], 1))


def test_a_distance_counts_by_the_median_of_its_class():
    # medians 0.1 and 0.4: twice the usual before once, though 0.4 is farther
    distances = [0.1, 0.1, 0.1, 0.1, 0.2, 0.4, 0.4, 0.4, 0.4, 0.4]
    found = outliers(table([[0]] * 5 + [[1]] * 5), near(distances), listed=3)
    assert found["rank"].to_list() == [1, 2, 3]
    assert found["sample_id"].to_list() == ["04", "00", "01"]
    assert found["ratio"].to_list() == pytest.approx([2, 1, 1])
    assert found["distance"][0] == pytest.approx(0.2)
    assert found["neighbours"][0].to_list() == ["05", "06"]


def test_a_class_of_few_images_is_measured_by_all():
    classes = np.array([[True, False]] * 6 + [[False, True]] * (LEAST - 1) + [[False, False]])
    distance = np.array([0.1] * 6 + [0.9] * (LEAST - 1) + [0.3])
    usual = usual_distance(distance, classes)
    assert usual.tolist() == [0.1] * 6 + [float(np.median(distance))] * LEAST


def test_of_several_classes_the_widest_counts():
    classes = np.array([[True, False]] * 5 + [[False, True]] * 5 + [[True, True]])
    usual = usual_distance(np.array([0.1] * 5 + [0.4] * 5 + [0.2]), classes)
    assert usual[-1] == np.median([0.4] * 5 + [0.2])


def test_among_equal_images_none_is_an_outlier():
    found = outliers(table([[0]] * 6), near([0.0] * 6), listed=9)
    assert found["ratio"].to_list() == [1.0] * 6


def test_a_single_image_has_no_neighbour():
    alone = Neighbours(np.zeros((1, 0), int), np.zeros((1, 0)))
    found = outliers(table([[0]]), alone, listed=9)
    assert found.row(0) == (1, "00", "train", 0.0, 1.0, [])
