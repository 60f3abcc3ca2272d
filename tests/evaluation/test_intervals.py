"""Bootstrap intervals over images."""

import numpy as np
import pytest

from pipeline_lib.evaluation.intervals import (
    DRAWS_AT_ONCE,
    Estimate,
    bootstrap,
    centred,
)


def test_every_draw_is_a_mean_of_as_many_images_drawn_with_replacement():
    images, draws = 7, 2 * DRAWS_AT_ONCE + 50
    counts = bootstrap(np.eye(images), draws=draws, seed=0) * images
    assert counts.shape == (1 + draws, images)
    assert counts[0] == pytest.approx(1)  # the observed images, once each
    np.testing.assert_allclose(counts, counts.round(), atol=1e-12)
    np.testing.assert_allclose(counts.sum(1), images)
    # a count is binomial(7, 1/7): mean 1, variance 6/7; none is left out with chance (6/7)^7
    assert counts[1:].mean(0) == pytest.approx(1, abs=0.2)
    assert counts[1:].var() == pytest.approx(6 / 7, rel=0.15)
    assert (counts[1:] == 0).mean() == pytest.approx((6 / 7) ** 7, abs=0.03)


def test_draws_depend_on_the_number_of_images_and_the_seed_alone():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(30, 2))
    together = bootstrap(values, draws=120, seed=3)
    for column in (0, 1):
        alone = bootstrap(values[:, [column]], draws=120, seed=3)
        np.testing.assert_allclose(alone[:, 0], together[:, column])
    np.testing.assert_array_equal(bootstrap(values, draws=120, seed=3), together)
    assert not np.array_equal(bootstrap(values, draws=120, seed=4)[1:], together[1:])
    np.testing.assert_array_equal(bootstrap(values, draws=DRAWS_AT_ONCE, seed=3), together[:101])


def test_an_estimate_reads_the_percentiles_by_hand():
    # 0, 1, …, 200: 2.5 % and 97.5 % of the way are 5 and 195
    found = Estimate.of(np.array([42.0, *np.random.default_rng(0).permutation(201)]))
    assert found == Estimate(42.0, pytest.approx(5.0), pytest.approx(195.0))


@pytest.mark.parametrize(
    ("low", "high", "covers"),
    [(-1, 1, True), (0, 1, True), (-1, 0, True), (0.1, 1, False), (-1, -0.1, False)],
)
def test_an_interval_covers_zero_with_its_ends(low, high, covers):
    assert Estimate(0.5, low, high).covers_zero is covers


def test_intervals_cover_a_binomial_share_about_as_often_as_they_say():
    rng = np.random.default_rng(0)
    share, trials = 0.7, 300
    covered = 0
    for trial in range(trials):
        values = (rng.random((150, 1)) < share).astype(float)
        found = Estimate.of(bootstrap(values, draws=200, seed=trial)[:, 0])
        assert found.low <= found.value <= found.high
        covered += found.low <= share <= found.high
    # 95 % of 300 have a deviation of 1.3 %; percentile intervals are a little short
    assert 0.90 <= covered / trials <= 0.985


def test_an_interval_is_as_wide_as_the_standard_error_says():
    values = np.random.default_rng(1).normal(size=(400, 1))
    found = Estimate.of(bootstrap(values, draws=1000, seed=0)[:, 0])
    error = values.std() / 20
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.1)


def test_centred_draws_have_the_observed_mean_and_their_own_spread():
    draws = np.array([[0.5, 0.2], [0.6, np.nan], [0.8, 0.4], [0.7, np.nan]])
    found = centred(draws)
    assert found[0].tolist() == [0.5, 0.2]
    assert found[1:, 0] == pytest.approx([0.4, 0.6, 0.5])
    assert found[2, 1] == pytest.approx(0.2)
    assert np.isnan(found[[1, 3], 1]).all()


def test_an_interval_is_cut_at_the_ends_of_a_range():
    assert Estimate(0.9, 0.7, 1.2).within(0, 1) == Estimate(0.9, 0.7, 1.0)
    assert Estimate(0.1, -0.2, 0.3).within(0, 1) == Estimate(0.1, 0.0, 0.3)
    assert Estimate(1.0, 1.1, 1.2).within(0, 1) == Estimate(1.0, 1.0, 1.0)
    assert Estimate(0.5, 0.6, 0.7).within(0, 1) == Estimate(0.5, 0.5, 0.7)
