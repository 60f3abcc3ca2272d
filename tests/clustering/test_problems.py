"""Many small clusterings on several workers."""

import numpy as np
import pytest

from pipeline_lib.clustering import problems
from pipeline_lib.clustering.fuzzy_art.estimator import FuzzyART
from pipeline_lib.clustering.kmeans import FaissKMeans
from pipeline_lib.clustering.problems import fit_each
from pipeline_lib.errors import InputError
from pipeline_lib.parallel import WORKERS


def tags(count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.random((rng.integers(1, 30), 5)).astype(np.float32) for _ in range(count)]


def same(found: list[FuzzyART], expected: list[FuzzyART]) -> None:
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a.labels_, b.labels_)
        np.testing.assert_array_equal(a.weights_, b.weights_)


def test_results_come_in_order_whatever_the_number_of_workers(monkeypatch):
    monkeypatch.setattr(problems, "BATCH", 500)
    each = tags(40)
    expected = [FuzzyART(0.8, vigilance="cm").fit(X) for X in each]
    for workers in ("1", "2"):
        monkeypatch.setenv(WORKERS, workers)
        same(list(fit_each(FuzzyART(0.8, vigilance="cm"), each)), expected)


def test_one_thread_computes_each_problem(monkeypatch):
    monkeypatch.setenv(WORKERS, "1")
    (found,) = fit_each(FuzzyART(n_jobs=8), tags(1))
    assert found.n_jobs == 1


def test_the_model_is_left_as_it_was(monkeypatch):
    monkeypatch.setenv(WORKERS, "1")
    model = FuzzyART(0.9, n_jobs=2).fit(np.eye(3))
    kept = model.weights_
    list(fit_each(model, tags(3)))
    assert model.n_jobs == 2
    assert model.weights_ is kept


def test_batches_depend_on_sizes_only(monkeypatch):
    monkeypatch.setattr(problems, "BATCH", 10)
    sizes = [
        [len(X) for X in batch] for batch in problems._batches(map(np.zeros, (4, 6, 1, 30, 2)))
    ]
    assert sizes == [[4, 6], [1, 30], [2]]


def test_nothing_to_do():
    assert list(fit_each(FuzzyART(), [])) == []


def test_a_bad_problem_is_refused(monkeypatch):
    monkeypatch.setenv(WORKERS, "1")
    with pytest.raises(InputError, match="not finite"):
        list(fit_each(FuzzyART(), [np.full((2, 2), np.nan)]))


def test_large_problems_go_to_the_device_in_this_process_and_come_in_order(monkeypatch):
    monkeypatch.setattr(problems, "LARGE", 100)  # numbers: 20 samples
    monkeypatch.setattr(problems, "BATCH", 50)
    monkeypatch.setenv(WORKERS, "2")
    each = tags(12)
    found = list(fit_each(FuzzyART(0.8), each, device="cpu"))  # the torch scan
    assert [model.device for model in found] == [("cpu" if X.size >= 100 else None) for X in each]
    assert len({model.device for model in found}) == 2
    same(found, [FuzzyART(0.8).fit(X) for X in each])


def test_without_a_device_no_problem_is_too_large(monkeypatch):
    monkeypatch.setattr(problems, "LARGE", 1)
    monkeypatch.setenv(WORKERS, "1")
    assert {model.device for model in fit_each(FuzzyART(), tags(3))} == {None}


def test_kmeans_asks_for_as_many_clusters_as_there_are_samples(monkeypatch):
    monkeypatch.setenv(WORKERS, "1")
    each = tags(6)
    found = list(fit_each(FaissKMeans(9, seed=2), each))
    assert [model.n_clusters_ for model in found] == [min(9, len(X)) for X in each]
    for model, X in zip(found, each, strict=True):
        expected = FaissKMeans(min(9, len(X)), seed=2).fit(X)
        np.testing.assert_array_equal(model.centroids_, expected.centroids_)
