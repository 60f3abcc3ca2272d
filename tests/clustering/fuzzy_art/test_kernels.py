"""Fuzzy ART against artlib and against its equations in plain loops."""

import artlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline_lib.clustering.fuzzy_art import kernels as art_kernels
from pipeline_lib.clustering.fuzzy_art.estimator import FuzzyART


def random_data() -> np.ndarray:
    return np.random.default_rng(0).random((60, 4))


def gridded() -> np.ndarray:
    """Multiples of 1/7, whose sums differ in the last bit by their order: ties are won by it."""
    return np.random.default_rng(1).integers(0, 8, (60, 4)) / 7


DATA = {
    "random": random_data(),
    "gridded": gridded(),
    "binary": np.random.default_rng(2).integers(0, 2, (40, 5)).astype(float),
    "duplicated": np.tile(np.random.default_rng(3).random((6, 2)), (5, 1)),
    "constant": np.full((12, 3), 0.3),
    "one dimension": np.random.default_rng(4).random((40, 1)),
    "one sample": np.array([[0.2, 0.9]]),
    "wide": np.random.default_rng(5).random((25, 70)),
}
ALPHAS = (0.0, 1e-10, 0.01)


def theirs(X: np.ndarray, rho: float, alpha: float, beta: float, epochs: int) -> artlib.FuzzyART:
    model = artlib.FuzzyART(rho=rho, alpha=alpha, beta=beta)
    return model.fit(model.prepare_data(X), max_iter=epochs)


def winner(
    x: list[float], weights: list[list[float]], rho: float, alpha: float, ties: str
) -> int | None:
    """The category of a sample x in 0…1, as choice and match are written."""
    coded = x + [1 - v for v in x]
    best, found = -1.0, None
    for j, w in enumerate(weights):
        both = size = 0.0
        for a, b in zip(coded, w, strict=True):
            both += min(a, b)
            size += b
        choice = both / (alpha + size) if alpha + size > 0 else 0.0
        if both / len(x) >= rho and (choice > best or (ties == "last" and choice == best)):
            best, found = choice, j
    return found


def loops(
    X: np.ndarray, rho: float, alpha: float, beta: float, epochs: int, ties: str
) -> tuple[list[int], list[list[float]]]:
    """Labels and weights of samples in 0…1."""
    weights: list[list[float]] = []
    labels = [-1] * len(X)
    for _ in range(epochs):
        for i, x in enumerate(X.tolist()):
            coded = x + [1 - v for v in x]
            j = winner(x, weights, rho, alpha, ties)
            if j is None:
                j = len(weights)
                weights.append(coded)
            else:
                pairs = zip(coded, weights[j], strict=True)
                weights[j] = [beta * min(a, b) + (1 - beta) * b for a, b in pairs]
            labels[i] = j
    return labels, weights


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("rho", [0.0, 0.4, 0.85, 1.0])
def test_labels_and_weights_equal_artlib(name, rho):
    X = DATA[name]
    for alpha in ALPHAS[rho == 0.0 :]:  # with α = ρ = 0 artlib divides by an empty category's 0
        for beta in (1.0, 0.3):
            for epochs in (1, 2, 3):
                expected = theirs(X, rho, alpha, beta, epochs)
                found = FuzzyART(rho, alpha, beta, epochs).fit(X)
                np.testing.assert_array_equal(found.labels_, expected.labels_)
                np.testing.assert_allclose(found.weights_, expected.W, rtol=0, atol=1e-12)


@pytest.mark.parametrize("ties", ["first", "last"])
@pytest.mark.parametrize("name", DATA)
def test_labels_and_weights_equal_the_equations_in_loops(name, ties):
    X = DATA[name]
    for rho, alpha, beta, epochs in [(0.0, 0.0, 1.0, 2), (0.6, 0.0, 0.3, 1), (0.8, 0.01, 1.0, 3)]:
        labels, weights = loops(X, rho, alpha, beta, epochs, ties)
        found = FuzzyART(rho, alpha, beta, epochs, scale="none", ties=ties).fit(X)
        assert found.labels_.tolist() == labels
        assert found.weights_.tolist() == weights


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    X=arrays(float, st.tuples(st.integers(1, 9), st.integers(1, 3)), elements=st.integers(0, 4)),
    rho=st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]),
    alpha=st.sampled_from(ALPHAS),
    beta=st.sampled_from([1.0, 0.5, 0.3]),
    epochs=st.integers(1, 3),
    ties=st.sampled_from(["first", "last"]),
)
def test_small_grids_equal_the_equations_and_artlib(X, rho, alpha, beta, epochs, ties):
    labels, weights = loops(X / 4, rho, alpha, beta, epochs, ties)
    found = FuzzyART(rho, alpha, beta, epochs, scale="none", ties=ties).fit(X / 4)
    assert found.labels_.tolist() == labels
    assert found.weights_.tolist() == weights
    if ties == "first" and (alpha > 0 or rho > 0):
        expected = theirs(X, rho, alpha, beta, epochs)
        found = FuzzyART(rho, alpha, beta, epochs).fit(X)
        np.testing.assert_array_equal(found.labels_, expected.labels_)
        np.testing.assert_allclose(found.weights_, expected.W, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", DATA)
def test_predictions_equal_artlib(name):
    X = DATA[name]
    seen, new = X[: len(X) // 2 + 1], X
    expected = theirs(seen, 0.8, 1e-10, 0.5, 1)
    found = FuzzyART(0.8, 1e-10, 0.5).fit(seen).predict(new)
    scaled = np.clip(expected.prepare_data(new), 0, 1)
    np.testing.assert_array_equal(found, expected.predict(scaled))


def test_predictions_break_ties_as_training_does():
    # With α = 0 every category that lies inside the sample's own has a choice of 1, but for the
    # last bits: |w| must be summed in the order of training.
    X = DATA["gridded"]
    for rho in (0.6, 0.8, 1.0):
        model = FuzzyART(rho, 0.0, 1.0, scale="none").fit(X)
        weights = model.weights_.tolist()
        expected = [winner(x, weights, 0.0, 0.0, "first") for x in X.tolist()]
        assert model.predict(X).tolist() == expected
        strict = [winner(x, weights, 1.0, 0.0, "first") for x in X.tolist()]
        model.rho = 1.0
        found = model.predict(X, reject=True).tolist()
        assert found == [-1 if j is None else j for j in strict]


def test_learning_stops_where_the_room_ends():
    coded = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    weights, sizes, labels = np.empty((1, 2)), np.zeros(1), np.full(3, -7)
    step, known = art_kernels.learn(coded, weights, sizes, 0, 1.0, 0.01, 1.0, False, labels)
    assert (step, known) == (1, 1)
    assert labels.tolist() == [0, -7, -7]
