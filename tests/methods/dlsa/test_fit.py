"""Fitting DLSA and its ablations."""

from dataclasses import replace

import pytest
import torch

from pipeline_lib.errors import InputError
from pipeline_lib.methods.dlsa.fit import fit
from pipeline_lib.training.data import Data
from pipeline_lib.training.fitted import Fitted
from tests.methods.toy import run
from tests.methods.toy_maps import DIMS, LABELS, ROWS, TEST, Passing, data, dlsa, knowledge, targets


def fitted(
    row: str = "all", *, seed: int = 0, some: Data | None = None, **changes: object
) -> Fitted:
    settings = dlsa(**changes | ROWS[row])
    return fit(some or data(), knowledge(), Passing(), settings, seed=seed, run=run())


@pytest.mark.parametrize("row", ROWS)
def test_every_row_of_table_2_is_fitted_and_scored(row):
    found = fitted(row)
    assert found.logits["test"].shape == (TEST, LABELS)
    assert found.features["test"].shape == (TEST, DIMS)
    assert torch.isfinite(found.logits["test"]).all()
    assert found.leaks == []


@pytest.mark.parametrize("row", ROWS)
def test_every_row_learns_a_tiny_set(row):
    some = data()
    tiny = replace(some, evaluation={"train": some.train})
    found = fitted(row, some=tiny, recipe={"epochs": 150, "lr": 0.02}, standardise=True)
    right = (found.logits["train"] > 0) == targets()[: len(some.train)].bool()
    assert right.float().mean() > 0.95


def test_knowledge_of_other_labels_is_refused():
    fewer = replace(data(), targets=targets()[: len(data().train), :3])
    with pytest.raises(InputError, match="5 labels, expected 3"):
        fitted(some=fewer)
