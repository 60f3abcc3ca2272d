"""Invariants of the zero-shot protocol on NUS-WIDE's genuine labels."""

import numpy as np
import polars as pl
import pytest

from pipeline_lib.artifacts.labelled import multi_hot


@pytest.fixture
def truth(shared_data):
    """The 81 concepts of the test images, bool (107859, 81)."""
    table = pl.read_parquet(shared_data / "nuswide" / "concepts81_labels.parquet")
    return multi_hot(table.filter(split="test")["labels"], 81)


def test_every_cutoff_tells_the_mean_number_of_concepts_of_a_test_image(truth, formed):
    assert len(truth) == 107_859
    assert (~truth.any(1)).sum() == 23_961  # that carry none, and count
    scores = np.random.default_rng(0).random(truth.shape, np.float32)
    micro = formed(scores, truth, top_k=[1, 3, 5, 81])
    for k in (1, 3, 5, 81):
        found = {part: micro[f"micro_pr_{part}_{k}"] for part in ("precision", "recall", "f1")}
        labels = k * found["precision"] / found["recall"]
        assert labels.item() == pytest.approx(truth.sum() / len(truth), rel=1e-12)
        assert labels.item() == pytest.approx(1.877, abs=1e-3)  # as published
        assert found["f1"] <= max(found["precision"], found["recall"])
        assert found["f1"] >= min(found["precision"], found["recall"])
    assert found["recall"] == 1  # every label is among the first 81
