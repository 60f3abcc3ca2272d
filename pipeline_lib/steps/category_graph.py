"""Ask every source that params name, and merge what they say."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.categories import cooccurrence
from pipeline_lib.knowledge.categories.edges import (
    NEGATIVE,
    POSITIVE,
    Categories,
    matrix,
    nearest,
)
from pipeline_lib.knowledge.categories.files import read_edges
from pipeline_lib.knowledge.categories.similarity import drawn, similar
from pipeline_lib.knowledge.categories.wordnet import read_lexicon, related
from pipeline_lib.params.category_graph import CategoryGraph
from pipeline_lib.params.section import optional_path


@dataclass(frozen=True)
class Mined:
    """A category graph."""

    edges: pl.DataFrame  # as EDGES
    graph: dict[str, np.ndarray]  # as artifacts/knowledge.py GRAPH
    neighbours: dict[str, np.ndarray]  # as NEIGHBOURS
    facts: dict[str, float]  # for metrics.json


def mine(
    categories: Categories,
    labels: pl.Series,
    params: CategoryGraph,
    *,
    told: tuple[pl.DataFrame, Mapping[str, float]] | None,
) -> Mined:
    """Mine and merge.

    Args:
        categories: names, which of them are seen, and their text embeddings.
        labels: lists of category indices, one per *training* image.
        params: sources and their settings.
        told: edges from a language model and facts about its answers, where it is a source.

    Raises:
        InputError: a source's complaint.
    """
    counts = cooccurrence.without_unseen(
        cooccurrence.count(labels, len(categories.names)), categories.seen
    )
    found: dict[str, pl.DataFrame] = {}
    facts: dict[str, float] = {}
    for source in params.mined:
        match source:
            case "cooccurrence":
                found[source] = cooccurrence.conditional(counts, categories)
            case "similarity":
                p = params.similarity
                found[source] = similar(categories, most=p.most, at_least=p.at_least)
            case "random":
                found[source] = drawn(categories, most=params.random.most, seed=params.random.seed)
            case "wordnet":
                w = params.wordnet
                lexicon = read_lexicon(optional_path(w.path))
                found[source], unknown = related(
                    categories, lexicon, senses=w.senses, at_least=w.at_least
                )
                facts["wordnet.unknown_names"] = len(unknown)
            case "file":
                found[source] = _of_file(params, categories)
            case "llm":
                assert told is not None
                found[source] = told[0]
                facts |= told[1]
    if params.exclusion.enabled and "cooccurrence" in found:
        negative = cooccurrence.exclusive(
            counts, len(labels), categories, expected=params.exclusion.expected
        )
        found["cooccurrence"] = pl.concat([found["cooccurrence"], negative])
    edges = pl.concat(found.values())
    merged = edges.filter(pl.col("provenance").is_in(params.sources))
    graph = _graph(merged, categories, params)
    lists = _lists(graph["adjacency"], found, categories, params)
    facts |= _facts(edges, categories, params, lists["neighbours"])
    return Mined(edges, graph, lists, facts)


def _of_file(params: CategoryGraph, categories: Categories) -> pl.DataFrame:
    path = _file(params)
    edges = read_edges(path, categories.names)
    against = len(edges.filter(sign=NEGATIVE))
    if against and not (params.exclusion.enabled and "file" in params.sources):
        raise InputError(
            f"{path}: {against} edges have sign -1, and category_graph does not merge what "
            "excludes what; set category_graph.exclusion.enabled to true and name file among "
            "category_graph.sources, or leave these edges out"
        )
    return edges


def _file(params: CategoryGraph) -> Path:
    path = optional_path(params.file.path)
    if path is None:
        raise InputError(
            "category_graph.file.path is data/none, expected a .csv or .graphml of edges for the "
            "source 'file'; name one, or take 'file' out of category_graph.sources"
        )
    return path


def _graph(
    edges: pl.DataFrame, categories: Categories, params: CategoryGraph
) -> dict[str, np.ndarray]:
    names = categories.names
    adjacency = matrix(edges, names, sign=POSITIVE, merge=params.merge, sources=len(params.sources))
    if params.exclusion.enabled:  # few sources know any: the strongest counts
        exclusion = matrix(edges, names, sign=NEGATIVE, merge="max", sources=1)
    else:
        exclusion = np.zeros_like(adjacency)
    return {"adjacency": adjacency, "exclusion": exclusion}


def _lists(
    adjacency: np.ndarray,
    found: Mapping[str, pl.DataFrame],
    categories: Categories,
    params: CategoryGraph,
) -> dict[str, np.ndarray]:
    """Return the neighbours of every category, and those by each source alone (C2SRT Table 4)."""
    lists = {"neighbours": nearest(adjacency, categories, params.neighbours)}
    for source, edges in found.items():
        alone = matrix(edges, categories.names, sign=POSITIVE, merge="max", sources=1)
        lists[f"neighbours.{source}"] = nearest(alone, categories, params.neighbours)
    return lists


def _facts(
    edges: pl.DataFrame,
    categories: Categories,
    params: CategoryGraph,
    neighbours: np.ndarray,
) -> dict[str, float]:
    positive = edges.filter(sign=POSITIVE)["provenance"].value_counts()
    by_source = dict(positive.iter_rows())
    return {
        "categories": len(categories.names),
        "seen": int(categories.seen.sum()),
        **{f"edges.{source}": by_source.get(source, 0) for source in params.mined},
        "edges.negative": len(edges) - len(edges.filter(sign=POSITIVE)),
        "without_neighbours": int((neighbours[:, 0] < 0).sum()),
        "neighbours.mean": round(float((neighbours >= 0).sum(1).mean()), 3),
    }
