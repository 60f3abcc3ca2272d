"""Sums over resamples of the images."""

import numpy as np
import pytest

from pipeline_lib.evaluation.intervals import drawn_counts
from pipeline_lib.evaluation.resamples import LABELS_AT_ONCE, Resamples

IMAGES = 37


@pytest.fixture
def resamples() -> Resamples:
    return Resamples.drawn(IMAGES, draws=250, seed=4)


def test_the_images_as_they_are_come_before_the_draws_of_the_bootstrap(resamples):
    drawn = np.concatenate([*drawn_counts(IMAGES, draws=250, seed=4)])
    assert resamples.counts.shape == (IMAGES, 251)
    assert (resamples.counts[:, 0] == 1).all()
    np.testing.assert_array_equal(resamples.counts[:, 1:].T, drawn)
    assert (resamples.images == IMAGES).all()


def test_sums_are_products_with_what_was_drawn(resamples):
    rng = np.random.default_rng(0)
    for values in (
        rng.normal(size=IMAGES),
        rng.normal(size=(IMAGES, 3)),
        rng.integers(0, 5, IMAGES),
    ):
        found = resamples.sums(values)
        assert found.shape == (251, *values.shape[1:])
        np.testing.assert_allclose(found, resamples.counts.T.astype(float) @ values, atol=1e-12)


@pytest.mark.parametrize("labels", [1, LABELS_AT_ONCE + 1])
def test_tallies_count_flags_of_what_was_drawn(resamples, labels):
    flags = np.random.default_rng(0).random((IMAGES, labels)) < 0.2
    found = resamples.tallies(flags)
    np.testing.assert_array_equal(found, resamples.counts.T.astype(int) @ flags)


@pytest.mark.parametrize("labels", [3, 2 * LABELS_AT_ONCE])
def test_the_number_of_threads_changes_no_bit(resamples, labels, monkeypatch):
    flags = np.random.default_rng(0).random((IMAGES, labels)) < 0.2
    values = np.random.default_rng(1).normal(size=IMAGES)
    found = []
    for workers in ("1", "3"):
        monkeypatch.setenv("PROTOWEAVE_WORKERS", workers)
        found.append((resamples.tallies(flags), resamples.sums(values)))
    np.testing.assert_array_equal(found[0][0], found[1][0])
    np.testing.assert_array_equal(found[0][1], found[1][1])


def test_an_image_drawn_more_often_than_a_byte_holds_counts_as_often(monkeypatch):
    some = np.array([[700, 0, 3], [1, 1, 701]])
    monkeypatch.setattr(
        "pipeline_lib.evaluation.resamples.drawn_counts", lambda *_, **__: iter([some])
    )
    found = Resamples.drawn(3, draws=2, seed=0)
    assert found.sums(np.array([1.0, 0.0, 2.0])).tolist() == [3, 706, 1403]
    assert found.tallies(np.array([[True], [False], [True]]))[:, 0].tolist() == [2, 703, 702]
