"""What ``category_graph`` writes: which categories inform which, from which source, and why."""

from pathlib import Path

import dataframely as dy
import numpy as np
import polars as pl

from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.artifacts.knowledge import GRAPH, NEIGHBOURS, write_knowledge
from pipeline_lib.artifacts.table import Table

EDGES_FILE, ANSWERS_FILE = "edges.parquet", "answers.parquet"
GRAPH_FILE, NEIGHBOURS_FILE = "graph.safetensors", "neighbours.safetensors"


class CategoryEdges(dy.Schema):
    """One row per pair of categories, source of knowledge and sign."""

    target = dy.String(primary_key=True, min_length=1)  # the category that is informed
    source = dy.String(primary_key=True, min_length=1)  # the category that informs it
    provenance = dy.String(  # the source of knowledge, an entry of category_graph.sources
        primary_key=True, regex="^(cooccurrence|similarity|llm|wordnet|random|file)$"
    )
    sign = dy.Int8(primary_key=True, min=-1, max=1)  # -1: they exclude each other
    strength = dy.Float64(min=0, max=1)
    value = dy.Float64()  # in the source's own unit: docs/category_graphs.md
    relation = dy.String(min_length=1)  # e.g. "is-a", "part-whole", "co-occurrence"
    explanation = dy.String()

    @dy.rule()
    def sign_is_not_zero(cls) -> pl.Expr:
        """+1 or -1."""
        return pl.col("sign") != 0

    @dy.rule()
    def no_category_informs_itself(cls) -> pl.Expr:
        """The diagonal belongs to the methods."""
        return pl.col("target") != pl.col("source")


class Answers(dy.Schema):
    """One row per question that a language model was asked; empty without that source."""

    category = dy.String(primary_key=True, min_length=1)
    query = dy.Int32(primary_key=True, min=0)  # 0 … llm.queries-1
    model = dy.String(min_length=1)
    key = dy.String(regex="^[0-9a-f]{16}$")  # of model, settings and prompt
    answer = dy.String()  # as it came


EDGES = Table(CategoryEdges, stage="category_graph")
ANSWERS = Table(Answers, stage="category_graph")


def write_category_graph(
    folder: Path,
    train_ids: list[str],
    edges: pl.DataFrame,
    answers: pl.DataFrame,
    graph: dict[str, np.ndarray],
    neighbours: dict[str, np.ndarray],
    facts: dict[str, float],
) -> None:
    """Write the tables for people and other tools, and the tensors that methods train on."""
    EDGES.write(edges, folder / EDGES_FILE)
    ANSWERS.write(answers, folder / ANSWERS_FILE)
    write_knowledge(GRAPH, folder / GRAPH_FILE, train_ids, graph)
    write_knowledge(NEIGHBOURS, folder / NEIGHBOURS_FILE, train_ids, neighbours)
    write_json(folder / "metrics.json", facts)
