"""How well clusters agree with the classes."""

import numpy as np
import pytest
from sklearn.metrics import normalized_mutual_info_score

from pipeline_lib.clustering.quality import quality
from pipeline_lib.clustering.result import Clustering


def test_worked_example():
    # cluster 0: classes a a b, cluster 1: b, clusters 2 and 4: empty, cluster 3: b b
    labels = np.array([0, 0, 0, 1, 3, 3])
    truth = [0, 0, 1, 1, 1, 1]
    found = quality(Clustering(labels, 5), np.eye(2, dtype=bool)[truth])
    assert found.pop("nmi") == pytest.approx(normalized_mutual_info_score(truth, labels))
    assert found == {
        "clusters": 5.0,
        "singletons": 1.0,
        "empty": 2.0,
        "largest_share": 3 / 6,
        "purity": (2 + 1 + 0 + 2) / 6,
    }


def test_noise_is_counted_and_judged_by_nothing():
    # cluster 0: classes a b, cluster 1: b b; outside: a a
    labels, truth = np.array([0, -1, 0, 1, -1, 1]), np.array([0, 0, 1, 1, 0, 1])
    found = quality(Clustering(labels, 2), np.eye(2, dtype=bool)[truth])
    inside = labels >= 0
    nmi = normalized_mutual_info_score(truth[inside], labels[inside])
    assert found.pop("nmi") == pytest.approx(nmi)
    assert found == {
        "clusters": 2.0,
        "singletons": 0.0,
        "empty": 0.0,
        "largest_share": 2 / 6,
        "purity": (1 + 2) / 4,
        "noise": 2.0,
    }


def test_clusters_that_are_the_classes_are_pure():
    truth = np.array([0, 1, 2, 0, 1, 2])
    found = quality(Clustering(truth, 3), np.eye(3, dtype=bool)[truth])
    assert found["purity"] == found["nmi"] == 1.0
    assert found["singletons"] == found["empty"] == 0.0


def test_purity_counts_an_image_once_and_there_is_no_nmi_where_images_have_several_classes():
    labels = np.array([0, 0, 1, 1])
    classes = np.array([[1, 1, 0], [0, 1, 0], [1, 0, 1], [0, 1, 0]], bool)
    # commonest: class 1 twice in cluster 0; any class once in cluster 1
    found = quality(Clustering(labels, 2), classes)
    assert found["purity"] == 3 / 4
    assert "nmi" not in found


def test_every_value_is_a_plain_float_for_json():
    found = quality(Clustering(np.array([0, 1, -1]), 2), np.eye(3, dtype=bool))
    assert {type(value) for value in found.values()} == {float}
