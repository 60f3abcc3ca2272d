"""The estimator around the kernels: order, growth, prediction, refusals."""

import numpy as np
import pytest

from pipeline_lib.clustering.fuzzy_art.estimator import FuzzyART
from pipeline_lib.clustering.fuzzy_art.present import ROOM
from pipeline_lib.errors import InputError


@pytest.fixture
def X() -> np.ndarray:
    return np.random.default_rng(0).random((50, 3))


def test_worked_example():
    # I = (x, 1 − x), α = 0, β = 0.5, ρ = 0.8, m = 1
    # x = 0.2: first category (0.2, 0.8)
    # x = 0.3: I∧w = (0.2, 0.7), match 0.9 ≥ 0.8 → w = (0.2, 0.75)
    # x = 0.9: I∧w = (0.2, 0.1), match 0.3 < 0.8 → second category (0.9, 0.1)
    X = np.array([[0.2], [0.3], [0.9]])
    model = FuzzyART(rho=0.8, alpha=0.0, beta=0.5, scale="none").fit(X)
    assert model.labels_.tolist() == [0, 0, 1]
    assert model.weights_ == pytest.approx(np.array([[0.2, 0.75], [0.9, 0.1]]))
    assert model.boxes_ == pytest.approx(np.array([[[0.2], [0.25]], [[0.9], [0.9]]]))
    assert model.counts_.tolist() == [2, 1]
    assert model.n_clusters_ == 2


def test_minmax_is_fuzzy_art_on_the_scaled_samples(X):
    low, high = X.min(0), X.max(0)
    scaled = FuzzyART(scale="none").fit((X - low) / (high - low))
    found = FuzzyART().fit(X * 7 - 3)
    np.testing.assert_array_equal(found.labels_, scaled.labels_)
    np.testing.assert_allclose(found.weights_, scaled.weights_, atol=1e-12)


def test_boxes_of_full_learning_hold_their_samples(X):
    model = FuzzyART(rho=0.7, beta=1.0, scale="none").fit(X)
    low, high = model.boxes_[model.labels_].transpose(1, 0, 2)
    assert (low <= X + 1e-12).all()
    assert (high >= X - 1e-12).all()
    assert 1 < model.n_clusters_ < len(X)


def test_more_categories_than_the_first_room_holds():
    X = np.linspace(0, 1, 2 * ROOM + 5)[:, None]
    model = FuzzyART(rho=1.0, alpha=0.0, beta=1.0).fit(X)
    np.testing.assert_array_equal(model.labels_, np.arange(len(X)))
    np.testing.assert_array_equal(model.weights_, np.hstack([X, 1 - X]))


def test_counts_are_those_of_the_last_pass():
    X = np.random.default_rng(0).random((50, 1))
    model = FuzzyART(rho=0.7, alpha=1.0, beta=1.0, max_iter=3).fit(X)
    assert model.counts_.sum() == 50
    assert (model.counts_ == 0).any()  # a category that lost all its samples stays
    for category, count in enumerate(model.counts_):
        assert (model.labels_ == category).sum() == count


def test_equal_choices_go_to_the_first_category_or_the_last():
    # x = 0.5 lies between the categories (0.25, 0.75) and (0.75, 0.25): both choices are 0.75.
    X = np.array([[0.25], [0.75], [0.5]])
    for ties, winner in (("first", 0), ("last", 1)):
        model = FuzzyART(rho=0.7, alpha=0.0, beta=1.0, scale="none", ties=ties).fit(X)
        assert model.labels_.tolist() == [0, 1, winner]
        model = FuzzyART(rho=0.7, alpha=0.0, beta=1.0, scale="none", ties=ties).fit(X[:2])
        assert model.predict(X[2:]).tolist() == [winner]


def test_shuffle_is_a_seeded_order_of_presentation(X):
    order = np.random.default_rng(5).permutation(len(X))
    ordered = FuzzyART(scale="none").fit(X[order])
    shuffled = FuzzyART(scale="none", random_state=5).fit(X)
    np.testing.assert_array_equal(shuffled.labels_[order], ordered.labels_)
    np.testing.assert_array_equal(shuffled.weights_, ordered.weights_)
    np.testing.assert_array_equal(shuffled.counts_, ordered.counts_)
    assert not np.array_equal(shuffled.labels_, FuzzyART(scale="none").fit(X).labels_)


def test_partial_fits_equal_one_fit_of_all(X):
    whole = FuzzyART(scale="none").fit(X)
    parts = FuzzyART(scale="none").partial_fit(X[:20]).partial_fit(X[20:])
    np.testing.assert_array_equal(parts.weights_, whole.weights_)
    np.testing.assert_array_equal(parts.labels_, whole.labels_[20:])


