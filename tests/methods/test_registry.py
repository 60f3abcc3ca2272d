"""The catalogue of methods."""

import inspect
from pathlib import Path

import pytest

from pipeline_lib.artifacts.knowledge import KINDS
from pipeline_lib.artifacts.text import EMBEDDINGS
from pipeline_lib.methods.registry import MAPS, METHODS, Method, control_of
from pipeline_lib.params.section import NOTHING, checked
from pipeline_lib.project.selection import entry, needed
from pipeline_lib.project.stages import made_by
from pipeline_lib.steps.train.loading import load_fit, load_kinds, load_settings
from pipeline_lib.training.settings import RunSettings
from tests.methods.toy import CURRICULA
from tests.params.contexts import with_value
from tests.presets import default_document


def test_the_catalogue_and_the_packages_are_the_same(root: Path):
    packages = {path.parent.name for path in root.glob("pipeline_lib/methods/*/__init__.py")}
    assert METHODS.keys() == packages
    assert packages


@pytest.mark.parametrize("name", METHODS)
def test_an_entry_says_what_its_package_does(name):
    method = METHODS[name]
    assert method.name == name
    assert method.targets
    assert set(method.targets) <= {"classes", "tags"}
    assert issubclass(load_settings(name), RunSettings)
    signature = inspect.signature(load_fit(name))
    expected = ["data", "knowledge", "encoder", "settings", "seed", "run"]
    assert list(signature.parameters) == expected


@pytest.mark.parametrize("name", METHODS)
def test_what_a_method_reads_some_stage_makes(name):
    method = METHODS[name]
    for target in method.targets:
        run = entry(method, target)
        needed({"methods": {name: run}})  # refuses a file that no stage makes
        assert made_by(run["input"], "input") is not None
        for key in ("text", "knowledge", "weights"):
            assert run[key] == "data/none" or made_by(run[key], key) is not None


@pytest.mark.parametrize("name", METHODS)
def test_a_run_names_the_kinds_of_files_that_its_method_learns_from(name):
    kinds = KINDS | {EMBEDDINGS.artifact: EMBEDDINGS}
    for target in METHODS[name].targets:
        run = entry(METHODS[name], target)
        named = {run["text"], run["knowledge"]} - {NOTHING}
        assert named == {kinds[kind].place(target) for kind in load_kinds(name)}


def test_a_method_on_maps_may_predict_classes():
    """Maps are made for one backbone, whatever their readers predict."""
    mine = Method(name="base", title="Mine", paper="–", targets=("classes",), input=MAPS)
    assert needed({"methods": {"mine": entry(mine)}})["maps"] == ["tags"]


LOCATED = dict.fromkeys(("knowledge", "graph", "causal", "fusion"), False) | {"locate": True}
BESIDE = {  # what a control needs beside it, or must not have
    "curriculum_lot": {"curriculum": CURRICULA["linear"]},
    "lattice": {"modules": LOCATED},
    "l_mean": {"modules": LOCATED},
}
CONTROLS = [(name, control) for name in METHODS for control in METHODS[name].controls]


@pytest.mark.parametrize(("method", "control"), CONTROLS, ids=lambda one: getattr(one, "name", one))
def test_a_control_is_a_run_that_the_method_takes_and_that_is_known_by_its_settings(
    method, control
):
    section = default_document()[method] | BESIDE.get(control.name, {})
    plain = checked(load_settings(method), section)
    assert control_of(method, section) is None
    for key, value in control.settings.items():
        section = with_value({method: section}, f"{method}.{key}", value)[method]
    assert checked(load_settings(method), section) != plain
    assert control_of(method, section) == control


def test_names_of_controls_are_their_own():
    for method in METHODS.values():
        names = [control.name for control in method.controls]
        assert len(names) == len(set(names))
