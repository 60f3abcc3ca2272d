"""A checkout of tiny judged runs, in git, with dvc.lock and a cache in DVC's form."""

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from pipeline_lib import dvc_cache
from tests.reporting.conftest import RUNS, SPLITS, TAG_RUNS, Workspace, ingest, parameters

NAMES = RUNS | TAG_RUNS
STAGES = ("train", "evaluate")
CODE = "data/artifacts/code/train/{}.txt"


@dataclass(frozen=True)
class Checkout:
    """The checkout; what is recorded is what lies in it."""

    root: Path

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.root / "data", YAML(typ="safe").load(self.root / "params.yaml"))

    def git(self, *arguments: str) -> str:
        command = ["git", "-c", "user.name=T", "-c", "user.email=t@e.org", *arguments]
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def change(self, section: str, **values: Any) -> None:
        """Change a section of params.yaml."""
        document = YAML(typ="safe").load(self.root / "params.yaml")
        document[section] |= values
        YAML().dump(document, self.root / "params.yaml")

    def listing(self, run: str, **modules: str) -> None:
        """Write the listing of the code of a run."""
        path = self.root / CODE.format(run)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{name}.py {digest}\n" for name, digest in modules.items()))

    def record(self) -> None:
        """Write dvc.lock, and put all results into the cache, as `dvc repro` does."""
        document = YAML(typ="safe").load(self.root / "params.yaml")
        ingested = {"ingest": {"params": {"params.yaml": {"dataset": document["dataset"]}}}}
        ingested["ingest"]["outs"] = self._outs("data/artifacts/ingest")
        stages = ingested | {
            f"{stage}@{run}": self._stage(stage, run, document)
            for run in document["methods"]
            for stage in STAGES
        }
        YAML().dump({"schema": "2.0", "stages": stages}, self.root / "dvc.lock")

    def commit(self, message: str) -> str:
        self.record()
        self.git("add", "dvc.lock", "params.yaml")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def cached(self, path: str) -> Path:
        digest = _md5(self.root / path)
        return self.root / ".dvc/cache/files/md5" / digest[:2] / digest[2:]

    def _stage(self, stage: str, run: str, document: dict[str, Any]) -> dict[str, Any]:
        section = {"train": document.get(document["methods"][run]["method"], {})}
        section["evaluate"] = document["evaluation"]
        name = {"train": run, "evaluate": "evaluation"}[stage]
        listing = [CODE.format(run)] if (self.root / CODE.format(run)).exists() else []
        inputs = ["data/artifacts/ingest/samples.parquet", *(listing if stage == "train" else [])]
        return {
            "params": {"params.yaml": {name: section[stage]}},
            "deps": [self._kept(path) for path in inputs],
            "outs": self._outs(f"data/artifacts/{stage}/{run}"),
        }

    def _outs(self, folder: str) -> list[dict[str, str]]:
        files = sorted(p for p in (self.root / folder).iterdir() if p.is_file())
        return [self._kept(p.relative_to(self.root).as_posix()) for p in files]

    def _kept(self, path: str) -> dict[str, str]:
        kept = self.cached(path)
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.root / path, kept)
        return {"path": path, "md5": _md5(self.root / path)}


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Three runs of classes and two of tags, committed; not to be changed."""
    made = Checkout(tmp_path_factory.mktemp("judged"))
    workspace = Workspace(made.root / "data", parameters(**NAMES))
    ingest(workspace)
    half = {split: np.arange(count) % 2 == 0 for split, count in SPLITS.items()}
    workspace.add_run("base", half)
    workspace.add_run("rival & son", {split: np.ones(n, bool) for split, n in SPLITS.items()})
    workspace.add_run("twin", half)
    workspace.add_tag_run("plain & tags", 2.0)
    workspace.add_tag_run("dlsa", 0.1)
    YAML().dump(workspace.params, made.root / "params.yaml")
    (made.root / ".dvc").mkdir()
    made.listing("base", head="aa", loop="bb")
    made.listing("twin", head="aa", loop="bb")
    made.listing("rival & son", head="aa", graph="cc")
    made.git("init", "--quiet")
    made.commit("first")
    return made


@pytest.fixture
def checkout(judged: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A copy, to be changed, which is the current folder.

    Where its cache is need not be asked DVC, which takes a second: the tests of ``judged`` ask.
    """
    monkeypatch.setattr(dvc_cache, "_cache", lambda root: root / ".dvc/cache")
    shutil.copytree(judged.root, tmp_path / "checkout", symlinks=True)
    monkeypatch.chdir(tmp_path / "checkout")
    return Checkout(tmp_path / "checkout")


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
