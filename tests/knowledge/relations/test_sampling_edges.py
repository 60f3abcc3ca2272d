"""Edge cases of the sampling, placed by hand."""

import numpy as np
import pytest

from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.relations.patterns import Patterns
from pipeline_lib.knowledge.relations.sampling import Sampler


def patterns_of(labels: list[int], classes: list[list[int]], count: int) -> Patterns:
    hot = np.zeros((len(labels), count), bool)
    for row, carried in enumerate(classes):
        hot[row, carried] = True
    return Patterns.of(np.array(labels), hot, max(labels) + 1, rho_2=0.5)


def line(*places: float) -> np.ndarray:
    return np.array(places)[:, None]


def test_positives_and_negatives_by_hand(relations):
    # On a line: cluster 0 at 0 1 2 (class 0), cluster 1 at 5 6 (class 1), cluster 2 at 9 (class 1)
    features = line(0, 1, 2, 5, 6, 9)
    patterns = patterns_of([0, 0, 0, 1, 1, 2], [[0], [0], [0], [1], [1], [1]], 2)
    sampler = Sampler(features, patterns, relations(n=2, m=3))
    # farthest of the largest cluster of the own class; 3 has one companion there, then draws 5
    assert sampler.positives().tolist() == [[2, 1], [0, 2], [0, 1], [4, 5], [3, 5], [3, 4]]
    # closest of the nearest foreign cluster, then of the next nearest
    negatives = [[3, 4, 5]] * 3 + [[2, 1, 0]] * 3
    assert sampler.negatives().tolist() == negatives
    assert sampler.served == {
        "positives.dominant": 6,
        "positives.largest_cluster": 0,
        "positives.random": 2,
        "positives.itself": 0,
        "negatives.nearest_dominated": 6,
        "negatives.random": 0,
    }


def test_the_nearest_cluster_is_so_by_its_mean_and_not_by_its_nearest_member(relations):
    # from 0: cluster 1 at 1 and 21 has its mean at 11, cluster 2 at 8 and 9 its mean at 8.5
    features = line(0, 0, 1, 21, 8, 9)
    patterns = patterns_of([0, 0, 1, 1, 2, 2], [[0], [0], [1], [1], [1], [1]], 2)
    negatives = Sampler(features, patterns, relations(m=3)).negatives()
    assert negatives[0].tolist() == [4, 5, 2]


def test_cosine_compares_directions_also_with_clusters(relations):
    # From (1, 0): cluster 1 spreads about the direction of 25°, so that its mean is short; cluster
    # 2 lies at 40°. By angle cluster 1 is nearer.
    angles = np.radians([0, 0, -50, 100, 39, 41])
    features = np.stack([np.cos(angles), np.sin(angles)], 1) * np.array([[1, 1, 9, 9, 1, 1]]).T
    patterns = patterns_of([0, 0, 1, 1, 2, 2], [[0], [0], [1], [1], [1], [1]], 2)
    negatives = Sampler(features, patterns, relations(m=1, distance="cosine")).negatives()
    assert negatives[0].tolist() == [2]


def test_own_negatives_come_before_those_of_other_clusters(relations):
    features = line(0, 1, 2, 3, 10, 11)
    patterns = patterns_of([0, 0, 0, 0, 1, 1], [[0], [0], [0], [1], [1], [1]], 2)
    sampler = Sampler(features, patterns, relations(negatives="similar_cluster", m=2))
    assert sampler.negatives()[0].tolist() == [3, 4]
    assert sampler.served["negatives.similar_cluster"] == 4


