"""Section "Category graph": which categories inform which, and how the sources differ."""

from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl

from pipeline_lib.artifacts.category_graph import EDGES, EDGES_FILE
from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.labelled import CategoryTable
from pipeline_lib.reporting.figures.network import Network, network
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.section import Section
from pipeline_lib.reporting.sections.around import Around, around
from pipeline_lib.reporting.sections.side_by_side import Compared, compared
from pipeline_lib.targets import Target

NODES = 40  # of a drawing: the commonest categories, and the unseen ones before them
LINKS = 2  # drawn into each category
NEIGHBOURS = 6  # of a category and source in that table
COMPARED = 5  # nearest neighbours whose overlap is the agreement of two sources


@dataclass(frozen=True)
class SourceFacts:
    """One source of knowledge."""

    name: str
    colour: int
    edges: int
    negative: int
    strength: float  # mean, of its positive edges
    drawing: Network


@dataclass(frozen=True)
class Agreement:
    """How alike two sources are."""

    first: str
    second: str
    overlap: float  # mean Jaccard index of the nearest neighbours


@dataclass(frozen=True)
class CategoryGraph:
    """The section of one target."""

    target: Target
    facts: dict[str, float]
    sources: list[SourceFacts]
    agreements: list[Agreement]
    left_out: int  # categories that are not drawn
    around: Around | None  # one of them; None where no source says anything
    compared: list[Compared]  # the categories that are drawn


def category_graph(folder: Path, target: Target, table: CategoryTable) -> CategoryGraph | None:
    """Describe the graph of a target, if there is one."""
    if not (folder / EDGES_FILE).exists():
        return None
    edges = EDGES.read(folder / EDGES_FILE)
    rows = table.predicted(target)
    names = edges["provenance"].unique().sort().to_list()
    positive = edges.filter(sign=1)
    top = _top(positive, NEIGHBOURS)
    shown = rows.sort("seen", "train_count", "name", descending=[False, True, False]).head(NODES)
    return CategoryGraph(
        target=target,
        facts=read_json(folder / "metrics.json"),
        sources=[_source(edges.filter(provenance=n), n, i, shown) for i, n in enumerate(names)],
        agreements=[_agreement(edges, a, b) for a, b in combinations(names, 2)],
        left_out=len(rows) - len(shown),
        around=around(positive, top, shown, names),
        compared=compared(folder, top, shown, rows["name"].to_list()),
    )


def _source(edges: pl.DataFrame, name: str, colour: int, shown: pl.DataFrame) -> SourceFacts:
    positive = edges.filter(sign=1)["strength"].to_numpy()
    mean = float(positive.mean()) if len(positive) else 0.0
    drawing = _drawing(edges, shown)
    return SourceFacts(name, colour, len(positive), len(edges) - len(positive), mean, drawing)


def _agreement(edges: pl.DataFrame, first: str, second: str) -> Agreement:
    """Average over the categories that either source says anything about."""
    one, other = (_nearest(edges, name, COMPARED) for name in (first, second))
    shares = [
        len(one.get(t, set()) & other.get(t, set())) / len(one.get(t, set()) | other.get(t, set()))
        for t in sorted({*one, *other})
    ]
    return Agreement(first, second, float(np.mean(shares)) if shares else 0.0)


def _nearest(edges: pl.DataFrame, provenance: str, most: int) -> dict[str, set[str]]:
    top = _top(edges.filter(provenance=provenance, sign=1), most)
    return {str(target): set(part["source"]) for (target,), part in top.group_by("target")}


def _top(edges: pl.DataFrame, most: int) -> pl.DataFrame:
    """Return the strongest edges of each category, source of knowledge and sign."""
    key = ["target", "provenance", "sign"]
    ordered = edges.sort(*key, "strength", "source", descending=[False, False, True, True, False])
    return ordered.group_by(key, maintain_order=True).head(most)


def _drawing(edges: pl.DataFrame, shown: pl.DataFrame) -> Network:
    """Draw the strongest edges of one source between the shown categories."""
    place = {name: i for i, name in enumerate(shown["name"])}
    inside = edges.filter(pl.col("target").is_in(list(place)), pl.col("source").is_in(list(place)))
    links = [
        (
            place[row["target"]],
            place[row["source"]],
            row["strength"],
            row["sign"] < 0,
            f"{row['source']} → {row['target']}: {row['relation']}, {row['strength']:.2f}",
        )
        for row in _top(inside, LINKS).iter_rows(named=True)
    ]
    return network(shown["name"].to_list(), shown["seen"].to_list(), links)


def _build(material: Material, target: Target) -> CategoryGraph | None:
    return category_graph(material.at("category_graph", target), target, material.collection)


SECTION = Section(
    "graph", "Category graph", 100, _build, per="target", reads=("category_graph",), named=True
)
