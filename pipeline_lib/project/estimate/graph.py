"""The stages of dvc.yaml for a params.yaml, each with its command, as DVC would make them."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import networkx as nx

from pipeline_lib.params.section import read_yaml
from pipeline_lib.project.stages import value

HOLE = re.compile(r"\$\{([^}]+)\}")
OUTS = ("outs", "metrics", "plots")


@dataclass(frozen=True)
class Stage:
    """One command of the graph."""

    name: str  # as DVC says it: "train@csrms"
    module: str
    arguments: tuple[str, ...]
    deps: tuple[str, ...]
    outs: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The stage without its item."""
        return self.name.partition("@")[0]

    @property
    def item(self) -> str:
        """What it is made for: a target or a run, or ""."""
        return self.name.partition("@")[2]


def stages_of(dvc_yaml: Path, document: Mapping[str, Any]) -> list[Stage]:
    """Return every stage in an order in which they can run.

    Args:
        dvc_yaml: the graph.
        document: a sound params.yaml.
    """
    entries = read_yaml(dvc_yaml)["stages"]
    found = [stage for name, entry in entries.items() for stage in _made(name, entry, document)]
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(stage.name for stage in found)
    for after in found:
        graph.add_edges_from((s.name, after.name) for s in found if _reads(after, s))
    place = {stage.name: n for n, stage in enumerate(found)}
    known = {stage.name: stage for stage in found}
    return [known[name] for name in nx.lexicographical_topological_sort(graph, place.__getitem__)]


def _made(name: str, entry: Any, document: Mapping[str, Any]) -> Iterator[Stage]:
    if "foreach" not in entry:
        yield _stage(name, entry, document)
        return
    wanted = value(document, HOLE.fullmatch(entry["foreach"])[1])  # type: ignore[index]
    items = wanted.items() if isinstance(wanted, dict) else [(item, item) for item in wanted or ()]
    for key, item in items:
        yield _stage(f"{name}@{key}", entry["do"], {**document, "key": key, "item": item})


def _stage(name: str, entry: Any, known: Mapping[str, Any]) -> Stage:
    def filled(text: str) -> str:
        return HOLE.sub(lambda hole: str(value(known, hole[1])), text)

    _, _, module, *arguments = shlex.split(filled(entry["cmd"]))  # python -m MODULE …
    outs = [out for kind in OUTS for out in entry.get(kind, ())]
    paths = [next(iter(out)) if isinstance(out, dict) else out for out in outs]
    deps = tuple(map(filled, entry.get("deps", ())))
    return Stage(name, module, tuple(arguments), deps, tuple(map(filled, paths)))


def _reads(after: Stage, before: Stage) -> bool:
    """Say whether one stage reads what another writes, or a part of it, or more."""
    return after.name != before.name and any(
        dep == out or dep.startswith(f"{out}/") or out.startswith(f"{dep}/")
        for dep in after.deps
        for out in before.outs
    )