def test_a_class_without_a_dominated_cluster_takes_the_largest_that_holds_it(relations):
    # class 1 is never more than half of a cluster; cluster 1 holds three of it, cluster 0 two
    labels = [0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    classes = [[0], [0], [1], [1], [0], [0], [0], [1], [1], [1]]
    sampler = Sampler(line(*range(10)), patterns_of(labels, classes, 2), relations(n=2))
    assert sampler.positives()[2].tolist() == [9, 8]
    assert sampler.served["positives.dominant"] == 0
    assert sampler.served["positives.largest_cluster"] == 10


def test_of_several_classes_the_best_represented_one_is_taken(relations):
    # sample 0 carries both classes; class 1 has three of its cluster, class 0 two
    labels = [0, 0, 1, 1, 1]
    classes = [[0, 1], [0], [1], [1], [1]]
    sampler = Sampler(line(0, 1, 5, 6, 7), patterns_of(labels, classes, 3), relations(n=2))
    assert sampler.positives()[0].tolist() == [4, 3]


def test_the_only_sample_of_a_class_is_its_own_positive(relations):
    patterns = patterns_of([0, 0, 0], [[0], [0], [1]], 2)
    for strategy in ("dominant", "other_cluster", "random"):
        sampler = Sampler(line(0, 1, 2), patterns, relations(n=3, positives=strategy))
        assert sampler.positives().tolist() == [[1, 1, 1], [0, 0, 0], [2, 2, 2]]
        assert sampler.served["positives.itself"] == 1


def test_twins_are_each_others_positives(relations):
    patterns = patterns_of([0, 0, 1], [[0], [0], [1]], 2)
    sampler = Sampler(line(3, 3, 4), patterns, relations(n=1))
    assert sampler.positives()[:2].tolist() == [[1], [0]]


def test_lists_longer_than_all_there_is_repeat_themselves(relations):
    patterns = patterns_of([0, 0, 0, 1], [[0], [0], [0], [1]], 2)
    sampler = Sampler(line(0, 1, 2, 3), patterns, relations(n=5, m=4))
    assert sampler.positives()[0].tolist() == [2, 1, 2, 1, 2]
    assert sampler.negatives()[3].tolist() == [2, 1, 0, 2]


def test_without_dominated_clusters_negatives_are_drawn(relations):
    patterns = patterns_of([0, 0, 0, 0], [[0], [0], [1], [1]], 2)
    sampler = Sampler(line(0, 1, 2, 3), patterns, relations(m=2))
    assert {frozenset(found) for found in sampler.negatives()[:2].tolist()} == {frozenset({2, 3})}
    assert sampler.served == {"negatives.nearest_dominated": 0, "negatives.random": 4}


def test_one_class_alone_has_no_negatives(relations):
    patterns = patterns_of([0, 1, 1], [[0], [0], [0]], 1)
    for strategy in ("nearest_dominated", "similar_cluster", "other_cluster", "random"):
        sampler = Sampler(line(0, 1, 2), patterns, relations(negatives=strategy))
        with pytest.raises(InputError, match=r"3 training images have no negatives.* row 0"):
            sampler.negatives()


def test_an_image_of_all_classes_has_no_negatives(relations):
    patterns = patterns_of([0, 0, 0], [[0], [1], [0, 1]], 2)
    sampler = Sampler(line(0, 1, 2), patterns, relations())
    with pytest.raises(InputError, match=r"1 training images have no negatives.* row 2"):
        sampler.negatives()


@pytest.mark.parametrize("strategy", ["other_cluster", "random"])
def test_the_seed_decides_what_is_drawn(labelled, relations, strategy):
    features, patterns = labelled
    found = []
    for seed in (0, 0, 1):
        params = relations(positives=strategy, negatives=strategy, seed=seed, n=3, m=3)
        sampler = Sampler(features, patterns, params)
        found.append(np.hstack([sampler.positives(), sampler.negatives()]))
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])


def test_features_are_not_changed(labelled, relations):
    features, patterns = labelled
    kept = features.copy()
    sampler = Sampler(features, patterns, relations(distance="cosine"))
    sampler.positives()
    sampler.negatives()
    np.testing.assert_array_equal(features, kept)


def test_an_image_without_direction_can_be_compared_by_cosine(relations):
    patterns = patterns_of([0, 0, 1, 1], [[0], [0], [1], [1]], 2)
    features = np.array([[0.0, 0.0], [1, 0], [0, 1], [0, 2]])
    sampler = Sampler(features, patterns, relations(n=1, m=1, distance="cosine"))
    assert sampler.positives()[0].tolist() == [1]
    assert sampler.negatives()[0].tolist() == [2]
