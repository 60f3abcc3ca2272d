"""Settings of SigRL, and of its losses, that cannot mean anything."""

import itertools

import pytest

from pipeline_lib.errors import InputError
from pipeline_lib.params.recipe import WarmRecipe
from pipeline_lib.params.section import read_yaml
from pipeline_lib.params.sigrl import Modules, Sigrl
from tests.conftest import ROOT
from tests.methods.toy_sigrl import sigrl


@pytest.mark.parametrize("values", list(itertools.product([False, True], repeat=3)))
def test_reconstruction_needs_decoupling(values):
    chosen = dict(zip(("correlation", "decoupling", "reconstruction"), values, strict=True))
    if chosen["decoupling"] or not chosen["reconstruction"]:
        assert Modules.model_validate(chosen)
        return
    with pytest.raises(ValueError, match="reconstruction is on and decoupling off, expected both"):
        Modules.model_validate(chosen)


def test_a_warm_up_is_refused_before_training_where_it_outlasts_any_stage():
    warm = {"warmup_epochs": 3}
    assert sigrl(loss="em", recipe={"epochs": 3})
    assert sigrl(loss="em_apl", recipe={"epochs": 4}, single_positive=warm)
    with pytest.raises(ValueError, match="warmup_epochs is 3, expected fewer than the 3 epochs"):
        sigrl(loss="em_apl", recipe={"epochs": 3}, single_positive=warm)
    tuned = {"mode": "tuning", "epochs": 2}
    with pytest.raises(ValueError, match="warmup_epochs is 3, expected fewer than the 2 epochs"):
        sigrl(loss="em_apl", recipe={"epochs": 4}, single_positive=warm, prompts=tuned)


def test_a_least_rate_that_no_epoch_comes_down_to_is_refused():
    # the one epoch after the warm-up has the whole rate
    given = read_yaml(ROOT / "presets" / "scenes.yaml")["sigrl"]["recipe"] | {"min_lr": 1e-7}
    assert WarmRecipe.model_validate(given | {"epochs": 3})
    assert given["warmup_epochs"] == 1
    assert given["epochs"] == 2
    for never in ({}, {"epochs": 4, "schedule": "step"}):
        with pytest.raises(ValueError, match=r"min_lr is 1e-07, expected 0\.0: it is read only wh"):
            WarmRecipe.model_validate(given | never)


def test_the_fault_is_named_where_it_stands(root, tmp_path):
    text = (root / "presets" / "scenes.yaml").read_text()
    before = "modules: {correlation: true, decoupling: true"
    assert text.count(before) == 1
    written = text.replace(before, "modules: {correlation: true, decoupling: false")
    (tmp_path / "params.yaml").write_text(written)
    with pytest.raises(
        InputError, match=r"sigrl\.modules: reconstruction is on and decoupling off"
    ):
        Sigrl.load("sigrl", tmp_path / "params.yaml")
