"""Images that carry two categories of which the category graph says that they exclude another."""

import numpy as np
import polars as pl

from pipeline_lib.artifacts.labelled import Labelled
from pipeline_lib.artifacts.quality import CONTRADICTIONS
from pipeline_lib.errors import InputError
from pipeline_lib.targets import TARGETS, Target


def contradictions(table: Labelled, edges: pl.DataFrame, *, at_least: float) -> pl.DataFrame:
    """Return the images whose labels contradict an edge, as CONTRADICTIONS.

    Args:
        table: the images.
        edges: of a category graph, as EDGES; sign -1 excludes.
        at_least: the strength from which on an edge is believed.

    Raises:
        InputError: the edges are between other categories.
    """
    target = _target(table, edges)
    place = {name: index for index, name in enumerate(table.names(target))}
    carried = table.targets(target)
    rows = []
    for edge in believed(edges, at_least).iter_rows(named=True):
        both = carried[:, place[edge["first"]]] & carried[:, place[edge["second"]]]
        for row in np.flatnonzero(both).tolist():
            one = {
                "sample_id": table.samples["sample_id"][row],
                "split": table.samples["split"][row],
            }
            rows.append(edge | one)
    return pl.DataFrame(rows, schema=CONTRADICTIONS.dtypes)


def believed(edges: pl.DataFrame, at_least: float) -> pl.DataFrame:
    """Return the pairs that exclude each other, each once, described by its strongest edge."""
    ends = pl.concat_list("target", "source").list.sort()
    return (
        edges.filter((pl.col("sign") < 0) & (pl.col("strength") >= at_least))
        .with_columns(first=ends.list.first(), second=ends.list.last())
        .sort("strength", "provenance", "target", descending=[True, False, False])
        .unique(["first", "second"], keep="first", maintain_order=True)
        .select("first", "second", "strength", "provenance", "explanation")
    )


def _target(table: Labelled, edges: pl.DataFrame) -> Target:
    """Return what the edges are between."""
    named = {*edges["target"], *edges["source"]}
    for target in reversed(TARGETS):
        if named <= set(table.names(target)):
            return target
    strange = min(named - set(table.tag_names) - set(table.class_names), default="")
    raise InputError(
        f"quality.graph: its category '{strange}' is none of the {len(table.tag_names)} tags and "
        f"{len(table.class_names)} classes, expected a graph of this data set; re-run `dvc repro "
        "category_graph`"
    )
