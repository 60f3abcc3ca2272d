"""What `dvc repro` would run, and why, in words; from `dvc status --json` and `dvc dag`."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import networkx as nx

from pipeline_lib.datasets.location import locate, private
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.section import read_yaml
from pipeline_lib.project.code import STAGE as CODE
from pipeline_lib.project.code import code_reasons, of_code
from pipeline_lib.steps.listing import would_change

LOG = Path(".protoweave/log")
EDGE = re.compile(r'"(?P<source>[^"]+)" -> "(?P<target>[^"]+)";')
ABSENT = "(absent)"
NEVER = "has not run yet"
LISTING, LISTING_FILE = "listing", Path("data/artifacts/listing/files.jsonl")
NODE = re.compile(r'^"(?P<name>[^"]+)";$', re.MULTILINE)


@dataclass(frozen=True)
class Planned:
    """One stage that would run."""

    stage: str
    reasons: list[str]  # its own; empty if it only follows others
    after: list[str] = field(default_factory=list)  # planned stages whose results it reads
    seconds: float | None = None  # how long it took last time here

    @property
    def certain(self) -> bool:
        """Whether it runs whatever the stages before it write."""
        return bool(self.reasons)


def plan(root: Path) -> list[Planned]:
    """Return the stages that would run, in an order in which they can.

    A stage that only follows others does not run if they happen to write what they wrote before.
    """
    locked = _locked(root)
    changed = {
        name: list(_reasons(root, locked[name], found)) if name in locked else [NEVER]
        for name, found in _status(root).items()
    }
    changed = _without_idle_listing(root, {name: why for name, why in changed.items() if why})
    changed = _with_code(root, locked, changed)
    graph = _graph(root)
    affected = set(changed)
    for name in changed.keys() - {CODE}:  # which stages follow that is known
        affected |= nx.descendants(graph, name) if name in graph else set()
    order = [name for name in nx.lexicographical_topological_sort(graph) if name in affected]
    return [
        Planned(
            name,
            changed.get(name, []),
            sorted(affected & set(graph.predecessors(name))),
            last_seconds(root, name),
        )
        for name in order
    ]


def _without_idle_listing(root: Path, changed: dict[str, list[str]]) -> dict[str, list[str]]:
    """Say why the stage that always runs would write something else, or leave it out."""
    if NEVER in changed.get(LISTING, [NEVER]):
        return changed
    place = locate(Dataset.load("dataset", root / "params.yaml").path, root)
    out, lock = root / LISTING_FILE, root / "dvc.lock"
    reasons = would_change(place, private(root) / LISTING, out, lock)
    others = {name: found for name, found in changed.items() if name != LISTING}
    return {LISTING: reasons} | others if reasons else others


def _with_code(
    root: Path, locked: dict[str, Any], changed: dict[str, list[str]]
) -> dict[str, list[str]]:
    """Add the stages whose code changed; where it is not listed, DVC knows all there is."""
    if CODE not in locked:
        return changed
    ours = code_reasons(root, locked)
    return {name: changed.get(name, []) + ours.get(name, []) for name in (*changed, *ours)}


def _status(root: Path) -> dict[str, list[Any]]:
    status: dict[str, list[Any]] = json.loads(_dvc(root, "status", "--json") or "{}")
    return status


def _locked(root: Path) -> dict[str, Any]:
    """Return what dvc.lock says of each stage."""
    path = root / "dvc.lock"
    stages: dict[str, Any] = read_yaml(path).get("stages", {}) if path.exists() else {}
    return stages


def params_of(root: Path, stage: str) -> dict[str, Any]:
    """Return the sections of params.yaml that a stage last ran with, as dvc.lock says."""
    params: dict[str, Any] = _locked(root).get(stage, {}).get("params", {}).get("params.yaml", {})
    return params


def _graph(root: Path) -> "nx.DiGraph[str]":
    text = _dvc(root, "dag", "--dot")
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(match["name"] for match in NODE.finditer(text))
    graph.add_edges_from((match["source"], match["target"]) for match in EDGE.finditer(text))
    return graph


def _reasons(root: Path, locked: dict[str, Any], entries: list[Any]) -> Iterator[str]:
    """Turn one stage's status into sentences."""
    for entry in entries:
        if isinstance(entry, str):
            yield entry.replace("changed command", "its command changed")
            continue
        for kind, changes in entry.items():
            for path, what in changes.items():
                if isinstance(what, dict):
                    yield from _parameter_changes(root, locked, path, what)
                elif not of_code(path):  # read in a listing of today, see _with_code
                    noun = "result" if kind == "changed outs" else "input"
                    yield f"{noun} {path} is {what}"


def _parameter_changes(
    root: Path, stage: dict[str, Any], file: str, sections: dict[str, str]
) -> Iterator[str]:
    """Name the values that changed, where DVC only names their section."""
    locked = stage.get("params", {}).get(file, {})
    current = read_yaml(root / file)
    for name, state in sections.items():
        if state != "modified" or name not in current:
            yield f"parameter {name} is {state}"
            continue
        old, new = flat(name, locked.get(name)), flat(name, current.get(name))
        pairs = {k: (old.get(k, ABSENT), new.get(k, ABSENT)) for k in sorted(old.keys() | new)}
        found = [f"{key}: {a} → {b}" for key, (a, b) in pairs.items() if a != b]
        yield from found or [f"parameter {name} is {state}"]


def flat(name: str, value: Any) -> dict[str, Any]:
    """Map the dotted keys below ``name`` to values."""
    if not isinstance(value, dict):
        return {name: value}
    return {k: v for key, item in value.items() for k, v in flat(f"{name}.{key}", item).items()}


def last_seconds(root: Path, stage: str) -> float | None:
    """Return how long a stage took when it was last done here; None where it never was."""
    log = root / LOG / f"{stage}.jsonl"
    if not log.exists():
        return None
    records = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    done = [record["seconds"] for record in records if record["status"] == "done"]
    return done[-1] if done else None


def _dvc(root: Path, *arguments: str) -> str:
    """Run DVC as the program it is: stages and library never import it."""
    command = [sys.executable, "-m", "dvc", *arguments]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InputError(f"`dvc {' '.join(arguments)}` failed: {done.stderr.strip()}")
    return done.stdout
