"""Ask every source that params name, and merge what they say."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline_lib.artifacts.category_graph import ANSWERS
from pipeline_lib.knowledge.categories.edges import (
    NEGATIVE,
    POSITIVE,
    Categories,
    matrix,
    nearest,
)
from pipeline_lib.knowledge.categories.sources import SOURCES, Asked
from pipeline_lib.params.category_graph import CategoryGraph


@dataclass(frozen=True)
class Mined:
    """A category graph."""

    edges: pl.DataFrame  # as EDGES
    graph: dict[str, np.ndarray]  # as artifacts/knowledge.py GRAPH
    neighbours: dict[str, np.ndarray]  # as NEIGHBOURS
    answers: pl.DataFrame  # as ANSWERS; empty without a language model
    facts: dict[str, float]  # for metrics.json
    remarks: list[str]  # a sentence each, for who runs the stage


def mine(asked: Asked) -> Mined:
    """Mine and merge.

    Raises:
        InputError: a source's complaint.
    """
    params, categories = asked.params, asked.categories
    said = {source: SOURCES[source](asked) for source in params.mined}
    edges = pl.concat(one.edges for one in said.values())
    merged = edges.filter(pl.col("provenance").is_in(params.sources))
    graph = _graph(merged, categories, params)
    found: dict[str, pl.DataFrame] = {source: one.edges for source, one in said.items()}
    lists = _lists(graph["adjacency"], found, categories, params)
    facts = {name: fact for one in said.values() for name, fact in one.facts.items()}
    answers = [one.answers for one in said.values() if one.answers is not None]
    return Mined(
        edges=edges,
        graph=graph,
        neighbours=lists,
        answers=pl.concat([pl.DataFrame(schema=ANSWERS.dtypes), *answers]),
        facts=facts | _facts(edges, categories, params, lists["neighbours"]),
        remarks=[remark for one in said.values() for remark in one.remarks],
    )


def neighbours_by(relation: str, asked: Asked) -> np.ndarray:
    """Return the lists of neighbours that C2SRT reads of one relation, and ask no other source.

    Args:
        relation: "merged", or a source.
        asked: what the sources may know.

    Returns:
        (categories, most) int32, as ``artifacts/knowledge.py`` NEIGHBOURS.

    Raises:
        InputError: a source's complaint.
    """
    params, categories = asked.params, asked.categories
    if relation == "merged":
        edges = pl.concat(SOURCES[source](asked).edges for source in params.sources)
        return nearest(
            _graph(edges, categories, params)["adjacency"], categories, params.neighbours
        )
    edges = SOURCES[relation](asked).edges
    return _alone(edges, categories, params)


def _alone(edges: pl.DataFrame, categories: Categories, params: CategoryGraph) -> np.ndarray:
    alone = matrix(edges, categories.names, sign=POSITIVE, merge="max", sources=1)
    return nearest(alone, categories, params.neighbours)


def _graph(
    edges: pl.DataFrame, categories: Categories, params: CategoryGraph
) -> dict[str, np.ndarray]:
    names = categories.names
    adjacency = matrix(edges, names, sign=POSITIVE, merge=params.merge, sources=len(params.sources))
    if params.exclusion is not None:  # few sources know any: the strongest counts
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
        lists[f"neighbours.{source}"] = _alone(edges, categories, params)
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
