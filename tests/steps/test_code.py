from pathlib import Path

import pytest
from ruamel.yaml import YAML

from pipeline_lib.errors import InputError
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.steps.code import listings


@pytest.fixture(scope="module")
def scripts(pytestconfig):
    found = {path.stem for path in (pytestconfig.rootpath / "stages").glob("[!_]*.py")}
    return sorted(found - {"code"})


@pytest.fixture(scope="module")
def listed(scripts):
    """The files that each stage and a run of each method execute."""
    found = listings(scripts, {name: {"method": name} for name in METHODS})
    return {
        path.with_suffix("").as_posix(): [line.split(" ")[0] for line in text.splitlines()]
        for path, text in found
    }


def test_every_stage_depends_on_its_listing_and_on_no_other_code(root):
    stages = YAML(typ="safe").load(root / "dvc.yaml")["stages"]
    assert stages.pop("code")["deps"] == ["pipeline_lib", "stages"]
    for name, stage in stages.items():
        code = [
            dep
            for dep in stage.get("do", stage)["deps"]
            if dep.startswith(("pipeline_lib", "stages", "data/artifacts/code"))
        ]
        path = "train/${key}" if name == "train" else name
        assert code == [f"data/artifacts/code/{path}.txt"]


def test_every_script_is_a_stage_and_every_stage_a_script(root, scripts, listed):
    stages = YAML(typ="safe").load(root / "dvc.yaml")["stages"]
    assert stages.keys() == {*scripts, "code"}
    assert listed.keys() == {*scripts, *(f"train/{name}" for name in METHODS)} - {"train"}


def test_files_that_are_listed_are_there(root, listed):
    for files in listed.values():
        assert [file for file in files if not (root / file).is_file()] == []


def test_imports_are_followed_through_functions_and_packages(listed):
    # stages.features -> steps.features -> encoders.extraction, .extractor, .vision, .lenet
    expected = {
        "stages/features.py", "stages/__init__.py", "pipeline_lib/__init__.py",
        "pipeline_lib/steps/__init__.py", "pipeline_lib/encoders/extraction.py",
        "pipeline_lib/encoders/lenet.py", "pipeline_lib/artifacts/parts.py",
    }  # fmt: skip
    assert expected <= set(listed["features"])
    assert "stages/train.py" not in listed["features"]
    assert "pipeline_lib/reporting/templates/page.html" in listed["report"]
    assert "pipeline_lib/reporting/sections/clusters.py" in listed["report"]  # found by its name


# What a stage trains or runs itself.
OWN = {
    "baseline": {"base"}, "csnet": {"vscnet"}, "regions": {"vscnet"},
    "listing": {"vscnet"},  # it checks the section of CSNet, whose settings lie there
}  # fmt: skip


def test_nothing_depends_on_another_methods_code(listed):
    own = OWN | {f"train/{name}": {name} for name in METHODS}
    for place, files in listed.items():
        packages = {f.split("/")[2] for f in files if f.startswith("pipeline_lib/methods/")}
        assert packages - own.get(place, set()) <= {"__init__.py", "registry.py"}, place
        if place.startswith("train/"):
            assert packages > {"__init__.py"}


def test_no_training_depends_on_the_registry_or_on_readers(listed):
    for name in METHODS:
        found = set(listed[f"train/{name}"])
        assert f"pipeline_lib/methods/{name}/settings.py" in found
        assert not found & {"pipeline_lib/methods/registry.py", "pipeline_lib/datasets/voc.py"}


def test_runs_of_one_method_have_the_same_listing():
    one, other = listings([], {"a": {"method": "base"}, "b": {"method": "base"}})
    assert (one[0], other[0]) == (Path("train/a.txt"), Path("train/b.txt"))
    assert one[1] == other[1]


def test_a_run_of_an_unknown_method_is_named():
    with pytest.raises(InputError, match="methods: no method 'bass'; did you mean 'base'"):
        list(listings([], {"a": {"method": "bass"}}))
