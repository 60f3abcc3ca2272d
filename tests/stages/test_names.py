"""A stage, its script, its step in the library and its section of params.yaml have one name."""

import ast
from typing import Any

import pytest

from pipeline_lib.params.section import read_yaml
from tests.conftest import ROOT

STAGES: dict[str, Any] = read_yaml(ROOT / "dvc.yaml")["stages"]
OTHER_SECTIONS = {
    "code": ["methods"],  # which runs there are
    "listing": ["dataset"],  # two stages read one data set
    "ingest": ["dataset"],
    "train": ["${key}"],  # a run has its own
    "evaluate": ["evaluation"],
}


def imported(stage: str) -> set[str]:
    """Return the modules that a script imports from."""
    tree = ast.parse((ROOT / "stages" / f"{stage}.py").read_text(encoding="utf-8"))
    return {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_runs_the_script_of_its_name_and_that_calls_the_step_of_its_name(stage):
    command = STAGES[stage].get("do", STAGES[stage])["cmd"].split()
    assert command[:3] == ["python", "-m", f"stages.{stage}"]
    step = f"pipeline_lib.steps.{stage}"
    assert any(f"{name}.".startswith(f"{step}.") for name in imported(stage))


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_reads_the_section_of_its_name(stage):
    read = STAGES[stage].get("do", STAGES[stage])["params"]
    sections = {key.partition(".")[0] for key in read}
    assert sections >= set(OTHER_SECTIONS.get(stage, [stage]))


def test_every_script_and_every_step_is_a_stage():
    scripts = {path.stem for path in ROOT.glob("stages/[!_]*.py")}
    steps = {path.stem for path in (ROOT / "pipeline_lib/steps").glob("[!_]*")}
    assert scripts == steps == set(STAGES)
