"""Clusters seen through the labels."""

import numpy as np
import pytest

from pipeline_lib.knowledge.relations.patterns import MIXED, Patterns

# cluster 0: a a b, cluster 1: b a, cluster 2: empty, cluster 3: a a a b, cluster 4: b
LABELS = np.array([0, 3, 0, 1, 3, 0, 1, 3, 3, 4])
CLASSES = np.eye(2, dtype=bool)[[0, 0, 0, 1, 0, 1, 0, 0, 1, 1]]


@pytest.fixture
def patterns() -> Patterns:
    return Patterns.of(LABELS, CLASSES, 5, rho_2=0.5)


def test_counts_shares_and_dominance_by_hand(patterns):
    assert patterns.counts.tolist() == [[2, 1], [1, 1], [0, 0], [3, 1], [0, 1]]
    assert patterns.sizes.tolist() == [3, 2, 0, 4, 1]
    expected = [[2 / 3, 1 / 3], [1 / 2, 1 / 2], [0, 0], [3 / 4, 1 / 4], [0, 1]]
    np.testing.assert_array_equal(patterns.shares, expected)
    # a share of exactly ρ2 does not dominate, and nothing dominates an empty cluster
    assert patterns.dominant.tolist() == [0, MIXED, MIXED, 0, 1]


@pytest.mark.parametrize(("rho_2", "dominant"), [(0.7, 0), (0.75, MIXED), (0.8, MIXED)])
def test_a_class_dominates_above_the_threshold_only(rho_2, dominant):
    assert Patterns.of(LABELS, CLASSES, 5, rho_2=rho_2).dominant[3] == dominant


def test_members_are_ascending_and_empty_clusters_have_none(patterns):
    members = [found.tolist() for found in patterns.members]
    assert members == [[0, 2, 5], [3, 6], [], [1, 4, 7, 8], [9]]
    assert patterns.of_class(3, 0).tolist() == [1, 4, 7]
    assert patterns.of_class(3, 1).tolist() == [8]
    assert patterns.of_class(2, 1).tolist() == []


def test_noise_is_in_no_cluster():
    # cluster 0: a, cluster 1: b; outside: a a b
    labels, classes = np.array([-1, 0, -1, 1, -1]), CLASSES[[0, 1, 2, 3, 5]]
    patterns = Patterns.of(labels, classes, 2, rho_2=0.5)
    assert patterns.counts.tolist() == [[1, 0], [0, 1]]
    assert patterns.sizes.tolist() == [1, 1]
    assert [own.tolist() for own in patterns.members] == [[1], [3]]
    assert patterns.shares_of_own.tolist() == [[0, 0], [1, 0], [0, 0], [0, 1], [0, 0]]


def test_largest_clusters(patterns):
    assert patterns.largest_dominated(0) == 3
    assert patterns.largest_dominated(1) == 4
    assert patterns.largest_holding(0) == 3
    assert patterns.largest_holding(1) == 0  # the first of several that hold one each


def test_a_class_that_dominates_no_cluster_has_no_largest_one():
    patterns = Patterns.of(LABELS[:8], CLASSES[:8], 5, rho_2=0.5)
    assert patterns.largest_dominated(1) is None
    assert patterns.largest_holding(1) == 0


def test_a_sample_of_several_classes_counts_for_each():
    classes = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 0]], bool)
    patterns = Patterns.of(np.zeros(3, int), classes, 1, rho_2=0.6)
    assert patterns.counts.tolist() == [[2, 2, 1]]
    assert patterns.shares.tolist() == [[2 / 3, 2 / 3, 1 / 3]]
    assert patterns.dominant.tolist() == [0]  # the first of two equal classes
