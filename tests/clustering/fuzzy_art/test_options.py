"""Groups, ranges, threads, processors, memory: what the estimator adds to the algorithm."""

import tracemalloc

import numpy as np
import pytest

from pipeline_lib.clustering.fuzzy_art import estimator as fuzzy_art
from pipeline_lib.clustering.fuzzy_art import run as art_run
from pipeline_lib.clustering.fuzzy_art.box_distance import PORTABLE, supported
from pipeline_lib.clustering.fuzzy_art.estimator import FuzzyART
from pipeline_lib.clustering.fuzzy_art.present import ROOM
from pipeline_lib.clustering.fuzzy_art.run import threads_of
from pipeline_lib.errors import InputError


@pytest.fixture
def X() -> np.ndarray:
    """Enough samples and categories for several threads, tiles and rooms; float32."""
    rng = np.random.default_rng(0)
    centres = rng.random((150, 40))[rng.integers(0, 150, 3000)]
    return (centres + rng.normal(0, 0.07, centres.shape)).astype(np.float32)


@pytest.mark.parametrize("vigilance", ["fixed", "am", "cm", "hi"])
def test_threads_change_nothing(X, vigilance, monkeypatch):
    monkeypatch.setattr(art_run, "cores", lambda: 5)
    one, two, five = (
        FuzzyART(0.85, vigilance=vigilance, max_iter=2, n_jobs=jobs).fit(X) for jobs in (1, 2, 5)
    )
    assert one.n_clusters_ > ROOM
    for other in (two, five):
        np.testing.assert_array_equal(one.labels_, other.labels_)
        np.testing.assert_array_equal(one.weights_, other.weights_)
        np.testing.assert_array_equal(one.rhos_, other.rhos_)
        np.testing.assert_array_equal(one.predict(X), other.predict(X))


def test_processors_change_nothing(X, monkeypatch):
    best = FuzzyART(0.8).fit(X)
    for width in supported():
        monkeypatch.setattr(fuzzy_art, "supported", lambda width=width: [width])
        other = FuzzyART(0.8).fit(X)
        np.testing.assert_array_equal(best.labels_, other.labels_)
        np.testing.assert_array_equal(best.weights_, other.weights_)
    assert width == PORTABLE  # the last, on every processor


def test_samples_that_are_views_or_integers_are_taken(X):
    expected = FuzzyART(0.8).fit(X)
    for same in (np.asfortranarray(X), np.repeat(X, 2, axis=0)[::2], X.astype(np.float64)):
        np.testing.assert_array_equal(FuzzyART(0.8).fit(same).labels_, expected.labels_)
    whole = np.arange(12).reshape(6, 2) % 5
    expected = FuzzyART().fit(whole.astype(float))
    np.testing.assert_array_equal(FuzzyART().fit(whole).weights_, expected.weights_)


def test_adaptive_vigilance_worked_example():
    # m = 1, α = 0, β = 1, ρ = 0.8, σ = 0.1, δ = 0.05
    # 0.2 founds (0.2, 0.8). 0.3: match 0.9 passes → (0.2, 0.7); ρ: am, hi 0.88, cm 0.8.
    # 0.15: I∧w = (0.15, 0.7), match 0.85: am, hi fail (no winner: 0.88 · 0.9 = 0.792), found with
    # ρ 0.8; cm passes, w = (0.15, 0.7), ρ stays.
    X = np.array([[0.2], [0.3], [0.15]])
    for name, labels, rhos in (
        ("am", [0, 0, 1], [0.792, 0.8]),
        ("cm", [0, 0, 0], [0.8]),
        ("hi", [0, 0, 1], [0.792, 0.8]),
    ):
        model = FuzzyART(0.8, 0.0, 1.0, scale="none", vigilance=name, sigma=0.1, delta=0.05).fit(X)
        assert model.labels_.tolist() == labels
        assert model.rhos_ == pytest.approx(rhos)


