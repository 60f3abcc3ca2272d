"""A small graph of several kinds of nodes: a column for each kind, curves inside a column."""

from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx
import numpy as np

COLUMN, ROW = 170, 26  # pixels between columns, and between the nodes of one
LEFT, RIGHT, TOP = 70, 130, 18  # margins; names stand at the right
BULGE = 0.3  # of a curve inside a column, as a share of its length
SWEEPS = 4  # over the columns, to cross few lines


@dataclass(frozen=True)
class Node:
    """What to draw of a node."""

    kind: int  # its column, from the left
    label: str
    title: str
    weight: float = 1.0  # 0…1


@dataclass(frozen=True)
class Place:
    """Where a node is, in pixels."""

    node: Node
    x: float
    y: float


@dataclass(frozen=True)
class Line:
    """An edge, as SVG wants its path."""

    path: str
    title: str
    weight: float  # 0…1


@dataclass(frozen=True)
class Layered:
    """The drawing."""

    places: list[Place]  # in the order of the nodes
    lines: list[Line]
    width: int
    height: int


def layered(nodes: Sequence[Node], edges: Sequence[tuple[int, int, str, float]]) -> Layered:
    """Lay out a graph.

    Args:
        nodes: at least one.
        edges: two nodes by index, title, weight 0…1.
    """
    graph = nx.Graph()
    graph.add_nodes_from(range(len(nodes)))
    graph.add_edges_from((a, b) for a, b, _, _ in edges)
    columns = _ordered(graph, [node.kind for node in nodes])
    found = nx.multipartite_layout(graph, subset_key=columns)
    tallest = max(map(len, columns.values()))
    room = np.array([COLUMN * (len(columns) - 1), ROW * (tallest - 1)])
    xy = _in_pixels(np.stack([found[i] for i in range(len(nodes))]), room)
    places = [Place(node, x, y) for node, (x, y) in zip(nodes, xy, strict=True)]
    last = max(columns)
    lines = [Line(_path(places[a], places[b], last), title, w) for a, b, title, w in edges]
    return Layered(places, lines, int(room[0]) + LEFT + RIGHT, int(room[1]) + 2 * TOP)


def _ordered(graph: nx.Graph, kinds: list[int]) -> dict[int, list[int]]:
    """Sort each column by where its nodes' neighbours are, column by column (Sugiyama)."""
    columns = {k: [i for i in graph if kinds[i] == k] for k in sorted(set(kinds))}
    height = {i: n / len(column) for column in columns.values() for n, i in enumerate(column)}
    for _ in range(SWEEPS):
        for kind, column in columns.items():
            around = {i: [height[n] for n in graph[i] if kinds[n] != kind] for i in column}
            mean = {i: float(np.mean(of)) if of else height[i] for i, of in around.items()}
            column.sort(key=lambda i: (round(mean[i], 9), i))
            height |= {i: n / len(column) for n, i in enumerate(column)}
    return columns


def _in_pixels(found: np.ndarray, room: np.ndarray) -> list[list[float]]:
    """Stretch to the drawing."""
    low, high = found.min(0), found.max(0)
    span = np.where(high > low, high - low, 1.0)
    placed: list[list[float]] = ((found - low) / span * room + [LEFT, TOP]).round(1).tolist()
    return placed


def _path(a: Place, b: Place, last: int) -> str:
    """Draw a straight line, or inside a column a curve to its outer side."""
    start, end = f"M{a.x:g} {a.y:g}", f"{b.x:g} {b.y:g}"
    if a.node.kind != b.node.kind:
        return f"{start}L{end}"
    side = 1 if a.node.kind == last else -1
    x, y = a.x + side * (8 + BULGE * abs(b.y - a.y)), (a.y + b.y) / 2
    return f"{start}Q{x:g} {y:g} {end}"
