"""Calibration errors against torchmetrics, scikit-learn and plain loops."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, softmax
from sklearn.calibration import calibration_curve
from torchmetrics.functional.classification import (
    binary_calibration_error,
    multiclass_calibration_error,
)

from pipeline_lib.artifacts.thresholds import Choice
from pipeline_lib.evaluation.calibration import BINS, Binned, bins, of_first, of_pairs
from pipeline_lib.evaluation.resampled import TEMPERED, Rules, Seed, Truth
from pipeline_lib.evaluation.resamples import Resamples

RULES = Rules(top_k=[1], threshold=0.5, empty="skip")


def of_classes(images: int = 90, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = np.eye(4, dtype=bool)[rng.integers(0, 4, images)]
    return 2 * (truth + rng.normal(size=truth.shape)), truth


def of_tags() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    truth = rng.random((70, 6)) < 0.3
    return 3 * truth + rng.normal(size=truth.shape) - 1, truth


@pytest.mark.parametrize("temperature", [0.4, 1.0, 3.0])
def test_the_error_of_classes_is_torchmetrics(formed, temperature):
    scores, truth = of_classes()
    found = formed(scores, truth, target="classes", choice=Choice(temperature=temperature))
    for name, logits in (("ece", scores), ("ece_tempered", scores / temperature)):
        expected = multiclass_calibration_error(
            torch.from_numpy(softmax(logits, axis=1)),
            torch.from_numpy(truth.argmax(1)),
            num_classes=4,
            n_bins=BINS,
            norm="l1",
        )
        assert found[name].item() == pytest.approx(expected.item(), abs=1e-6)


def test_the_error_of_tags_is_torchmetrics(formed):
    scores, truth = of_tags()
    expected = binary_calibration_error(
        torch.from_numpy(expit(scores)).flatten(),
        torch.from_numpy(truth).flatten().int(),
        n_bins=BINS,
        norm="l1",
    )
    found = formed(scores, truth)["pair_ece"].item()
    assert found == pytest.approx(expected.item(), abs=1e-6)


def test_a_difficult_tag_is_neither_true_nor_false(formed):
    scores, truth = of_tags()
    ignored = np.random.default_rng(2).random(truth.shape) < 0.2
    kept = ~ignored.ravel()
    pairs = formed(scores.reshape(-1, 1)[kept], truth.reshape(-1, 1)[kept])
    found = formed(scores, truth & ~ignored, ignored=ignored)["pair_ece"].item()
    assert found == pytest.approx(pairs["pair_ece"].item())


def adaptive(scores: np.ndarray, truth: np.ndarray) -> float:
    """Split the images, by rising probability, into 15 equal parts: n divides by 15."""
    probability, first = softmax(scores, axis=1).max(1), scores.argmax(1)
    true = truth[np.arange(len(truth)), first]
    parts = np.argsort(probability).reshape(BINS, -1)
    return sum(abs(true[part].sum() - probability[part].sum()) for part in parts) / len(scores)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), temperature=st.floats(0.2, 5))
def test_adaptive_bins_hold_as_many_images_each(formed, seed, temperature):
    scores, truth = of_classes(seed=seed)
    found = formed(scores, truth, target="classes", choice=Choice(temperature=temperature))
    assert found["ece_adaptive"].item() == pytest.approx(adaptive(scores, truth))
    cooler = adaptive(scores / temperature, truth)
    assert found["ece_adaptive_tempered"].item() == pytest.approx(cooler)


def test_images_of_one_probability_are_shared_out_whatever_their_order(formed):
    scores = np.tile([1.0, 0.0], (40, 1))
    truth = np.tile([[True, False], [False, True]], (20, 1))
    belief = 1 / (1 + np.exp(-1))  # half come true
    for rows in (np.arange(40), np.argsort(truth[:, 0])):
        found = formed(scores[rows], truth[rows], target="classes")
        assert found["ece_adaptive"].item() == pytest.approx(belief - 0.5)
        assert found["ece"].item() == pytest.approx(belief - 0.5)


def test_bins_are_scikit_learns_curve_of_all_seeds():
    scores, truth = of_tags()
    others = scores + np.random.default_rng(3).normal(size=scores.shape)
    plain = Truth(truth, np.zeros_like(truth))
    seeds = [Binned.of(of_pairs, None, Seed(one, plain, RULES)) for one in (scores, others)]
    table = bins(sum(seeds[1:], seeds[0]), Resamples.drawn(len(scores), draws=200, seed=0))
    expected = calibration_curve(
        np.tile(truth.ravel(), 2), expit(np.r_[scores, others].ravel()), n_bins=BINS
    )
    full = table.drop_nulls()
    for name, values in zip(("true", "probability"), expected, strict=True):
        assert full[name].to_list() == pytest.approx(values.tolist())
    assert table["beliefs"].sum() == 2 * truth.size
    assert (full["low"] <= full["probability"]).all()
    assert (full["probability"] <= full["high"]).all()
    for one in full.iter_rows(named=True):
        assert 0 <= one["true_low"] <= one["true"] <= one["true_high"] <= 1


def test_a_bin_without_a_belief_says_nothing():
    scores, truth = of_classes()
    plain = Truth(truth, np.zeros_like(truth))
    binned = Binned.of(of_first, None, Seed(scores, plain, RULES))
    table = bins(binned, Resamples.drawn(len(scores), draws=100, seed=0))
    # of four classes the first has a quarter at least
    assert table["beliefs"].to_list()[:3] == [0, 0, 0]
    assert table.select("probability", "true", "true_low", "true_high")[0].row(0) == (None,) * 4


def test_a_temperature_moves_beliefs_and_no_rank():
    scores, truth = of_classes()
    seed = Seed(scores, Truth(truth, np.zeros_like(truth)), RULES, Choice(temperature=0.5))
    one, other = of_first(seed, None), of_first(seed, TEMPERED)
    assert np.array_equal(one.true, other.true)
    assert (other.probability > one.probability).all()
