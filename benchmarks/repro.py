"""Seconds of a `dvc repro` that finds nothing to do, beside those of a pipeline without content.

    python -m benchmarks.repro [--rounds 7]

In a checkout whose pipeline has run. Pipelines take turns, each in a folder of its own: `empty` has
as many stages, with an output each and nothing that they depend on; `ours` is this one, its results
linked; then ours with `listing` a stage like others, which tells what it costs that every run looks
at the data set, and that one without parameters, which DVC reads anew for every stage. Prints one
JSON line: median seconds, and their ratios to `empty`.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from benchmarks.machine import commit, load, processor
from benchmarks.turns import in_turns
from pipeline_lib.errors import InputError

ALWAYS = "listing"
OURS = {  # keys of stages that a pipeline is without, by its name
    "ours": (),
    "without always_changed": ("always_changed",),
    "and without params": ("always_changed", "params"),
}
SOURCE = (".dvcignore", "dvc.yaml", "params.yaml", "dvc.lock", "stages", "pipeline_lib", "data")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    private = Path(".protoweave")  # on the file system of the results, so that they can be linked
    private.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=private) as folder:
        print(json.dumps(measure(Path.cwd(), Path(folder), rounds)))


def measure(checkout: Path, folder: Path, rounds: int) -> dict[str, Any]:
    """Return median seconds by pipeline, their ratios to `empty`, and what it was measured on.

    Raises:
        InputError: the pipeline of the checkout has not run, or not since a change.
    """
    stages = locked(checkout)
    pipelines = {"empty": empty(folder / "empty", stages)}
    repro(pipelines["empty"])
    for name, without in OURS.items():
        pipelines[name] = linked(checkout, folder / str(len(pipelines)), without)
        if ran := set(repro(pipelines[name])) - {ALWAYS}:
            raise InputError(
                f"{', '.join(sorted(ran))} ran, expected a pipeline that has nothing left to do; "
                "run `dvc repro` first"
            )
    runs = {name: partial(repro, at) for name, at in pipelines.items()}
    seconds = in_turns(runs, rounds=rounds)
    return {
        "stages": stages,
        "seconds": {name: round(taken, 2) for name, taken in seconds.items()},
        "ratios": {name: round(taken / seconds["empty"], 2) for name, taken in seconds.items()},
        "machine": f"{processor()}, {load()}, commit {commit()}",
    }


def locked(checkout: Path) -> int:
    """Return how many stages of a checkout have run.

    Raises:
        InputError: none has.
    """
    lock = checkout / "dvc.lock"
    if not lock.is_file():
        raise InputError(f"{lock}: missing, expected a pipeline that has run; run `dvc repro`")
    return len(YAML(typ="safe").load(lock)["stages"])


def linked(checkout: Path, at: Path, without: Sequence[str]) -> Path:
    """Return a copy of a checkout with its files and cache, its stages ``without`` some keys."""
    at.mkdir()
    for name in SOURCE:
        source = checkout / name
        if source.is_dir():
            shutil.copytree(source, at / name, copy_function=os.link)
        elif source.is_file():
            shutil.copy2(source, at / name)  # edited here, so no link
    yaml = YAML()
    document = yaml.load(at / "dvc.yaml")
    for stage in document["stages"].values():
        for key in without:
            stage.get("do", stage).pop(key, None)
    yaml.dump(document, at / "dvc.yaml")
    _initialize(at, (checkout / ".dvc/cache").resolve())
    return at


def empty(at: Path, stages: int) -> Path:
    """Write a pipeline of ``stages`` stages that depend on nothing."""
    at.mkdir()
    _initialize(at)
    names = [f"stage_{number}" for number in range(stages)]
    every = {name: {"cmd": f"echo {name} > {name}.txt", "outs": [f"{name}.txt"]} for name in names}
    (at / "dvc.yaml").write_text(json.dumps({"stages": every}), encoding="utf-8")
    return at


def repro(at: Path) -> list[str]:
    """Run `dvc repro`; return the stages that ran."""
    lines = _run(at, "repro").splitlines()
    return [line.split("'")[1] for line in lines if line.startswith("Running stage '")]


def _initialize(at: Path, cache: Path | str = ".dvc/cache") -> None:
    """Make a folder a project of DVC's, outside git and silent."""
    (at / ".dvc").mkdir()
    core = "[core]\nno_scm = true\nanalytics = false\ncheck_update = false\n"
    (at / ".dvc/config").write_text(f"{core}[cache]\ndir = {cache}\n", encoding="utf-8")


def _run(at: Path, *arguments: str) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["dvc", *arguments],
        cwd=at,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise InputError(f"dvc {' '.join(arguments)} failed in {at}: {done.stderr.strip()}")
    return done.stdout


if __name__ == "__main__":
    main()