def test_every_partial_fit_presents_once_whatever_max_iter_says(X):
    twice = FuzzyART(scale="none", max_iter=2).fit(X)
    parts = FuzzyART(scale="none", max_iter=2).partial_fit(X).partial_fit(X)
    np.testing.assert_array_equal(parts.weights_, twice.weights_)
    np.testing.assert_array_equal(parts.labels_, twice.labels_)


def test_partial_fit_leaves_earlier_weights_alone(X):
    model = FuzzyART(scale="none", beta=1.0, rho=0.5).partial_fit(X[:20])
    before = model.weights_
    kept = before.copy()
    model.partial_fit(X[20:])
    np.testing.assert_array_equal(before, kept)


def test_later_samples_are_clipped_to_the_first_range():
    model = FuzzyART(rho=0.9).partial_fit(np.array([[10.0], [20.0]]))
    assert model.predict(np.array([[5.0], [99.0]])).tolist() == [0, 1]
    model.partial_fit(np.array([[99.0]]))
    assert model.labels_.tolist() == [1]
    assert model.n_clusters_ == 2


def test_fit_starts_anew(X):
    model = FuzzyART().fit(X * 2)
    again = model.fit(X[:10])
    assert again is model
    np.testing.assert_array_equal(model.weights_, FuzzyART().fit(X[:10]).weights_)


def test_predict_rejects_what_no_category_would_accept():
    model = FuzzyART(rho=0.8, scale="none").fit(np.array([[0.1], [0.2]]))
    samples = np.array([[0.15], [0.25], [0.9]])
    assert model.predict(samples).tolist() == [0, 0, 0]
    assert model.predict(samples, reject=True).tolist() == [0, 0, -1]


def test_prediction_is_of_samples_alone(X):
    model = FuzzyART().fit(X)
    whole = model.predict(X)
    assert whole.dtype == np.int64
    np.testing.assert_array_equal(model.predict(X[::-1])[::-1], whole)


@pytest.mark.parametrize("scale", ["minmax", "none"])
def test_input_is_not_changed(X, scale):
    kept = X.copy()
    FuzzyART(scale=scale, max_iter=2).fit(X).predict(X)
    np.testing.assert_array_equal(X, kept)


def test_float32_and_float64_agree_where_both_are_exact():
    X = np.random.default_rng(0).integers(0, 9, (40, 3)) / 8
    for scale in ("minmax", "none"):
        double, single = (FuzzyART(scale=scale).fit(X.astype(t)) for t in (np.float64, np.float32))
        np.testing.assert_array_equal(double.labels_, single.labels_)
        np.testing.assert_array_equal(double.weights_, single.weights_)
        assert single.weights_.dtype == np.float64


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rho", -0.1),
        ("rho", 1.5),
        ("rho", np.nan),
        ("alpha", -1.0),
        ("alpha", np.inf),
        ("beta", 0.0),
        ("beta", 1.01),
        ("max_iter", 0),
        ("scale", "none "),
        ("ties", "random"),
    ],
)
def test_a_bad_parameter_is_refused(X, name, value):
    with pytest.raises(InputError, match=f"{name} is {value}, expected"):
        FuzzyART(**{name: value}).fit(X)
    with pytest.raises(InputError, match=f"{name} is {value}, expected"):
        FuzzyART(**{name: value}).partial_fit(X)


@pytest.mark.parametrize("value", [-0.25, 1.25])
def test_samples_outside_0_to_1_are_refused_without_scaling(X, value):
    X[4, 1] = value
    with pytest.raises(InputError, match=f"values from .*{value}" if value < 0 else f"to {value}"):
        FuzzyART(scale="none").fit(X)
    model = FuzzyART(scale="none").fit(X[:3])
    with pytest.raises(InputError, match=str(value)):
        model.predict(X)


def test_samples_that_are_not_finite_are_refused(X):
    X[7, 0] = np.nan
    for model in (FuzzyART(), FuzzyART(scale="none")):
        with pytest.raises(InputError, match=r"1 of 50 feature vectors are not finite.* row 7"):
            model.fit(X)
        with pytest.raises(InputError, match="row 7"):
            model.fit(X[:5]).predict(X)


def test_another_width_is_refused(X):
    model = FuzzyART().fit(X)
    for call in (model.predict, model.partial_fit):
        with pytest.raises(ValueError, match="X has 2 features, but FuzzyART is expecting 3"):
            call(X[:, :2])
