"""Difficulty, pair counts and the relation graph."""

from itertools import combinations

import networkx as nx
import numpy as np
import polars as pl
import pytest

from pipeline_lib.clustering.result import NOISE
from pipeline_lib.knowledge.relations.patterns import MIXED, Patterns
from pipeline_lib.knowledge.relations.relations import (
    difficulty,
    graph_edges,
    pair_counts,
    to_networkx,
)


def patterns_of(clusters: list[list[int]], *, rho_2: float = 0.5) -> Patterns:
    """Single-label samples, given as the classes in each cluster."""
    labels = np.repeat(np.arange(len(clusters)), [len(c) for c in clusters])
    truth = np.concatenate(clusters).astype(int)
    return Patterns.of(labels, np.eye(3, dtype=bool)[truth], len(clusters), rho_2=rho_2)


def test_difficulty_by_hand():
    # cluster 0: own share of class 0 is 4/5 > 0.75: easy; of class 1 1/5, the other 4/5: hard
    # cluster 1: 1/2 each, nothing above 0.75: medium
    # cluster 2: 3/4 is not above 0.75: medium for both
    found = difficulty(patterns_of([[0, 0, 0, 0, 1], [0, 1], [2, 2, 2, 0]]), rho_1=0.75)
    assert found.tolist() == ["easy"] * 4 + ["hard"] + ["medium"] * 6


def test_the_best_of_several_own_classes_decides():
    classes = np.array([[1, 1], [1, 0], [1, 0], [0, 1]], bool)  # shares 3/4 and 2/4
    patterns = Patterns.of(np.zeros(4, int), classes, 1, rho_2=0.5)
    assert difficulty(patterns, rho_1=0.7).tolist() == ["easy", "easy", "easy", "hard"]
    assert difficulty(patterns, rho_1=0.8).tolist() == ["medium"] * 4


def test_of_noise_no_cluster_says_anything():
    classes = np.eye(2, dtype=bool)[[0, 1, 0]]
    patterns = Patterns.of(np.array([0, 0, -1]), classes, 1, rho_2=0.5)
    assert difficulty(patterns, rho_1=0.4).tolist() == ["easy", "easy", "medium"]


def test_an_own_class_above_the_threshold_is_easy_whatever_the_others():
    patterns = patterns_of([[0, 0, 1, 1]])
    assert difficulty(patterns, rho_1=0.4).tolist() == ["easy"] * 4


def test_pair_counts_by_hand():
    # dominated by 0: {0 0 1}, {0 0}; by 1: {1}; mixed: {0 1 2}
    found = pair_counts(patterns_of([[0, 0, 1], [0, 0], [1], [0, 1, 2]]))
    assert found.rows() == [
        # class 0 in dominated clusters: 2 · 2 pairs; in one cluster 2 × class 1, once mixed
        (0, 0, 4, 0, 0),
        (0, 1, 0, 2, 1),
        (0, 2, 0, 0, 1),
        (1, 1, 1, 0, 0),
        (1, 2, 0, 0, 1),
    ]
    assert found.columns == ["class_a", "class_b", "intra_diversity", "inter_similarity", "mixed"]


def loops(patterns: Patterns) -> dict[tuple[int, int], list[int]]:
    """Eqs. 1-3 over all pairs of samples."""
    counts: dict[tuple[int, int], list[int]] = {}
    labels, classes = patterns.labels, patterns.classes
    for a, b in combinations(range(len(labels)), 2):
        if NOISE in (labels[a], labels[b]):
            continue
        one = set(np.flatnonzero(classes[a]).tolist())
        two = set(np.flatnonzero(classes[b]).tolist())
        dominated = [patterns.dominant[labels[s]] != MIXED for s in (a, b)]
        if labels[a] != labels[b] and all(dominated):
            for j in one & two:
                counts.setdefault((j, j), [0, 0, 0])[0] += 1
        if labels[a] == labels[b]:
            for i in one - two:
                for j in two - one:
                    pair = (min(i, j), max(i, j))
                    counts.setdefault(pair, [0, 0, 0])[1 if dominated[0] else 2] += 1
    return counts


def test_pair_counts_equal_a_loop_over_all_pairs(labelled):
    _, patterns = labelled
    found = {(a, b): counts for a, b, *counts in pair_counts(patterns).iter_rows()}
    assert found == loops(patterns)
    assert np.all(np.sum(list(found.values()), 0) > 0)  # every relation occurs


def test_without_relations_there_are_no_rows():
    found = pair_counts(patterns_of([[0], [1], [2]]))
    assert found.rows() == []


@pytest.fixture
def edges() -> pl.DataFrame:
    return graph_edges(patterns_of([[0, 0, 2], [], [2]]), ["cat", "dog", "a:b"], list("wxyz"))


def test_graph_edges_by_hand(edges):
    assert edges.rows() == [
        ("class:cat", "cluster:0", "class-cluster", 2),
        ("class:a:b", "cluster:0", "class-cluster", 1),
        ("class:a:b", "cluster:2", "class-cluster", 1),
        ("cluster:0", "sample:w", "cluster-sample", 1),
        ("cluster:0", "sample:x", "cluster-sample", 1),
        ("cluster:0", "sample:y", "cluster-sample", 1),
        ("cluster:2", "sample:z", "cluster-sample", 1),
    ]


def test_networkx_reads_the_graph(edges):
    graph = to_networkx(edges)
    assert isinstance(graph, nx.Graph)
    assert graph.number_of_edges() == len(edges)
    kinds = nx.get_node_attributes(graph, "kind")
    assert kinds["class:a:b"] == "class"
    assert kinds["cluster:2"] == "cluster"
    assert kinds["sample:w"] == "sample"
    assert graph["class:cat"]["cluster:0"]["count"] == 2
    assert nx.has_path(graph, "sample:z", "class:cat")
    assert nx.shortest_path_length(graph, "sample:w", "class:cat") == 2


def test_every_sample_hangs_on_its_cluster(labelled):
    _, patterns = labelled
    names = [f"s{i}" for i in range(len(patterns.labels))]
    graph = to_networkx(graph_edges(patterns, list("abcd"), names))
    for name, cluster in zip(names, patterns.labels, strict=True):
        if cluster == NOISE:
            assert f"sample:{name}" not in graph
        else:
            assert list(graph[f"sample:{name}"]) == [f"cluster:{cluster}"]
    for cluster, counts in enumerate(patterns.counts):
        for name, count in zip("abcd", counts, strict=True):
            edge = graph.get_edge_data(f"class:{name}", f"cluster:{cluster}", {"count": 0})
            assert edge["count"] == count
