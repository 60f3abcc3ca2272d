"""Class-level relations, difficulty and the relation graph G_t of CSRMS (Sec. 4.1, Eq. 7)."""

import networkx as nx
import numpy as np
import polars as pl

from pipeline_lib.clustering.result import NOISE
from pipeline_lib.knowledge.relations.patterns import MIXED, Patterns

EASY, MEDIUM, HARD = "easy", "medium", "hard"


def difficulty(patterns: Patterns, *, rho_1: float) -> np.ndarray:
    """Eq. 7: how well a sample's cluster represents its own class.

    Easy: its own class holds more than ρ1 of its cluster; hard: another class does; else medium.
    Deviation: the printed condition for "medium" (no class above ρ1) leaves out the case in which
    the own class is below ρ1 and so is every other; here medium is whatever remains. Of noise no
    cluster says anything: it is medium.

    Returns:
        Strings (samples,), "easy", "medium" or "hard".
    """
    shares = patterns.shares_of_own
    own = np.where(patterns.classes, shares, 0).max(1)
    other = np.where(patterns.classes, 0, shares).max(1)
    return np.where(own > rho_1, EASY, np.where(other > rho_1, HARD, MEDIUM))


def pair_counts(patterns: Patterns) -> pl.DataFrame:
    """Count the sample pairs of each relation by class pair; the pairs themselves are never built.

    * intra_diversity, Eq. 1 (class_a = class_b): same class, different dominated clusters;
    * inter_similarity, Eq. 2: different classes, same dominated cluster;
    * mixed, Eq. 3: different classes, same mixed cluster.

    Deviation: on multi-label data a pair (a, b) counts for classes i ≠ j if a carries i but not j
    and b carries j but not i, which for single labels is the paper's y_a ≠ y_b.

    Returns:
        Columns class_a, class_b, intra_diversity, inter_similarity, mixed; zero rows are left out.
    """
    dominated = patterns.dominant != MIXED
    similar, mixed = _foreign_pairs(patterns, dominated), _foreign_pairs(patterns, ~dominated)
    inside = patterns.counts[dominated]
    diverse = np.diag((inside.sum(0) ** 2 - (inside**2).sum(0)) // 2)
    a, b = np.nonzero(np.triu(similar + mixed + diverse))
    columns = {"intra_diversity": diverse, "inter_similarity": similar, "mixed": mixed}
    pairs = {"class_a": a.astype(np.int32), "class_b": b.astype(np.int32)}
    return pl.DataFrame(pairs | {name: counts[a, b] for name, counts in columns.items()})


def _foreign_pairs(patterns: Patterns, chosen: np.ndarray) -> np.ndarray:
    """Count pairs (a has i not j, b has j not i) inside the chosen clusters, (classes, classes)."""
    classes = patterns.classes.shape[1]
    out = np.zeros((classes, classes), np.int64)
    for cluster in np.flatnonzero(chosen & (patterns.sizes > 1)):
        carried = patterns.classes[patterns.members[cluster]].astype(np.int64)
        both = carried.T @ carried
        only = np.diag(both)[:, None] - both  # [i, j]: carries i, not j
        out += only * only.T
    np.fill_diagonal(out, 0)
    return out


def graph_edges(patterns: Patterns, class_names: list[str], sample_ids: list[str]) -> pl.DataFrame:
    """Return G_t (Sec. 4.1.2): class - cluster edges weighted by N_k^j, and cluster - sample edges.

    Noise has no edge.

    Returns:
        Columns source, target ("class:cat", "cluster:12", "sample:train-7"), kind, count.
    """
    cluster, class_ = np.nonzero(patterns.counts)
    above = pl.DataFrame(
        {
            "source": [f"class:{class_names[j]}" for j in class_],
            "target": [f"cluster:{k}" for k in cluster],
            "kind": "class-cluster",
            "count": patterns.counts[cluster, class_],
        }
    )
    held = np.flatnonzero(patterns.labels != NOISE)
    below = pl.DataFrame(
        {
            "source": [f"cluster:{k}" for k in patterns.labels[held]],
            "target": [f"sample:{sample_ids[i]}" for i in held],
            "kind": "cluster-sample",
            "count": np.ones(len(held), np.int64),
        }
    )
    return pl.concat([above, below])


def to_networkx(edges: pl.DataFrame) -> nx.Graph:
    """Return G_t as a networkx graph; every node has a ``kind``: class, cluster or sample."""
    graph = nx.Graph()
    for source, target, _, count in edges.iter_rows():
        for node in (source, target):
            graph.add_node(node, kind=node.split(":", 1)[0])
        graph.add_edge(source, target, count=count)
    return graph
