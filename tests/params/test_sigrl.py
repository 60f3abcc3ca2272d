"""Settings of SigRL, and of recipes and losses, that cannot mean anything."""

import itertools

import pytest

from pipeline_lib.errors import InputError
from pipeline_lib.methods.sigrl.settings import Settings
from pipeline_lib.params.section import checked, load
from pipeline_lib.settings.recipe import ImageRecipe
from tests.families.open_vocabulary.toy_labels import section
from tests.methods.toy_sigrl import SIGRL, sigrl
from tests.presets import default_document, default_text


@pytest.mark.parametrize("values", list(itertools.product([False, True], repeat=3)))
def test_reconstruction_needs_decoupling(values):
    names = ("correlation", "decoupling", "reconstruction")
    off = {name: "none" for name, on in zip(names, values, strict=True) if not on}
    if "decoupling" not in off or "reconstruction" in off:
        assert sigrl(**off)
        return
    with pytest.raises(ValueError, match="reconstruction is on and decoupling none, expected both"):
        checked(Settings, SIGRL | off | {"top_k": 16})


def test_a_warm_up_is_refused_before_training_where_it_outlasts_any_stage():
    apl = section("em_apl", warmup_epochs=3)
    assert sigrl(loss=section("em"), recipe={"epochs": 3})
    assert sigrl(loss=apl, recipe={"epochs": 4})
    with pytest.raises(ValueError, match="warmup_epochs 3, expected fewer than the 3 epochs"):
        sigrl(loss=apl, recipe={"epochs": 3})
    tuned = {"name": "tuning", "epochs": 2, "lr": 0.01}
    with pytest.raises(ValueError, match="warmup_epochs 3, expected fewer than the 2 epochs"):
        sigrl(loss=apl, recipe={"epochs": 4}, prompts=tuned)


def test_a_least_rate_that_no_epoch_comes_down_to_is_refused():
    # the one epoch after the warm-up has the whole rate
    given = default_document()["sigrl"]["recipe"]
    given["schedule"] |= {"warmup_epochs": 1, "min_lr": 1e-7}
    assert checked(ImageRecipe, given | {"epochs": 3})
    with pytest.raises(ValueError, match=r"min_lr is 1e-07, expected 0\.0: it is read only wh"):
        checked(ImageRecipe, given | {"epochs": 2})


def test_the_fault_is_named_where_it_stands(root, tmp_path):
    text = default_text()
    before = "decoupling: {attention: scaled, placebo: none, chunk: 0, kernel: auto}"
    assert text.count(before) == 1
    (tmp_path / "params.yaml").write_text(text.replace(before, "decoupling: none"))
    with pytest.raises(InputError, match=r"yaml: sigrl: reconstruction is on and decoupling none"):
        load(Settings, "sigrl", tmp_path / "params.yaml")
