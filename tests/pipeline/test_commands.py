"""Printed commands that need a project whose pipeline has run, and the code of the pages."""

import re
import runpy
import shlex
import subprocess
import sys

import pytest
import timm
import torch
from dvc.cli import main as dvc_main
from PIL import Image
from typer.testing import CliRunner

from pipeline_lib import cli
from pipeline_lib.api import open_project
from tests.commands.printed import blocks, snippets
from tests.commands.test_commands import ELSEWHERE, FINISHED
from tests.examples.notebooks import EXAMPLES, run_notebook
from tests.presets import LLM

ARGUMENTS = {
    "CATEGORY": "boat",
    "PATH": "data/artifacts/ingest/samples.parquet",
    "answers.parquet": "data/artifacts/category_graph/tags/answers.parquet",
    "{}": "ingest",
    "RUN": "base",
    "base_maps": "base",  # which the project of the tests leaves out
}
PHOTOS = "path/to/photos"
COMMANDS = sorted(
    {c for block in blocks() for c in block.commands if c.startswith(FINISHED)} - ELSEWHERE.keys()
)
# What a bare mention needs besides, so that it can run.
COMPLETED = {
    "protoweave compare": "protoweave compare csrms base",
    "protoweave disk --delete-parts": "protoweave disk --delete-parts --yes",
    "protoweave evaluate-file": "protoweave evaluate-file theirs.csv --against test --run base",
    "protoweave graph": "protoweave graph boat",
    "protoweave inspect": "protoweave inspect data/artifacts/ingest/samples.parquet",
    "dvc plots show": "dvc plots show --out dvc_plots",
    "protoweave predict": f"protoweave predict base {PHOTOS}",
    "protoweave recognise": f"protoweave recognise boat --images {PHOTOS}",
}


@pytest.fixture(scope="module")
def project(finished, tmp_path_factory):
    """A copy of the finished project, in which nothing is changed by the commands.

    Its params name a language model, as the page says before it prints what is asked of one.
    """
    copy = finished.copy(tmp_path_factory.mktemp("commands") / "project")
    copy.change("category_graph.llm", LLM)
    copy.change("category_graph.paths.answers", "data/none")
    (copy.root / PHOTOS).mkdir(parents=True)
    for number in range(3):
        grey = Image.new("RGB", (40, 30), (90 * number,) * 3)
        grey.save(copy.root / PHOTOS / f"{number}.jpg")
    open_project(copy.root).runs["base"].scores("test").write_csv(copy.root / "theirs.csv")
    return copy


@pytest.mark.filterwarnings("ignore")  # DVC's are not ours
@pytest.mark.parametrize("command", COMMANDS)
def test_a_printed_command_runs_in_a_finished_project(command, project, monkeypatch):
    """In this process, which has loaded everything already."""
    monkeypatch.chdir(project.root)
    monkeypatch.setenv("DVC_NO_ANALYTICS", "1")
    program, *words = shlex.split(COMPLETED.get(command, command))
    words = [ARGUMENTS.get(word, word) for word in words]
    if words[0] == "repro" and "--dry" not in words:
        words.append("--dry")  # it names stages that there are; nothing is computed again
    if program == "protoweave":
        result = CliRunner().invoke(cli.app, words)
        assert result.exit_code == 0, result.output + str(result.exception or "")
    else:
        assert dvc_main(words) == 0


def test_the_code_of_the_pages_runs(project):
    weights = timm.create_model("tf_efficientnet_lite0").state_dict()  # of a reader's own
    torch.save({f"their.{name}": w for name, w in weights.items()}, project.root / "theirs.pth")
    for place, code in snippets():
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=project.root,
            env=project.environment(PYTHONPATH=str(project.root)),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (place, re.sub(r"\s+", " ", done.stderr)[-600:])


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "trained_run",
            r"base: top_k_accuracy_1 0\.\d+ \[.*\n.*base knows 12 classes: harbour, .*noise 1",
        ),
        ("report_tables", r"difference_low.*sample_id.*test-\d+"),
        ("category_graph", r"55 tags, \d+ edges.*seen together: .*informed by most: "),
    ],
)
def test_an_example_runs_in_a_finished_project(name, told, project, monkeypatch, capsys):
    monkeypatch.chdir(project.root)
    monkeypatch.setattr(sys, "argv", [name])
    runpy.run_path(str(EXAMPLES / f"{name}.py"))
    assert re.search(told, capsys.readouterr().out, re.DOTALL)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of jupyter's own
def test_the_notebook_on_a_finished_project_runs(project, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(project.root))
    shown = run_notebook("finished_project", project.root)
    assert "'base'" in shown[0]
    assert "top_k_accuracy_1" in shown[1]
    assert "test-0" in shown[2]  # errors have names
