"""Part of the section "Category graph": what every source says of one category, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from pipeline_lib.artifacts.category_graph import GRAPH_FILE
from pipeline_lib.artifacts.knowledge import GRAPH


@dataclass(frozen=True)
class Neighbour:
    """A category that informs another."""

    name: str
    merged: float  # its strength in the graph that methods train on, 0 to 1
    strengths: dict[str, float]  # by source, of those that have it among their strongest
    why: list[tuple[str, str, str]]  # source, relation, and explanation, "" where it gives none


@dataclass(frozen=True)
class Compared:
    """One category, and its neighbours by all sources: the strongest in the merged graph first."""

    name: str
    seen: bool
    neighbours: list[Neighbour]


def compared(
    folder: Path, top: pl.DataFrame, shown: pl.DataFrame, names: Sequence[str]
) -> list[Compared]:
    """Put the sources side by side, for each of the categories that are shown.

    Args:
        folder: of the graph.
        top: the strongest positive edges of each category and source.
        shown: rows of the table of categories.
        names: of all categories, in index order.
    """
    with GRAPH.opened(folder / GRAPH_FILE) as (file, _):
        adjacency = file.get_slice("adjacency")  # of many categories it is large
        place = {name: i for i, name in enumerate(names)}
        return [
            Compared(
                name, seen, _neighbours(top.filter(target=name), adjacency[place[name]], place)
            )
            for name, seen in shown["name", "seen"].iter_rows()
        ]


def _neighbours(own: pl.DataFrame, merged: np.ndarray, place: dict[str, int]) -> list[Neighbour]:
    found = [
        Neighbour(
            str(name),
            float(merged[place[str(name)]]),
            dict(rows["provenance", "strength"].iter_rows()),
            list(rows["provenance", "relation", "explanation"].iter_rows()),
        )
        for (name,), rows in own.group_by("source", maintain_order=True)
    ]
    return sorted(found, key=lambda n: (-n.merged, -max(n.strengths.values()), n.name))
