"""What is read of DLSA's modules, and of the placebos in which they are dead."""

from typing import Any

import pytest
import torch

from pipeline_lib.methods.dlsa.fit import fit
from pipeline_lib.training.liveness import Reading
from tests.methods.toy import run
from tests.methods.toy_maps import ROWS, Passing, data, dlsa, knowledge

READ = {
    "none": set(),
    "prior": {"prior"},
    "decoupling": {"decoupling"},
    "both": {"prior", "decoupling"},
    "all": {"prior", "decoupling", "reasoning"},
}

LONGER = {"epochs": 60, "lr": 0.02}


def read(row: str = "all", **changes: Any) -> dict[tuple[str, str, str], Reading]:
    torch.manual_seed(0)
    settings = dlsa(**changes | ROWS[row])
    found = fit(data(), knowledge(), Passing(), settings, seed=0, run=run()).liveness
    return {(one.module, one.name, one.split): one for one in found}


@pytest.mark.parametrize("row", ROWS)
def test_every_module_that_is_on_is_read(row):
    assert {module for module, *_ in read(row)} == READ[row]


@pytest.mark.parametrize("split", ["train", "test"])
def test_labels_that_look_at_the_same_places_have_nothing_of_their_own(split):
    key = ("decoupling", "between labels", split)
    assert read(decoupling={"placebo": "mean"})[key].value == pytest.approx(0, abs=1e-9)
    assert read(recipe=LONGER)[key].value > 0.1


def test_labels_that_are_told_the_same_are_told_nothing():
    key = ("reasoning", "between labels", "test")
    assert read(reasoning={"placebo": "mean"})[key].value == pytest.approx(0, abs=1e-9)
    assert read(recipe=LONGER)[key].value > 1e-3


def test_plain_layers_attend_to_nothing():
    key = ("reasoning", "attention from flat", "test")
    assert "reasoning" not in {module for module, *_ in read(reasoning={"placebo": "layers"})}
    assert 0 < read()[key].value < 0.8  # of five labels at most 1 − 1/5
