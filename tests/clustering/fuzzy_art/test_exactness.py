"""Every path of Fuzzy ART against the sequential algorithm and artlib, on inputs made to tie."""

import artlib
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline_lib.clustering.fuzzy_art import estimator as fuzzy_art
from pipeline_lib.clustering.fuzzy_art.box_distance import supported
from pipeline_lib.clustering.fuzzy_art.estimator import FuzzyART
from tests.clustering.fuzzy_art.oracle import KINDS, samples, sequential

PROBLEM = {
    "kind": st.sampled_from(KINDS),
    "count": st.integers(1, 150),
    "dimensions": st.one_of(st.integers(1, 9), st.integers(60, 70), st.integers(120, 300)),
    "seed": st.integers(0, 1 << 30),
    "rho": st.sampled_from([0.0, 0.3, 0.5, 2 / 3, 0.75, 0.85, 0.95, 0.996, 1.0]),
    "alpha": st.sampled_from([0.0, 1e-10, 0.01, 2.0]),
    "beta": st.sampled_from([1.0, 0.6, 0.3]),
    "ties": st.sampled_from(["first", "last"]),
    "tile": st.sampled_from([1, 3, 4, 16, 64, 200]),
    "threads": st.sampled_from([1, 1, 2]),
    "width": st.sampled_from(supported()),
}
many = settings(
    max_examples=150, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip


@pytest.fixture
def forced(monkeypatch):
    """Make every model use tiles of a size and instructions of a width."""

    def force(tile: int, width: int) -> None:
        monkeypatch.setattr(fuzzy_art, "TILE", tile)
        monkeypatch.setattr(fuzzy_art, "FROZEN_TILE", tile)
        monkeypatch.setattr(fuzzy_art, "supported", lambda: [width])

    return force


def same(model: FuzzyART, expected: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    np.testing.assert_array_equal(model.labels_, expected[0])
    np.testing.assert_array_equal(model.weights_, expected[1])
    np.testing.assert_array_equal(model.rhos_, expected[2])


@many
@given(**PROBLEM, epochs=st.integers(1, 3))
def test_fixed_vigilance_equals_the_sequential_algorithm_and_artlib(
    forced, kind, count, dimensions, seed, rho, alpha, beta, ties, tile,
    threads, width, epochs,
):  # fmt: skip
    X = samples(kind, count, dimensions, seed)
    forced(tile, width)
    model = FuzzyART(rho, alpha, beta, epochs, "none", ties, n_jobs=threads).fit(X)
    same(model, sequential(X, rho, alpha, beta, epochs, ties))
    if ties == "first" and alpha + rho > 0 and count < 40:
        theirs = artlib.FuzzyART(rho=rho, alpha=alpha, beta=beta)
        theirs.fit(np.hstack([X, 1 - X]), max_iter=epochs)
        np.testing.assert_array_equal(model.labels_, theirs.labels_)
        np.testing.assert_allclose(model.weights_, theirs.W, rtol=0, atol=1e-6)


@many
@given(
    **PROBLEM,
    vigilance=st.sampled_from(["am", "cm", "hi"]),
    sigma=st.sampled_from([0.0, 5e-6, 0.01, 0.1]),
    delta=st.sampled_from([0.0, 0.001, 0.05]),
    epochs=st.integers(1, 2),
)
def test_adaptive_vigilance_equals_the_sequential_algorithm(
    forced, kind, count, dimensions, seed, rho, alpha, beta, ties, tile,
    threads, width, vigilance, sigma, delta, epochs,
):  # fmt: skip
    X = samples(kind, count, dimensions, seed)
    forced(tile, width)
    model = FuzzyART(
        rho, alpha, beta, epochs, "none", ties, vigilance=vigilance, sigma=sigma, delta=delta,
        n_jobs=threads,
    ).fit(X)  # fmt: skip
    same(model, sequential(X, rho, alpha, beta, epochs, ties, vigilance, sigma, delta))


@settings(many, max_examples=40)
@given(**PROBLEM, vigilance=st.sampled_from(["fixed", "am", "cm", "hi"]))
def test_groups_equal_the_sequential_algorithm(
    forced, kind, count, dimensions, seed, rho, alpha, beta, ties, tile,
    threads, width, vigilance,
):  # fmt: skip
    X = samples(kind, count, dimensions, seed)
    groups = np.random.default_rng(seed).integers(-2, 3, count)
    forced(tile, width)
    options = {"vigilance": vigilance, "sigma": 0.01, "delta": 0.01}
    model = FuzzyART(rho, alpha, beta, 2, "none", ties, n_jobs=threads, **options).fit(
        X, groups=groups
    )
    same(model, sequential(X, rho, alpha, beta, 2, ties, groups=groups, **options))
    np.testing.assert_array_equal(model.groups_[model.labels_], groups)


@settings(many, max_examples=60)
@given(**PROBLEM)
def test_predictions_equal_the_choice_as_written(
    forced, kind, count, dimensions, seed, rho, alpha, beta, ties, tile, threads,
    width,
):  # fmt: skip
    X = samples(kind, count, dimensions, seed)
    forced(tile, width)
    model = FuzzyART(rho, alpha, beta, 1, "none", ties, n_jobs=threads).fit(X[: count // 2 + 1])
    sizes = alpha + np.cumsum(model.weights_, axis=1)[:, -1]
    found, strict = model.predict(X), model.predict(X, reject=True)
    for i, x in enumerate(X):
        both = np.cumsum(np.minimum(np.append(x, 1 - x), model.weights_), axis=1)[:, -1]
        choice = np.divide(both, sizes, out=np.zeros(len(both)), where=sizes > 0)
        best = np.flatnonzero(choice == choice.max())
        assert found[i] == best[0 if ties == "first" else -1]
        passing = both / dimensions >= rho
        best = np.flatnonzero(passing & (choice == choice[passing].max(initial=-1)))
        assert strict[i] == (best[0 if ties == "first" else -1] if passing.any() else -1)


@settings(many, max_examples=40)
@given(**PROBLEM, vigilance=st.sampled_from(["fixed", "am", "cm", "hi"]))
def test_the_torch_path_decides_alike(
    forced, kind, count, dimensions, seed, rho, alpha, beta, ties, tile, threads,
    width, vigilance,
):  # fmt: skip
    X = samples(kind, count, dimensions, seed)
    options = {"vigilance": vigilance, "sigma": 0.01, "delta": 0.01}
    expected = FuzzyART(rho, alpha, beta, 2, "none", ties, **options).fit(X)
    model = FuzzyART(rho, alpha, beta, 2, "none", ties, device="cpu", **options).fit(X)
    same(model, (expected.labels_, expected.weights_, expected.rhos_))
    for reject in (False, True):
        np.testing.assert_array_equal(
            model.predict(X, reject=reject), expected.predict(X, reject=reject)
        )
