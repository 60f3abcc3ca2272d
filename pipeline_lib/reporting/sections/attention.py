"""Part of the section "Open vocabulary": what unseen labels hear from seen ones (C2SRT, Fig. 7)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from pipeline_lib.artifacts.category_graph import NEIGHBOURS_FILE
from pipeline_lib.artifacts.knowledge import NEIGHBOURS, read_knowledge
from pipeline_lib.errors import InputError
from pipeline_lib.reporting.collection import Collection
from pipeline_lib.reporting.shown import Shown

SOURCES = 5  # seen labels that an unseen one hears most
DEEPEST = 4  # times an even share of attention: the deepest colour


@dataclass(frozen=True)
class Heard:
    """What one unseen label takes from itself and from seen ones."""

    name: str
    itself: float
    sources: list[tuple[str, float, int]]  # name, weight, percent of the deepest colour


def heard(
    shown: Shown, unseen: np.ndarray, tags: pl.DataFrame, lists: np.ndarray | None
) -> list[Heard] | None:
    """Return the seen labels that some unseen ones hear most, with the weights of attention.

    Args:
        shown: what a run kept.
        unseen: the labels that hear.
        tags: rows of the table of categories, in index order.
        lists: the labels (labels, most) that each hears, -1 where there are fewer; None: all.
    """
    if shown.attention is None:
        return None
    return [
        _heard(label, _weights(shown.attention[label], lists, label), tags)
        for label in unseen.tolist()
    ]


def _heard(label: int, weights: dict[int, float], tags: pl.DataFrame) -> Heard:
    deepest = DEEPEST / len(weights)
    seen = [(other, weight) for other, weight in weights.items() if tags["seen"][other]]
    most = sorted(seen, key=lambda pair: (-pair[1], pair[0]))[:SOURCES]
    return Heard(
        tags["name"][label],
        weights[label],
        [(tags["name"][o], weight, min(100, round(100 * weight / deepest))) for o, weight in most],
    )


def _weights(row: np.ndarray, lists: np.ndarray | None, label: int) -> dict[int, float]:
    """Return the weight of every label that one hears, itself among them."""
    if lists is None:
        return {other: float(weight) for other, weight in enumerate(row)}
    others = lists[label, : len(row) - 1].tolist()
    heard_of = {other: w for other, w in zip(others, row[1:].tolist(), strict=True) if other >= 0}
    return {label: float(row[0]), **heard_of}


def informing(shown: Shown, collection: Collection, graph: Path) -> np.ndarray | None:
    """Return the labels (labels, most) that each hears in a run; None: all of them, or none.

    Raises:
        InputError: the category graph is missing, or is not the one that the run read.
    """
    transfer = shown.run.header["settings"].get("ist")  # or "none"
    relation = transfer["relation"] if isinstance(transfer, dict) else None
    if relation is None or shown.attention is None:
        return None
    path = graph / NEIGHBOURS_FILE
    name = "neighbours" if relation == "merged" else f"neighbours.{relation}"
    lists = read_knowledge(NEIGHBOURS, path, collection.ids_of(collection.train)).get(
        name, np.empty((0, 0), np.int32)
    )
    labels, sources = shown.attention.shape
    if len(lists) != labels or lists.shape[1] < sources - 1:
        raise InputError(
            f"{path}: '{name}' is of {len(lists)} labels with {lists.shape[1]} neighbours, "
            f"expected {labels} with the {sources - 1} that run '{shown.run.name}' heard; re-run "
            "`dvc repro`"
        )
    return lists
