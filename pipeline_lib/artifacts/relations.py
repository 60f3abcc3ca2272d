"""What ``relations`` writes: everything CSRMS knows about the training set before it trains."""

from pathlib import Path

import dataframely as dy
import numpy as np
import polars as pl

from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.artifacts.knowledge import RELATIONS, write_knowledge
from pipeline_lib.artifacts.table import Table


class Anchors(dy.Schema):
    """One row per training image; knowledge.safetensors holds the same rows in this order."""

    sample_id = dy.String(primary_key=True, min_length=1)
    cluster = dy.Int32(min=-1)  # -1: noise, outside every cluster
    difficulty = dy.String(regex="^(easy|medium|hard)$")  # Eq. 7


class ClusterClasses(dy.Schema):
    """One row per cluster."""

    cluster = dy.Int32(primary_key=True, min=0)
    size = dy.Int64(min=0)
    dominant = dy.Int32(min=0, nullable=True)  # class index; null: mixed-class cluster
    share = dy.Float64(min=0, max=1)  # of the commonest class


class ClassPairs(dy.Schema):
    """One row per pair of classes, class_a <= class_b: sample pairs of each relation, Eqs. 1-3."""

    class_a = dy.Int32(primary_key=True, min=0)
    class_b = dy.Int32(primary_key=True, min=0)
    intra_diversity = dy.Int64(min=0)
    inter_similarity = dy.Int64(min=0)
    mixed = dy.Int64(min=0)


class GraphEdges(dy.Schema):
    """The relation graph G_t; `pipeline_lib.knowledge.relations.relations.to_networkx` reads it."""

    source = dy.String(primary_key=True, min_length=1)  # "class:cat" or "cluster:12"
    target = dy.String(primary_key=True, min_length=1)  # "cluster:12" or "sample:train-7"
    kind = dy.String(regex="^(class-cluster|cluster-sample)$")
    count = dy.Int64(min=1)  # samples on the edge


ANCHORS = Table(Anchors, stage="relations")
CLUSTER_CLASSES = Table(ClusterClasses, stage="relations")
CLASS_PAIRS = Table(ClassPairs, stage="relations")
GRAPH_EDGES = Table(GraphEdges, stage="relations")


def write_relations(
    folder: Path,
    anchors: pl.DataFrame,
    clusters: pl.DataFrame,
    pairs: pl.DataFrame,
    edges: pl.DataFrame,
    knowledge: dict[str, np.ndarray],
    facts: dict[str, int],
    encoded: dict[str, int] | None = None,
) -> None:
    """Write the tables for people and other tools, and the tensors that CSRMS trains on."""
    ANCHORS.write(anchors, folder / "anchors.parquet")
    CLUSTER_CLASSES.write(clusters, folder / "clusters.parquet")
    CLASS_PAIRS.write(pairs, folder / "pairs.parquet")
    GRAPH_EDGES.write(edges, folder / "graph.parquet")
    ids = anchors["sample_id"].to_list()
    write_knowledge(RELATIONS, folder / "knowledge.safetensors", ids, knowledge, encoded)
    write_json(folder / "metrics.json", facts)
