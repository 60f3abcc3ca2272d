"""Scores of models that nothing is trained of."""

from importlib import import_module

import pytest
import torch

from pipeline_lib.families.open_vocabulary.settings import ZeroShot
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.steps.train.loading import load_settings
from tests.methods.toy import run
from tests.methods.toy_towers import data, knowledge, towers

NAMES = [name for name in METHODS if issubclass(load_settings(name), ZeroShot)]
CHANGES = {"sparc": {"relation": "merged", "neighbours": 3}}
IMAGES = 10


@pytest.mark.parametrize("name", NAMES)
def test_the_size_of_batches_changes_neither_scores_nor_losses(name):
    one, two = (fitted(name, size) for size in (3, IMAGES))
    torch.testing.assert_close(one.logits["test"], two.logits["test"], rtol=1e-4, atol=1e-4)
    assert one.history[0]["loss"] == pytest.approx(two.history[0]["loss"], rel=1e-4)


def fitted(name, size):
    model, fit = towers(), import_module(f"pipeline_lib.methods.{name}.fit").fit
    settings = load_settings(name)(batch_size=size, **CHANGES.get(name, {}))
    return fit(data(IMAGES), knowledge(model), model, settings, seed=0, run=run())