def test_a_passing_rival_is_raised_above_its_match():
    # Categories (0.2, 0.8) and (0.6, 0.4); 0.3 matches them with 0.9 and 0.7, choices the same.
    X = np.array([[0.2], [0.3]])
    model = FuzzyART(0.65, 0.0, 1.0, scale="none", vigilance="cm", delta=0.05).fit(X[:1])
    model.weights_ = np.array([[0.2, 0.8], [0.6, 0.4]])
    model.rhos_, model.groups_ = np.array([0.65, 0.65]), np.zeros(2, np.int64)
    model.partial_fit(X[1:])
    assert model.labels_.tolist() == [0]
    assert model.rhos_ == pytest.approx([0.65, 0.75])


def test_groups_are_fits_of_their_own_with_shared_numbers(X):
    X, groups = X[:400], np.arange(400) % 3
    model = FuzzyART(0.8, scale=(-1.0, 2.0)).fit(X, groups=groups)
    assert model.labels_[0] == 0  # numbered in the order of their first samples
    assert (np.diff(np.unique(model.labels_, return_index=True)[1]) > 0).all()
    for group in range(3):
        own = FuzzyART(0.8, scale=(-1.0, 2.0)).fit(X[groups == group])
        numbers = np.flatnonzero(model.groups_ == group)
        np.testing.assert_array_equal(model.labels_[groups == group], numbers[own.labels_])
        np.testing.assert_array_equal(model.weights_[numbers], own.weights_)
        found = model.predict(X, groups=np.full(400, group))
        np.testing.assert_array_equal(found, numbers[own.predict(X)])
    assert (model.predict(X, groups=np.full(400, 7)) == -1).all()


def test_partial_fits_of_groups_equal_one_fit(X):
    X, groups = X[:300], np.arange(300) % 4
    whole = FuzzyART(0.8, scale=(-1.0, 2.0), vigilance="hi").fit(X, groups=groups)
    parts = FuzzyART(0.8, scale=(-1.0, 2.0), vigilance="hi")
    parts.partial_fit(X[:90], groups=groups[:90]).partial_fit(X[90:], groups=groups[90:])
    np.testing.assert_array_equal(parts.labels_, whole.labels_[90:])
    np.testing.assert_array_equal(parts.weights_, whole.weights_)
    np.testing.assert_array_equal(parts.rhos_, whole.rhos_)


@pytest.mark.parametrize("groups", [np.zeros(3, int), np.zeros((50, 1), int), np.zeros(50)])
def test_groups_must_be_one_whole_number_per_sample(X, groups):
    with pytest.raises(InputError, match="expected one whole number for each of 50 samples"):
        FuzzyART().fit(X[:50], groups=groups)


def test_a_given_range_is_scaled_to_0_to_1():
    X = np.array([[-1.0, 0.5], [1.0, -0.25]])
    model = FuzzyART(1.0, beta=1.0, scale=(-1.0, 1.0)).fit(X)
    expected = [[0, 0.75, 1, 0.25], [1, 0.375, 0, 0.625]]
    np.testing.assert_array_equal(model.weights_, expected)
    with pytest.raises(InputError, match=r"values from -1 to 1\.5, expected -1…1"):
        model.predict(np.array([[-1.0, 0.5], [1.5, -0.25]]))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("vigilance", "none"),
        ("sigma", 1.0),
        ("sigma", -0.1),
        ("delta", -0.1),
        ("n_jobs", 0),
        ("scale", (1.0, 1.0)),
    ],
)
def test_a_bad_option_is_refused(X, name, value):
    with pytest.raises(InputError, match=f"{name} is "):
        FuzzyART(**{name: value}).fit(X)


def test_the_order_is_kept(X):
    model = FuzzyART(random_state=3, max_iter=2).fit(X[:50])
    np.testing.assert_array_equal(model.order_, np.random.default_rng(3).permutation(50))
    assert model.n_iter_ == 2


def test_threads_are_those_asked_for_but_no_more_than_cores(monkeypatch):
    monkeypatch.setattr(art_run, "cores", lambda: 4)
    assert [threads_of(jobs) for jobs in (1, 3, 9)] == [1, 3, 4]


def test_memory_beyond_the_input_is_less_than_the_input():
    rng = np.random.default_rng(0)
    X = rng.random((50, 64), np.float32)[rng.integers(0, 50, 20_000)]
    FuzzyART(0.5).fit(X[:100])
    tracemalloc.start()
    model = FuzzyART(0.5).fit(X)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert model.n_clusters_ <= 50
    assert peak < X.nbytes
