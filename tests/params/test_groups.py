"""Groups of settings as a notebook makes them, without params.yaml."""

import math
import subprocess
import sys
from dataclasses import replace

import pytest

from pipeline_lib.methods.c2srt import settings as c2srt
from pipeline_lib.methods.dlsa import settings as dlsa
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.params.section import checked
from pipeline_lib.settings.backbone import Backbone
from pipeline_lib.settings.recipe import AdamW, Cosine, ImageRecipe, Sgd
from pipeline_lib.steps.train.loading import load_settings
from pipeline_lib.steps.train.settings import restored, stored

SHORT = ImageRecipe(epochs=1, batch_size=2, optimizer=Sgd(lr=0.1))


def made(name):
    """The settings of a method; Base has no paper that says how long it is trained."""
    return load_settings(name)(**({"recipe": SHORT} if name == "base" else {}))


@pytest.mark.parametrize("name", METHODS)
def test_every_method_has_the_defaults_of_its_paper(name):
    assert made(name).seeds == [0]


@pytest.mark.parametrize("name", METHODS)
def test_what_a_header_stores_gives_the_settings_again(name):
    found = made(name)
    assert restored(name, stored(found), [0]) == found


FAULTS = {
    "below a bound": (lambda: Sgd(lr=0.0), r"Sgd: lr is 0\.0: should be greater than 0"),
    "at an upper bound": (lambda: Sgd(lr=1.0, momentum=1.0), "momentum is 1.0: should be less th"),
    "not a number": (lambda: AdamW(lr=math.nan), "lr is nan: should be greater than 0"),
    "text": (lambda: AdamW(lr="0.1"), "AdamW: lr is '0.1': should be a valid number"),
    "a switch": (lambda: Cosine(warmup_epochs=True), "warmup_epochs is True: should be a valid in"),
    "no choice": (lambda: replace(SHORT, augment="crop"), "augment is 'crop': should be 'none' or"),
    "no seed": (lambda: c2srt.Settings(seeds=[]), r"seeds is \[\]: should have at least 1 item"),
    "another group": (lambda: replace(SHORT, optimizer=Cosine()), "should be Sgd; or sh"),
    "a mapping": (lambda: replace(SHORT, schedule={"name": "step"}), "should be Step; or sh"),
    "a rule": (lambda: dlsa.Settings(decoupling=None), "reasoning is on and decoupling none"),
    "unread": (lambda: c2srt.Ist(layers=1, heads=2), "heads is 2, expected 4: it is read only wh"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_names_the_group_the_setting_and_what_was_expected(fault):
    make, expected = FAULTS[fault]
    with pytest.raises(ValueError, match=expected):
        make()


def test_groups_are_frozen():
    with pytest.raises(AttributeError, match="cannot assign"):
        Sgd(lr=0.1).lr = 0.2


def test_none_is_spelt_out_in_yaml_and_nothing_else_is_none():
    values = {"seeds": [0], "backbone": "none", "recipe": stored_recipe(), "auxiliary_tags": 0.0}
    assert checked(load_settings("base"), values).backbone is None
    own = {"model": "lenet5", "pretrained": False, "image_size": 0}
    assert checked(load_settings("base"), values | {"backbone": own}).backbone == Backbone(**own)
    for nothing in (None, "off", False):
        with pytest.raises(ValueError, match="backbone"):
            checked(load_settings("base"), values | {"backbone": nothing})


def stored_recipe():
    return stored(made("base"))["recipe"]


def test_a_second_training_is_as_long_as_told_and_does_not_warm_up():
    recipe = ImageRecipe(
        epochs=9, batch_size=2, optimizer=AdamW(lr=1.0), schedule=Cosine(warmup_epochs=3)
    )
    again = recipe.shortened(epochs=2, lr=0.5)
    assert (again.epochs, again.optimizer.lr, again.schedule) == (2, 0.5, Cosine())


def test_settings_import_neither_pydantic_nor_torch():
    code = (
        "import importlib, sys\n"
        f"for name in {list(METHODS)!r}:\n"
        "    importlib.import_module(f'pipeline_lib.methods.{name}.settings')\n"
        "assert not {'pydantic', 'torch', 'ruamel'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
