"""The feature space in the plane."""

import numpy as np
import pytest

from pipeline_lib.evaluation.embedding import plane, spread_choice


@pytest.fixture
def features() -> np.ndarray:
    """Three far groups of 12 images."""
    rng = np.random.default_rng(0)
    return (np.repeat(np.eye(3, 6) * 20, 12, 0) + rng.normal(size=(36, 6))).astype(np.float16)


def test_principal_axes_are_those_of_the_singular_value_decomposition(features):
    found = plane(features, method="pca", seed=0)
    centred = features.astype(np.float64) - features.astype(np.float64).mean(0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    np.testing.assert_allclose(np.abs(found), np.abs(u[:, :2] * s[:2]), atol=1e-8)


def test_groups_stay_together_under_tsne(features):
    found = plane(features, method="tsne", seed=0)
    assert found.shape == (36, 2)
    groups = found.reshape(3, 12, 2)
    spread = np.linalg.norm(groups - groups.mean(1, keepdims=True), axis=2).max()
    centres = groups.mean(1)
    apart = min(np.linalg.norm(centres[a] - centres[b]) for a, b in ((0, 1), (0, 2), (1, 2)))
    assert apart > 2 * spread


@pytest.mark.parametrize("method", ["tsne", "pca"])
def test_the_picture_is_the_same_every_time(features, method):
    first, second = (plane(features, method=method, seed=0) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_features_are_not_changed(features):
    kept = features.copy()
    plane(features, method="tsne", seed=0)
    np.testing.assert_array_equal(features, kept)


@pytest.mark.parametrize("method", ["tsne", "pca"])
@pytest.mark.parametrize("shape", [(1, 4), (2, 4), (4, 1), (5, 3), (8, 1)])
def test_small_sets_have_a_picture_too(method, shape):
    found = plane(np.random.default_rng(0).normal(size=shape), method=method, seed=0)
    assert found.shape == (shape[0], 2)
    assert np.isfinite(found).all()
    if shape[0] < 5 or method == "pca":
        assert (found[:, min(shape[1], shape[0]) :] == 0).all()


@pytest.mark.parametrize("method", ["tsne", "pca"])
def test_features_without_any_spread_have_a_picture_too(method):
    found = plane(np.ones((9, 3), np.float32), method=method, seed=0)
    assert np.isfinite(found).all()


@pytest.mark.parametrize(
    ("count", "wanted", "expected"),
    [
        (10, 4, [0, 3, 6, 9]),
        (5, 5, [0, 1, 2, 3, 4]),
        (3, 10, [0, 1, 2]),
        (7, 1, [0]),
        (1, 10, [0]),
        (4, 3, [0, 2, 3]),  # steps of 1.5, halves to the even row
    ],
)
def test_rows_are_chosen_at_even_steps(count, wanted, expected):
    assert spread_choice(count, wanted).tolist() == expected


def test_as_many_rows_are_chosen_as_wanted():
    for count in (11, 100, 997):
        for wanted in range(1, 60, 7):
            found = spread_choice(count, wanted)
            assert len(found) == min(count, wanted)
            assert (np.diff(found) > 0).all()
