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

from pipeline_lib.errors import InputError

LOG = Path(".protoweave/log")
EDGE = re.compile(r'"(?P<source>[^"]+)" -> "(?P<target>[^"]+)";')
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
    changed = {name: list(_reasons(entries)) for name, entries in _status(root).items()}
    graph = _graph(root)
    affected = set(changed)
    for name in changed:
        affected |= nx.descendants(graph, name) if name in graph else set()
    order = [name for name in nx.lexicographical_topological_sort(graph) if name in affected]
    return [
        Planned(
            name,
            changed.get(name, []),
            sorted(affected & set(graph.predecessors(name))),
            _last_seconds(root, name),
        )
        for name in order
    ]


def _status(root: Path) -> dict[str, list[Any]]:
    status: dict[str, list[Any]] = json.loads(_dvc(root, "status", "--json") or "{}")
    return status


def _graph(root: Path) -> "nx.DiGraph[str]":
    text = _dvc(root, "dag", "--dot")
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(match["name"] for match in NODE.finditer(text))
    graph.add_edges_from((match["source"], match["target"]) for match in EDGE.finditer(text))
    return graph


def _reasons(entries: list[Any]) -> Iterator[str]:
    """Turn one stage's status into sentences."""
    for entry in entries:
        if isinstance(entry, str):
            yield entry.replace("changed command", "its command changed")
            continue
        for kind, changes in entry.items():
            for path, what in changes.items():
                if isinstance(what, dict):
                    yield from (f"parameter {name} is {state}" for name, state in what.items())
                else:
                    noun = "result" if kind == "changed outs" else "input"
                    yield f"{noun} {path} is {what}"


def _last_seconds(root: Path, stage: str) -> float | None:
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
