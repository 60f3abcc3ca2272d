"""What runs are compared with, as params.yaml says it and as new runs have it."""

import pytest
from ruamel.yaml import YAML

from pipeline_lib.errors import InputError
from pipeline_lib.params.runs import reference_faults, references
from pipeline_lib.project.presets import available, text_of
from pipeline_lib.project.references import compare_by_default
from pipeline_lib.project.selection import new_run


@pytest.mark.parametrize(
    ("said", "expected"),
    [("", []), ("base", ["base"]), (["base", "longer"], ["base", "longer"]), ([], []), (None, [])],
)
def test_references_are_none_or_one_or_several(said, expected):
    assert references("mine", {"reference": said}) == expected
    assert references("mine", {}) == []


@pytest.mark.parametrize("said", ["mine", ["base", "base"], ["base", ""], 3, {"epochs": "base"}])
def test_what_names_no_other_runs_is_refused(said):
    with pytest.raises(
        InputError, match=r"methods\.mine\.reference is .*, expected another run, a"
    ):
        references("mine", {"reference": said})


def document(**runs):
    return {"methods": runs, "base": {"seeds": [0]}, "mine": {"seeds": [0]}}


def test_a_reference_that_is_not_enabled_is_no_fault_as_long_as_it_is_there():
    mine = {"target": "classes", "reference": "base"}
    assert reference_faults(document(mine=mine)) == []
    off = {"base": {"target": "tags"}}
    (fault,) = reference_faults(document(mine=mine) | {"disabled": off})
    assert "is 'base', which predicts tags, expected a run that predicts classes" in fault


def test_an_unknown_reference_is_named_with_the_nearest_run():
    found = reference_faults(document(mine={"reference": ["bose", "base"]}, base={}))
    assert found == [
        "params.yaml: methods.mine.reference is 'bose', expected another run or \"\" for no "
        "comparison; did you mean 'base'?"
    ]


def test_a_new_run_is_compared_with_plainer_runs_on_the_same_backbone():
    maps, images = "data/artifacts/maps/tags", "data/artifacts/ingest/images.safetensors"
    runs = {
        "pixels": new_run("base@tags"),
        "linear": new_run("base@tags") | {"input": maps},
        "classes": new_run("base") | {"input": maps},
        "dlsa": new_run("dlsa"),
        "vscnet": new_run("vscnet"),
        "csrms": new_run("csrms"),
        "small": new_run("base"),
        "large": new_run("base"),
        "long": new_run("base"),
        "clip": new_run("clip"),
        "clip_ft": new_run("clip_ft"),
        "mkt": new_run("mkt"),
        "told": new_run("dlsa") | {"reference": ""},
    }
    found = {"methods": runs} | {
        name: {"backbone": {"model": "resnet18" if name == "large" else "lenet5"}} for name in runs
    }
    assert runs["small"]["input"] == images
    compare_by_default(found, runs)
    assert {name: run["reference"] for name, run in runs.items()} == {
        **dict.fromkeys(("pixels", "linear", "classes", "small", "large", "long", "clip"), ""),
        "dlsa": "linear",
        "vscnet": "classes",
        "csrms": ["small", "long"],
        "clip_ft": "clip",
        "mkt": ["clip_ft", "clip"],
        "told": "",
    }


def test_every_preset_names_references_that_are_there_and_the_default_does_for_each_method(root):
    presets = root / "presets"
    for preset in available(presets):
        found = YAML(typ="safe").load(text_of(presets, preset.name, {}))
        assert reference_faults(found) == []
        runs = found["methods"]
        for name, run in runs.items():
            assert "reference" in run
            assert set(references(name, run)) <= set(runs)
            if run["method"] not in ("base", "clip") and preset.name in ("scenes", "quick"):
                assert references(name, run), f"{preset.name}: {name} is compared with nothing"
