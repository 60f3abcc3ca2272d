"""The graph of a checkout's stages, as dvc.lock has it, drawn for the pages that speak of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import networkx as nx

from pipeline_lib.params.section import read_yaml
from pipeline_lib.project.plan import LOG
from pipeline_lib.reporting.figures.layered import Node, layered

Told = tuple[set[str], Mapping[str, str]]  # coloured stages, and what is written below some
EVERYWHERE = {"code", "listing"}  # on which all depends
CHANGED = "relations@classes"  # what a page changes a number of
WIDTH, HEIGHT = 884, 420  # of the drawing, in pixels
BOX, LEFT = (84, 36), 43
STYLE = "font: 11px system-ui, sans-serif; text-anchor: middle"


@dataclass(frozen=True)
class StageGraph:
    """Stages, and who reads whose results."""

    graph: nx.DiGraph

    def drawn(self, told: Told) -> str:
        """Return a page with the graph, from left to right."""
        coloured, below = told
        place = self._places()
        lines = (_line(place[a], place[b], {a, b} <= coloured) for a, b in self.graph.edges)
        boxes = (_box(place[n], n, n in coloured, below.get(n, "")) for n in self.graph)
        body = "".join((*lines, *boxes))
        size = f'width="{WIDTH}" height="{HEIGHT}"'
        return f'<svg xmlns="http://www.w3.org/2000/svg" {size} style="{STYLE}">{body}</svg>'

    def _places(self) -> dict[str, tuple[float, float]]:
        """Put each stage right of all that it reads."""
        column = {
            name: depth
            for depth, names in enumerate(nx.topological_generations(self.graph))
            for name in names
        }
        names = list(self.graph)
        nodes = [Node(column[name], name, name) for name in names]
        at = {name: i for i, name in enumerate(names)}
        near = [(at[a], at[b], "", 1.0) for a, b in self.graph.edges]
        found = layered(nodes, near).places
        order: dict[int, list[str]] = {}
        for spot in sorted(found, key=lambda spot: spot.y):
            order.setdefault(spot.node.kind, []).append(spot.node.label)
        return {
            n: _spot(c, r, len(order), len(order[c])) for c in order for r, n in enumerate(order[c])
        }


def stage_graph(checkout: Path) -> StageGraph:
    """Read the stages of a checkout that has run; a run's training stands for its evaluation."""
    stages = read_yaml(checkout / "dvc.lock")["stages"]
    graph = nx.DiGraph()
    writers = {out["path"]: name for name in stages for out in stages[name]["outs"]}
    for name, stage in stages.items():
        if name in EVERYWHERE:
            continue
        graph.add_node(_shown(name))
        for dep in stage["deps"]:
            writer = _writer(dep["path"], writers)
            if writer and writer not in EVERYWHERE and _shown(writer) != _shown(name):
                graph.add_edge(_shown(writer), _shown(name))
    return StageGraph(nx.transitive_reduction(_with_report(graph)))


def all_alike(graph: StageGraph, checkout: Path) -> Told:
    """Colour the runs of methods."""
    return {name for name in graph.graph if name.startswith("train@")}, {}


def after(graph: StageGraph, checkout: Path) -> Told:
    """Colour what runs again where a number of CHANGED has changed."""
    return {CHANGED, *nx.descendants(graph.graph, CHANGED)}, {}


def seconds(graph: StageGraph, checkout: Path) -> Told:
    """Write how long each stage took, and colour the longest half."""
    took = {name: _seconds(checkout, name) for name in graph.graph}
    middle = sorted(took.values())[len(took) // 2]
    return {n for n in took if took[n] >= middle}, {n: f"{s:.0f} s" for n, s in took.items()}


def _seconds(checkout: Path, name: str) -> float:
    """Return the time of the last complete run."""
    log = checkout / LOG / f"{name}.jsonl"
    records = map(json.loads, log.read_text(encoding="utf-8").splitlines())
    return float([r["seconds"] for r in records if r["status"] == "done"][-1])


def _shown(name: str) -> str:
    return name.replace("evaluate@", "train@")


def _writer(path: str, writers: Mapping[str, str]) -> str | None:
    """Return the stage of which a file is, or lies in, an out; of a folder, no stage."""
    parts = Path(path).parts
    ways = ("/".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((writers[way] for way in ways if way in writers), None)


def _with_report(graph: nx.DiGraph) -> nx.DiGraph:
    """Let the report, which reads folders of stages, follow the runs."""
    graph.add_edges_from((name, "report") for name in list(graph) if name.startswith("train@"))
    return graph


def _spot(column: int, row: int, columns: int, rows: int) -> tuple[float, float]:
    x = LEFT + column * (WIDTH - 2 * LEFT) / max(columns - 1, 1)
    return x, HEIGHT * (row + 0.5) / rows


def _box(spot: tuple[float, float], name: str, coloured: bool, below: str) -> str:
    (x, y), (w, h) = spot, BOX
    stage, _, item = name.partition("@")
    fill, edge = ("#dcecf8", "#0072b2") if coloured else ("#f5f7f9", "#9aa5b1")
    rect = f'<rect x="{x - w / 2:.1f}" y="{y - h / 2:.1f}" width="{w}" height="{h}" rx="4" '
    under = ", ".join(filter(None, (item, below)))
    lines = [(stage, "#1b1f24"), (under, "#59636e")] if under else [(stage, "#1b1f24")]
    text = "".join(
        f'<text x="{x:.1f}" y="{y + 12 + 14 * (n - len(lines) / 2):.1f}" fill="{ink}">'
        f"{escape(line)}</text>"
        for n, (line, ink) in enumerate(lines)
    )
    return f'{rect}fill="{fill}" stroke="{edge}"/>{text}'


def _line(start: tuple[float, float], end: tuple[float, float], coloured: bool) -> str:
    (x0, y0), (x1, y1) = (start[0] + BOX[0] / 2, start[1]), (end[0] - BOX[0] / 2, end[1])
    middle = (x0 + x1) / 2
    path = f"M{x0:.1f} {y0:.1f}C{middle:.1f} {y0:.1f} {middle:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"
    return f'<path d="{path}" fill="none" stroke="{"#0072b2" if coloured else "#c3cad1"}"/>'
