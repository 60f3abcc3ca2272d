"""Thresholds that are judged on images that they were not chosen on."""

import numpy as np
import pytest

from benchmarks.thresholds import crossed


@pytest.fixture
def carried():
    return np.random.default_rng(0).random((200, 6)) < 0.3


def test_tags_of_one_scale_are_told_by_a_common_threshold(carried):
    scores = np.where(carried, 2.0, -2.0).astype(np.float32)
    assert crossed(scores, carried, 10**9) == (1.0, 1.0)


def test_tags_of_different_scales_need_thresholds_of_their_own(carried):
    scores = (np.where(carried, 1.0, -1.0) + 5.0 * np.arange(6)).astype(np.float32)
    assert crossed(scores, carried, 1) == (1.0, 1.0)
    assert max(crossed(scores, carried, 10**9)) < 0.9


def test_labels_that_scores_know_nothing_of_are_not_told(carried):
    scores = np.random.default_rng(1).standard_normal(carried.shape).astype(np.float32)
    macro, overall = crossed(scores, carried, 1)
    assert max(macro, overall) < 2 * 0.35 / 1.35 + 0.05  # deciding for all of them
