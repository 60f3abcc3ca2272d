"""What names say: categories whose text embeddings are near."""

import numpy as np
import polars as pl

from pipeline_lib.knowledge.categories.edges import Categories, edge_frame, unit_rows

ROWS = 1024  # of the matrix of cosines that are in memory at once


def similar(categories: Categories, *, most: int, at_least: float) -> pl.DataFrame:
    """Return the ``most`` nearest seen categories of each one, by cosine, above ``at_least``.

    Ties are broken by name. Categories at a right angle or beyond are never neighbours.
    """
    unit, rank = unit_rows(categories.embeddings), categories.rank
    seen = np.flatnonzero(categories.seen)
    targets, sources, cosines = [], [], []
    for start in range(0, len(unit), ROWS):
        block = unit[start : start + ROWS] @ unit[seen].T
        for offset, row in enumerate(block):
            target = start + offset
            row[seen == target] = -1
            places = _top(row, rank[seen], most, at_least)
            targets.append(np.full(len(places), target))
            sources.append(seen[places])
            cosines.append(row[places])
    strengths = np.minimum(np.concatenate(cosines), 1)  # rounding may exceed 1
    return edge_frame(
        categories.names, np.concatenate(targets), np.concatenate(sources), strengths,
        provenance="similarity", relation="similarity",
        explanation="near in the space of text embeddings",
    )  # fmt: skip


def drawn(categories: Categories, *, most: int, seed: int) -> pl.DataFrame:
    """Return ``most`` seen categories for each one, by lot, with strengths by lot in (0, 1]."""
    rng = np.random.default_rng(seed)
    seen = np.flatnonzero(categories.seen)
    targets, sources = [], []
    for target in range(len(categories.names)):
        others = seen[seen != target]
        sources.append(rng.choice(others, min(most, len(others)), replace=False))
        targets.append(np.full(len(sources[-1]), target))
    count = sum(map(len, sources))
    return edge_frame(
        categories.names, np.concatenate(targets), np.concatenate(sources), 1 - rng.random(count),
        provenance="random", relation="random", explanation="drawn by lot",
    )  # fmt: skip


def _top(row: np.ndarray, rank: np.ndarray, most: int, at_least: float) -> np.ndarray:
    """Return the places of the largest values, largest first, equal ones by ``rank``."""
    floor = np.partition(row, -most)[-most] if most < len(row) else -1.0
    places = np.flatnonzero((row >= floor) & (row >= at_least) & (row > 0))
    return places[np.lexsort((rank[places], -row[places]))[:most]]
