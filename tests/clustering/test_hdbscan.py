"""Dense clusters and noise."""

from typing import Any

import numpy as np
import pytest

from pipeline_lib.clustering.place import Place
from pipeline_lib.clustering.registry import cluster
from pipeline_lib.clustering.result import NOISE
from pipeline_lib.errors import InputError
from tests.clustering.algorithms import HDBSCAN, algorithm

CENTRES = np.array([[0.0, 0.0], [5.0, 0.0], [6.0, 0.0], [0.0, 9.0]])


def blobs(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Four dense groups of 20, two of them neighbours, and four samples far from everything."""
    rng = np.random.default_rng(seed)
    groups = [centre + 0.05 * rng.normal(size=(20, 2)) for centre in CENTRES]
    far = np.stack([np.linspace(50, 500, 4), np.linspace(-900, -50, 4)], 1)
    truth = np.repeat([0, 1, 2, 3, NOISE], [20, 20, 20, 20, 4])
    return np.concatenate([*groups, far]), truth


def labels(X: np.ndarray, place: Place | None = None, **changes: Any) -> np.ndarray:
    return cluster(X, algorithm(HDBSCAN, **changes), place).labels


def same(found: np.ndarray, truth: np.ndarray) -> bool:
    """Say whether two labellings are equal up to the clusters' numbers; noise has one number."""
    pairs = set(zip(found.tolist(), truth.tolist(), strict=True))
    one_to_one = len(pairs) == len(set(found)) == len(set(truth))
    return one_to_one and all((a == NOISE) == (b == NOISE) for a, b in pairs)


def test_dense_groups_are_clusters_and_what_is_far_is_noise():
    X, truth = blobs()
    found = cluster(X, algorithm(HDBSCAN))
    assert same(found.labels, truth)
    assert (found.labels.dtype, found.count) == (np.int64, 4)
    assert found.sizes.tolist() == [20] * 4
    assert found.noise.sum() == 4


def test_smaller_groups_than_asked_for_are_noise():
    X, truth = blobs()
    fewer = np.concatenate([X[10:], X[:1]])  # ten samples of the first group are left
    assert same(
        labels(fewer, min_cluster_size=15), np.append(np.where(truth == 0, -1, truth)[10:], -1)
    )


def test_a_place_is_dense_by_as_many_samples_as_asked_for():
    X = np.random.default_rng(0).normal(size=(200, 2))
    strict, loose = ((labels(X, min_samples=n) == NOISE).sum() for n in (20, 1))
    assert strict != loose


def test_leaves_are_finer_than_what_lasts_longest():
    X = np.random.default_rng(3).normal(size=(300, 2))
    eom, leaf = (cluster(X, algorithm(HDBSCAN, selection=s)).count for s in ("eom", "leaf"))
    assert leaf > eom > 0


def test_all_samples_together_are_a_cluster_only_if_they_may_be():
    X = np.random.default_rng(0).normal(size=(40, 2))
    assert (labels(X, min_cluster_size=25) == NOISE).all()
    assert labels(X, min_cluster_size=25, single=True).max() == 0


def test_equal_samples_are_as_dense_as_can_be():
    X = np.repeat(np.eye(3), 10, 0)
    assert same(labels(X), np.repeat([0, 1, 2], 10))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_threads_change_nothing_and_samples_are_left_as_they_are(dtype):
    X = np.random.default_rng(1).normal(size=(500, 4)).astype(dtype)
    kept = X.copy()
    np.testing.assert_array_equal(labels(X, Place(jobs=1)), labels(X, Place(jobs=2)))
    np.testing.assert_array_equal(X, kept)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_a_part_too_small_to_be_dense_is_noise(count):
    found = cluster(np.zeros((count, 3)), algorithm(HDBSCAN, min_samples=5), Place(part=True))
    assert found.labels.tolist() == [NOISE] * count
    assert found.count == 0


def test_too_few_samples_are_refused_where_they_are_all():
    with pytest.raises(
        InputError, match=r"hdbscan: 4 samples, expected at least 5; lower `clusters"
    ):
        labels(np.zeros((4, 2)), min_samples=5)
    with pytest.raises(InputError, match=r"hdbscan: 1 samples, expected at least 2"):
        labels(np.zeros((1, 2)), min_samples=1)


def test_samples_that_are_not_finite_are_refused():
    with pytest.raises(InputError, match="1 of 9 feature vectors are not finite"):
        labels(np.vstack([np.zeros((8, 2)), [[np.nan, 0]]]))
