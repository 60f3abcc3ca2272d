import inspect

import pytest

from pipeline_lib.errors import InputError
from pipeline_lib.methods.base.settings import Settings
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.steps.train.loading import load_build, load_fit, load_settings
from pipeline_lib.training.settings import RunSettings


@pytest.mark.parametrize("method", METHODS)
def test_every_method_of_the_catalogue_can_be_built_and_fitted(method):
    fit = load_fit(method)
    assert fit.__module__ == f"pipeline_lib.methods.{method}.fit"
    assert list(inspect.signature(fit).parameters) == [
        "data", "knowledge", "encoder", "settings", "seed", "run",
    ]  # fmt: skip
    build = load_build(method)
    assert build.__module__ == fit.__module__
    expected = ["problem", "knowledge", "encoder", "settings"]
    assert list(inspect.signature(build).parameters) == expected
    assert issubclass(load_settings(method), RunSettings)


def test_settings_are_those_of_their_method():
    assert load_settings("base") is Settings


@pytest.mark.parametrize("load", [load_build, load_fit, load_settings])
@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("csrm", r"; did you mean 'csrms'\?"),
        ("registry", "; known: .*base"),  # a module beside the methods
        ("features", "; known: .*base"),  # a section, but of a stage
    ],
)
def test_an_unknown_method_names_the_nearest(load, name, hint):
    with pytest.raises(InputError, match=f"params.yaml: methods: no method '{name}'{hint}"):
        load(name)
