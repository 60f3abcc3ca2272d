"""Many small clusterings on several workers."""

import numpy as np
import pytest

from pipeline_lib.clustering import problems
from pipeline_lib.clustering.fuzzy_art.estimator import FuzzyART
from pipeline_lib.clustering.kmeans import FaissKMeans
from pipeline_lib.clustering.problems import cluster_each
from pipeline_lib.clustering.result import Clustering
from pipeline_lib.errors import InputError
from pipeline_lib.parallel import WORKERS
from tests.clustering.algorithms import FUZZY_ART, KMEANS, algorithm

ART = algorithm(FUZZY_ART, rho=0.8, vigilance={"name": "cm", "delta": 0.001})


def tags(count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.random((rng.integers(1, 30), 5)).astype(np.float32) for _ in range(count)]


def same(found: list[Clustering], each: list[np.ndarray]) -> None:
    for a, X in zip(found, each, strict=True):
        b = FuzzyART(0.8, 0.01, 0.5, 2, scale="none", vigilance="cm", delta=0.001).fit(X)
        np.testing.assert_array_equal(a.labels, b.labels_)
        np.testing.assert_array_equal(a.learned["weights"], b.weights_.astype(np.float32))


@pytest.fixture
def places(monkeypatch):
    """Where each problem of this process is clustered."""
    seen, plain = [], problems.cluster
    monkeypatch.setattr(
        problems, "cluster", lambda X, asked, place: seen.append(place) or plain(X, asked, place)
    )
    return seen


def test_results_come_in_order_whatever_the_number_of_workers(monkeypatch):
    monkeypatch.setattr(problems, "BATCH", 500)
    each = tags(40)
    for workers in ("1", "2"):
        monkeypatch.setenv(WORKERS, workers)
        same(list(cluster_each(each, ART)), each)


def test_one_thread_computes_each_problem(monkeypatch, places):
    monkeypatch.setenv(WORKERS, "1")
    list(cluster_each(tags(2), ART))
    assert [place.jobs for place in places] == [1, 1]


def test_batches_depend_on_sizes_only(monkeypatch):
    monkeypatch.setattr(problems, "BATCH", 10)
    sizes = [
        [len(X) for X in batch] for batch in problems._batches(map(np.zeros, (4, 6, 1, 30, 2)))
    ]
    assert sizes == [[4, 6], [1, 30], [2]]


def test_nothing_to_do():
    assert list(cluster_each([], ART)) == []


def test_a_bad_problem_is_refused(monkeypatch):
    monkeypatch.setenv(WORKERS, "1")
    with pytest.raises(InputError, match="not finite"):
        list(cluster_each([np.full((2, 2), np.nan)], ART))


def test_large_problems_go_to_the_device_in_this_process_and_come_in_order(monkeypatch, places):
    monkeypatch.setattr(problems, "LARGE", 100)  # numbers: 20 samples
    monkeypatch.setattr(problems, "BATCH", 50)
    monkeypatch.setenv(WORKERS, "1")
    each = tags(12)
    same(list(cluster_each(each, ART, device="cpu")), each)  # the torch scan
    large = [X for X in each if X.size >= 100]
    assert 0 < len(large) < len(each)
    assert sorted(str(place.device) for place in places) == (
        ["None"] * (len(each) - len(large)) + ["cpu"] * len(large)
    )


def test_without_a_device_no_problem_is_too_large(monkeypatch, places):
    monkeypatch.setattr(problems, "LARGE", 1)
    monkeypatch.setenv(WORKERS, "1")
    list(cluster_each(tags(3), ART))
    assert {place.device for place in places} == {None}


def test_kmeans_makes_as_many_clusters_as_there_are_samples(monkeypatch):
    monkeypatch.setenv(WORKERS, "1")
    each = tags(6)
    found = list(cluster_each(each, algorithm(KMEANS, n_clusters=9, iterations=20, seed=2)))
    assert [one.count for one in found] == [min(9, len(X)) for X in each]
    for one, X in zip(found, each, strict=True):
        expected = FaissKMeans(min(9, len(X)), random_state=2).fit(X)
        np.testing.assert_array_equal(one.labels, expected.labels_)
