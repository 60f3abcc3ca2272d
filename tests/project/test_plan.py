import json
import os
import subprocess
import sys

import pytest

from pipeline_lib.errors import InputError
from pipeline_lib.project.plan import plan

DVC_YAML = """\
stages:
  first:
    cmd: cp in.txt first.txt
    deps: [in.txt]
    params: [section, deep.inner]
    outs: [first.txt]
  each:
    foreach: [a, b]
    do:
      cmd: cp first.txt each-${item}.txt
      deps: [first.txt]
      outs: ["each-${item}.txt"]
  last:
    cmd: cat each-a.txt each-b.txt > last.txt
    deps: [each-a.txt, each-b.txt]
    outs: [last.txt]
  alone:
    cmd: cp other.txt alone.txt
    deps: [other.txt]
    outs: [alone.txt]
"""
PARAMS = "section: {x: 1, y: {a: 2, b: [1, 2]}, z: {c: 1e-4}}\ndeep: {inner: 1, other: 2}\n"


def dvc(root, *arguments):
    subprocess.run(
        [sys.executable, "-m", "dvc", *arguments], cwd=root, check=True, capture_output=True,
        env=os.environ | {"DVC_NO_ANALYTICS": "true"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A project of trivial stages, all up to date."""
    root = tmp_path_factory.mktemp("project")
    dvc(root, "init", "--no-scm", "-q")
    (root / "dvc.yaml").write_text(DVC_YAML)
    (root / "params.yaml").write_text(PARAMS)
    (root / "in.txt").write_text("in\n")
    (root / "other.txt").write_text("other\n")
    dvc(root, "repro", "-q")
    return root


@pytest.fixture
def project(template, tmp_path):
    """A copy of that project."""
    root = tmp_path / "project"
    subprocess.run(["cp", "-a", template, root], check=True)
    return root


def planned(root):
    return {p.stage: p for p in plan(root)}


def test_nothing_is_planned_where_all_is_up_to_date(template):
    assert plan(template) == []


def test_a_changed_input_is_a_reason_and_others_may_follow(project):
    (project / "in.txt").write_text("changed\n")
    found = plan(project)
    assert [p.stage for p in found] == ["first", "each@a", "each@b", "last"]
    assert found[0].reasons == ["input in.txt is modified"]
    assert (found[0].after, found[0].certain) == ([], True)
    assert [(p.reasons, p.after, p.certain) for p in found[1:]] == [
        ([], ["first"], False),
        ([], ["first"], False),
        ([], ["each@a", "each@b"], False),
    ]


def test_every_kind_of_reason_is_put_in_words(project):
    (project / "params.yaml").write_text(PARAMS.replace("x: 1", "x: 3"))
    (project / "each-b.txt").unlink()
    (project / "alone.txt").write_text("by hand\n")
    text = DVC_YAML.replace("cat each-a.txt each-b.txt", "cat each-b.txt each-a.txt")
    (project / "dvc.yaml").write_text(text)
    found = planned(project)
    assert found["first"].reasons == ["section.x: 1 → 3"]
    assert found["each@a"].reasons == []
    assert found["each@b"].reasons == ["result each-b.txt is deleted"]
    assert found["last"].reasons == ["input each-b.txt is deleted", "its command changed"]
    assert found["last"].after == ["each@a", "each@b"]
    assert found["alone"].reasons == ["result alone.txt is modified"]


def test_changed_parameters_are_told_with_both_values(project):
    changed = "section: {w: 0, y: {a: 2, b: [1]}, z: null}\ndeep: {inner: 5, other: 5}\n"
    (project / "params.yaml").write_text(changed)
    assert planned(project)["first"].reasons == [
        "section.w: (absent) → 0",
        "section.x: 1 → (absent)",
        "section.y.b: [1, 2] → [1]",
        "section.z: (absent) → None",
        "section.z.c: 0.0001 → (absent)",
        "parameter deep.inner is modified",
    ]


def test_a_missing_section_is_a_reason(project):
    (project / "params.yaml").write_text("deep: {inner: 1, other: 5}\n")
    assert planned(project)["first"].reasons == ["parameter section is deleted"]


def test_a_missing_params_file_is_a_reason(project):
    (project / "params.yaml").unlink()
    assert planned(project)["first"].reasons == ["input params.yaml is deleted"]


def test_the_last_finished_time_is_told(project):
    (project / "in.txt").write_text("changed\n")
    log = project / ".protoweave/log"
    log.mkdir(parents=True)
    records = [("done", 3.5), ("done", 4.25), ("failed", 0.1)]
    lines = [json.dumps({"status": status, "seconds": s}) + "\n" for status, s in records]
    (log / "each@a.jsonl").write_text("".join(lines))
    (log / "last.jsonl").write_text(lines[2])
    found = planned(project)
    assert {name: p.seconds for name, p in found.items()} == {
        "first": None, "each@a": 4.25, "each@b": None, "last": None,
    }  # fmt: skip


def test_a_project_without_stages_plans_nothing(tmp_path):
    dvc(tmp_path, "init", "--no-scm", "-q")
    assert plan(tmp_path) == []


def test_what_dvc_complains_about_is_passed_on(project, tmp_path):
    (project / "dvc.yaml").write_text("stages: [")
    with pytest.raises(InputError, match=r"(?s)`dvc status --json` failed: .*dvc\.yaml"):
        plan(project)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"`dvc status --json` failed: .*not inside of a DVC"):
        plan(tmp_path / "empty")


def test_a_stage_that_never_ran_says_so(project):
    text = (project / "dvc.yaml").read_text()
    new = "  new:\n    cmd: cp in.txt new.txt\n    deps: [in.txt]\n    outs: [new.txt]\n"
    (project / "dvc.yaml").write_text(text + new)
    assert [(p.stage, p.reasons) for p in plan(project)] == [("new", ["has not run yet"])]
    (project / "dvc.lock").unlink()
    assert {p.stage: p.reasons for p in plan(project)}["last"] == ["has not run yet"]
