"""Forms of issues, hooks and the workflow name what there is."""

import re

import pytest
from ruamel.yaml import YAML

from tests.conftest import ROOT

GITHUB = ROOT / ".github"
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_asks_questions_that_are_told_apart(path):
    form = YAML(typ="safe").load(path)
    assert form.keys() >= {"name", "description", "body"}
    questions = [part for part in form["body"] if part["type"] != "markdown"]
    for key in ("id", "label"):
        said = [q["id"] if key == "id" else q["attributes"]["label"] for q in questions]
        assert len(set(said)) == len(said)
    assert any(q.get("validations", {}).get("required") for q in questions)


def test_there_is_a_form_for_each_kind_of_issue():
    assert {path.stem for path in FORMS} == {"bug", "data_set", "new_method", "wrong_number"}


def test_hooks_and_workflow_run_what_there_is_and_need_no_secret():
    hooks = YAML(typ="safe").load(ROOT / ".pre-commit-config.yaml")["repos"]
    assert [repo["repo"] for repo in hooks] == ["local"]  # nothing is fetched
    told = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    for path in re.findall(r"tests/\S+", told):
        assert (ROOT / path).exists()
    workflow = (GITHUB / "workflows" / "test.yml").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "secrets." not in workflow
    assert "run: .ci/run" in workflow
    run = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    targets = re.findall(r"(?:^|run: )make (\w+)", run + workflow, re.MULTILINE)
    assert targets == ["test", "docs"]
    assert all(f"\n{target}:" in makefile for target in targets)
