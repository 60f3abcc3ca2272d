"""k-means by FAISS, on whichever of its builds is installed."""

import sys
from typing import Any

import faiss
import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from pipeline_lib.clustering.faiss_build import flat_index, on_gpu
from pipeline_lib.clustering.kmeans import FaissKMeans
from pipeline_lib.errors import InputError


@pytest.fixture
def X() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(600, 16)).astype(np.float32)


def blobs() -> tuple[np.ndarray, np.ndarray]:
    """Three far groups of 20, 30 and 40 samples."""
    truth = np.repeat([0, 1, 2], [20, 30, 40])
    centres = np.array([[0.0, 0.0], [50.0, 0.0], [0.0, 50.0]])
    return centres[truth] + np.random.default_rng(1).normal(size=(90, 2)), truth


def test_separate_groups_are_found_with_their_means():
    samples, truth = blobs()
    model = FaissKMeans(3, random_state=3).fit(samples)  # a sample of each group to start from
    assert model.n_clusters_ == 3
    assert model.labels_.dtype == np.int64
    assert model.centroids_.dtype == np.float32
    for group in range(3):
        (label,) = set(model.labels_[truth == group])
        mean = samples[truth == group].mean(0)
        np.testing.assert_allclose(model.centroids_[label], mean, rtol=1e-4, atol=1e-4)


def test_one_cluster_is_the_mean_of_all_samples_however_many(X):
    many = np.tile(X, (2, 1))  # FAISS would take 256 samples for each centroid
    model = FaissKMeans(1, max_iter=2).fit(many)
    np.testing.assert_allclose(model.centroids_[0], many.mean(0), atol=1e-5)


def test_predictions_are_the_nearest_centroid_by_brute_force(X):
    model = FaissKMeans(9, max_iter=3).fit(X)
    new = np.random.default_rng(2).normal(size=(200, 16))
    distance = np.linalg.norm(new[:, None] - model.centroids_.astype(np.float64), axis=2)
    np.testing.assert_array_equal(model.predict(new), distance.argmin(1))
    np.testing.assert_array_equal(model.labels_, model.predict(X))


def test_more_iterations_lower_the_distance_to_the_centroids(X):
    def inertia(iterations: int) -> float:
        model = FaissKMeans(8, max_iter=iterations).fit(X)
        return float(((X - model.centroids_[model.labels_]) ** 2).sum())

    assert inertia(20) < inertia(1)


@pytest.mark.parametrize(("samples", "dims", "clusters"), [(600, 16, 10), (2000, 64, 40)])
def test_any_number_of_threads_gives_the_same_bits(samples, dims, clusters):
    X = np.random.default_rng(3).normal(size=(samples, dims)).astype(np.float32)
    found = []
    for threads in (1, 2):
        with threadpool_limits(limits=threads):
            found.append(FaissKMeans(clusters, max_iter=5).fit(X))
    np.testing.assert_array_equal(found[0].centroids_, found[1].centroids_)
    np.testing.assert_array_equal(found[0].labels_, found[1].labels_)


def test_the_seed_decides(X):
    first, same, other = (FaissKMeans(8, random_state=seed).fit(X).centroids_ for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, same)
    assert not np.array_equal(first, other)


def test_as_many_clusters_as_samples_and_no_complaint_of_faiss(X, capfd):
    model = FaissKMeans(5).fit(X[:5])
    assert sorted(model.labels_) == [0, 1, 2, 3, 4]
    assert capfd.readouterr() == ("", "")


def test_input_is_not_changed(X):
    kept = X.copy()
    FaissKMeans(4).fit(X).predict(X)
    np.testing.assert_array_equal(X, kept)


def test_more_clusters_than_samples_are_refused(X):
    with pytest.raises(InputError, match="6 clusters of 5 samples"):
        FaissKMeans(6).fit(X[:5])


def test_samples_that_are_not_finite_are_refused(X):
    model = FaissKMeans(2).fit(X[:10])
    X[11] = np.inf
    for call in (model.fit, model.predict):
        with pytest.raises(InputError, match=r"1 of 600 feature vectors.* row 11"):
            call(X)


def test_another_width_is_refused(X):
    with pytest.raises(ValueError, match="X has 3 features, but FaissKMeans is expecting 16"):
        FaissKMeans(2).fit(X).predict(X[:, :3])


needs_gpu = pytest.mark.skipif(not faiss.get_num_gpus(), reason="needs FAISS's GPU build and a GPU")


@pytest.fixture
def sent(monkeypatch) -> list[Any]:
    """Pretend that FAISS finds a GPU; return the indices that it is asked to put there."""
    found: list[Any] = []

    def put(index: Any, co: Any = None, ngpu: int = -1) -> Any:
        found.append(index)
        return index

    monkeypatch.setattr(faiss, "index_cpu_to_all_gpus", put)
    monkeypatch.setattr(faiss, "get_num_gpus", lambda: 1)
    monkeypatch.setattr(sys.modules[faiss.Kmeans.__module__], "get_num_gpus", lambda: 1)
    return found


def test_training_and_search_both_go_to_the_gpu_that_faiss_finds(X, sent):
    model = FaissKMeans(4, device="cuda").fit(X)
    assert len(sent) == 2, "the index of Kmeans and the one that labels are searched in"
    model.predict(X)
    assert len(sent) == 3
    assert all(type(index) is faiss.IndexFlatL2 for index in sent)


@pytest.mark.parametrize("device", [None, "cpu"])
def test_a_gpu_that_is_not_asked_for_is_left_alone(X, sent, device):
    FaissKMeans(4, device=device).fit(X)
    assert sent == []


@pytest.mark.skipif(faiss.get_num_gpus() > 0, reason="FAISS finds a GPU here")
def test_a_build_that_finds_no_gpu_computes_on_the_processor(X):
    assert not on_gpu("cuda")
    asked, plain = FaissKMeans(6, device="cuda").fit(X), FaissKMeans(6).fit(X)
    np.testing.assert_array_equal(asked.centroids_, plain.centroids_)
    np.testing.assert_array_equal(asked.labels_, plain.labels_)


@pytest.mark.gpu
@needs_gpu
def test_on_a_gpu_separate_groups_are_those_of_the_processor():
    samples, _ = blobs()
    here, there = (FaissKMeans(3, random_state=3, device=d).fit(samples) for d in (None, "cuda"))
    np.testing.assert_array_equal(here.labels_, there.labels_)
    np.testing.assert_allclose(here.centroids_, there.centroids_, rtol=1e-4, atol=1e-4)
    assert "Gpu" in type(flat_index(here.centroids_, "cuda")).__name__


def test_without_faiss_both_of_its_builds_are_named(X, monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    expected = (
        r"^FAISS is needed and cannot be imported \(.*faiss.*\); expected one of its two "
        r"builds: pip install -e '\.\[cpu\]', or pip install -e '\.\[gpu\]' for CUDA$"
    )
    with pytest.raises(InputError, match=expected):
        FaissKMeans(2).fit(X)
