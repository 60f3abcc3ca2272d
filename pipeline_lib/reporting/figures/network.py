"""A graph in the plane: categories as named points, the strongest edges between them as lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import networkx as nx
import numpy as np

WIDTH, HEIGHT, MARGIN = 720, 520, 44  # pixels; names stick out at the sides
THINNEST, WIDEST = 0.5, 3.0  # lines, pixels
ITERATIONS = 200  # of the layout
SPREAD = 1.6  # of the layout: unlinked categories stay this much farther apart than by default
EVENNESS = 0.6  # 0: as laid out, 1: as even as can be
SEED = 0
CHARACTER, LINE = 6.4, 19  # pixels that a letter takes, and a name with its mark below it
ROUNDS = 200  # of moving names apart


@dataclass(frozen=True)
class Node:
    """One category."""

    name: str
    x: float
    y: float
    seen: bool


@dataclass(frozen=True)
class Edge:
    """One line, from the category that informs to the one it informs."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float  # pixels
    dashed: bool  # categories that exclude each other
    title: str


@dataclass(frozen=True)
class Network:
    """The drawing."""

    nodes: list[Node]
    edges: list[Edge]
    width: int = WIDTH
    height: int = HEIGHT


def network(
    names: Sequence[str],
    seen: Sequence[bool],
    links: Sequence[tuple[int, int, float, bool, str]],
) -> Network:
    """Lay out a graph so that linked categories are near.

    Args:
        names: of the nodes.
        seen: whether each was seen in training.
        links: target, source (indices of ``names``), strength 0…1, dashed, title.
    """
    graph = nx.Graph()
    graph.add_nodes_from(range(len(names)))
    for target, source, strength, dashed, _ in links:
        if not dashed:
            graph.add_edge(target, source, weight=max(strength, 0.05))
    apart = SPREAD / max(len(names), 1) ** 0.5
    places = nx.spring_layout(graph, k=apart, iterations=ITERATIONS, seed=SEED)
    laid_out = _fit(np.array([places[node] for node in range(len(names))]).reshape(-1, 2))
    fitted = _apart(laid_out, names).tolist()
    nodes = [Node(n, x, y, s) for n, (x, y), s in zip(names, fitted, seen, strict=True)]
    edges = []
    for target, source, strength, dashed, title in links:
        (x1, y1), (x2, y2) = fitted[source], fitted[target]
        width = round(THINNEST + (WIDEST - THINNEST) * strength, 1)
        edges.append(Edge(x1, y1, x2, y2, width, dashed, title))
    return Network(nodes, edges)


def _fit(places: np.ndarray) -> np.ndarray:
    """Stretch to the drawing, and loosen what is crowded.

    A tight group would cover its own names, so each coordinate is blended with its rank.
    """
    if not len(places):
        return places
    low, high = places.min(0), places.max(0)
    share = (places - low) / np.where(high > low, high - low, 1)
    rank = places.argsort(0, kind="stable").argsort(0, kind="stable") / max(len(places) - 1, 1)
    loose = (1 - EVENNESS) * share + EVENNESS * rank
    room = np.array([WIDTH, HEIGHT]) - 2 * MARGIN
    fitted: np.ndarray = loose * room + MARGIN
    return fitted


def _apart(places: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Move nodes (nodes, 2) up and down until no name covers another, if there is room for that."""
    found = places.copy()
    for _ in range(ROUNDS):
        covered = False
        for i, j in combinations(range(len(names)), 2):
            beside = abs(found[i, 0] - found[j, 0])
            below = found[j, 1] - found[i, 1]
            over = LINE - abs(below)
            if over > 0 and beside < CHARACTER * (len(names[i]) + len(names[j])) / 2:
                push = (over / 2 + 0.1) * (1 if below >= 0 else -1)
                found[i, 1], found[j, 1] = found[i, 1] - push, found[j, 1] + push
                covered = True
        found[:, 1] = found[:, 1].clip(LINE, HEIGHT - LINE / 2)
        if not covered:
            break
    return found.round(1)
