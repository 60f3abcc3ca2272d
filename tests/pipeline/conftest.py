"""A checkout of this repository in which the real pipeline runs on a tiny data set."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from pipeline_lib.params.runs import references
from tests.methods.toy import merged
from tests.presets import default_document
from tests.tiny import tiny

ROOT = Path(__file__).parents[2]
ALWAYS = "listing"  # looks at the data set in every `dvc repro` (test_location.py)
ONE_WORKER = {"PROTOWEAVE_WORKERS": "1", "OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
SCENES = {"train": 240, "val": 12, "test": 240, "test_shift": 12}
TWO = {"seeds": [0, 1]}  # which two workers train each in a process of its own
CHANGES: dict[str, Any] = {
    "base": TWO,
    # a second stage of training
    "c2srt": TWO | {"prompts": {"name": "tuning", "epochs": 1, "lr": 0.001}},
    "report": {"sheet_columns": 2},
}
AGAIN = (
    "base_maps",
    "base_images",
    "base_tags",
)  # the method again takes time and shows nothing new


@dataclass(frozen=True)
class Project:
    """A checkout and the ways a user works with it."""

    root: Path

    def run(self, *command: str, check: bool = True, **environment: str) -> str:
        """Run a command with this environment's programs first on the PATH; return its output."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            check=False,
        )
        output = done.stdout + done.stderr
        assert not check or done.returncode == 0, output
        return output

    def environment(self, **changes: str) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PROTOWEAVE_", "DVC_"))}
        usual = {"PATH": path, "DVC_NO_ANALYTICS": "1", "PROTOWEAVE_WORKERS": "1"}
        return {**kept, **usual, **changes}

    def protoweave(self, *arguments: str, **kwargs: Any) -> str:
        return self.run(sys.executable, "-m", "pipeline_lib.cli", *arguments, **kwargs)

    def repro(self, *arguments: str, **environment: str) -> list[str]:
        """Run `dvc repro` and return the stages that ran, in order, without ALWAYS."""
        return [name for name in self.ran(*arguments, **environment) if name != ALWAYS]

    def ran(self, *arguments: str, **environment: str) -> list[str]:
        """Run `dvc repro` and return all stages that ran, in order."""
        output = self.run("dvc", "repro", *arguments, **environment)
        return re.findall(r"Running stage '([^']+)'", output)

    def change(self, key: str, value: object) -> None:
        """Set one parameter."""
        yaml = YAML()
        path = self.root / "params.yaml"
        document = yaml.load(path)
        *parents, last = key.split(".")
        place = document
        for parent in parents:
            place = place[parent]
        place[last] = value
        yaml.dump(document, path)

    def start(self, **environment: str) -> subprocess.Popen[bytes]:
        """Start `dvc repro` in a process group of its own, to be killed with all it started."""
        return subprocess.Popen(
            ["dvc", "repro"],
            cwd=self.root,
            env=self.environment(**environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def digests(self) -> dict[str, str]:
        """Return the MD5 of every output, as dvc.lock has it."""
        lock = YAML(typ="safe").load(self.root / "dvc.lock")
        return {out["path"]: out["md5"] for s in lock["stages"].values() for out in s["outs"]}

    def copy(self, to: Path) -> "Project":
        """Copy the checkout with its results and cache, times of files included."""
        shutil.copytree(self.root, to, symlinks=True)
        return Project(to)


def checkout(to: Path, compiled: Path = ROOT) -> Project:
    """Copy what git tracks, or would, into a repository of its own with tiny parameters.

    What numba compiled in the checkout ``compiled`` comes along, since it takes long.
    """
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file() and name != "params.yaml":  # the user's own
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    for path in compiled.glob("pipeline_lib/**/__pycache__/*.nb[ic]"):
        (to / path.relative_to(compiled)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, to / path.relative_to(compiled))
    (to / "dvc.lock").unlink(missing_ok=True)
    yaml = YAML()
    yaml.default_flow_style = None  # a list in one line, as commands that edit params.yaml want it
    yaml.dump(small(default_document()), to / "params.yaml")
    project = Project(to)
    project.run("git", "init", "--quiet")
    project.run("git", "config", "user.email", "tests@example.org")
    project.run("git", "config", "user.name", "Tests")
    project.run("git", "add", "--all")
    project.run("git", "commit", "--quiet", "--message", "tiny")
    return project


def small(document: dict[str, Any]) -> dict[str, Any]:
    """Return the default params with tiny numbers and without the runs of AGAIN."""
    for changes in (tiny(SCENES, seeds=[0], epochs=2), CHANGES):
        document = merged(document, changes)
    kept = {
        name: run | {"reference": [r for r in references(name, run) if r not in AGAIN]}
        for name, run in document["methods"].items()
        if name not in AGAIN
    }
    return {k: v for k, v in document.items() if k not in AGAIN} | {"methods": kept}


@pytest.fixture
def fresh(finished: Project, tmp_path: Path) -> Project:
    """A checkout in which nothing has run."""
    return checkout(tmp_path / "fresh", compiled=finished.root)


@pytest.fixture
def changed(finished: Project, tmp_path: Path) -> Project:
    """A copy of the finished project, to be changed."""
    return finished.copy(tmp_path / "changed")


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose whole pipeline has run and is committed; tests change copies of it."""
    project = checkout(tmp_path_factory.mktemp("pipeline") / "project")
    project.repro(**ONE_WORKER)
    project.run("git", "add", "--all")
    project.run("git", "commit", "--quiet", "--message", "results")
    return project
