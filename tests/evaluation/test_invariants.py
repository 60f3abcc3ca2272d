"""Invariants of the zero-shot protocol on NUS-WIDE's genuine labels."""

import numpy as np
import polars as pl
import pytest

from pipeline_lib.artifacts.labelled import multi_hot
from pipeline_lib.evaluation.cutoffs import at_cutoff
from pipeline_lib.evaluation.ranking import ranking


@pytest.fixture
def truth(shared_data):
    """The 81 concepts of the test images, bool (107859, 81)."""
    table = pl.read_parquet(shared_data / "nuswide" / "concepts81_labels.parquet")
    return multi_hot(table.filter(split="test")["labels"], 81)


def test_every_cutoff_tells_the_mean_number_of_concepts_of_a_test_image(truth):
    assert len(truth) == 107_859
    assert (~truth.any(1)).sum() == 23_961  # that carry none, and count
    order = ranking(np.random.default_rng(0).random(truth.shape, np.float32))
    for k in (1, 3, 5, 81):
        found = at_cutoff(order, truth, np.ones((1, len(truth)), np.int64), k)
        labels = k * found["micro_pr_precision"] / found["micro_pr_recall"]
        assert labels.item() == pytest.approx(truth.sum() / len(truth), rel=1e-12)
        assert labels.item() == pytest.approx(1.877, abs=1e-3)  # as published
        assert found["micro_pr_f1"] <= max(found["micro_pr_precision"], found["micro_pr_recall"])
        assert found["micro_pr_f1"] >= min(found["micro_pr_precision"], found["micro_pr_recall"])
    assert found["micro_pr_recall"] == 1  # every label is among the first 81
