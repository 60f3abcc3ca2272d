"""Edges between categories: built by the sources, merged into what methods train on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from pipeline_lib.artifacts.category_graph import EDGES

POSITIVE, NEGATIVE = 1, -1
Merge = Literal["mean", "max"]


@dataclass(frozen=True)
class Categories:
    """What the sources know of the categories, in index order."""

    names: list[str]
    seen: np.ndarray  # (C,) bool; only seen categories inform others
    embeddings: np.ndarray  # (C, dims) float32, from the stage text

    @property
    def seen_names(self) -> list[str]:
        """The names of the seen categories, in index order."""
        return [self.names[place] for place in np.flatnonzero(self.seen)]

    @property
    def rank(self) -> np.ndarray:
        """The place of each name in alphabetical order, which settles ties."""
        rank = np.empty(len(self.names), np.int64)
        rank[np.argsort(np.array(self.names, object), kind="stable")] = np.arange(len(self.names))
        return rank


def edge_frame(
    names: Sequence[str],
    targets: np.ndarray,
    sources: np.ndarray,
    strengths: np.ndarray,
    *,
    provenance: str,
    relation: str | Sequence[str],
    explanation: str | Sequence[str] | pl.Series,
    values: np.ndarray | None = None,
    sign: int = POSITIVE,
) -> pl.DataFrame:
    """Return one row for every edge between indices of ``names``.

    Args:
        names: of the categories, in index order.
        targets: index of the category that is informed (edges,).
        sources: index of the category that informs it (edges,).
        strengths: 0…1 (edges,).
        provenance: the source of knowledge.
        relation: kind of relation, one for all or one for each.
        explanation: in words, one for all or one for each.
        values: in the source's own unit (edges,); the strengths where there is no other.
        sign: +1, or -1 for categories that exclude each other.
    """
    lookup = pl.Series(list(names), dtype=pl.String)
    columns = {
        "target": lookup.gather(targets),
        "source": lookup.gather(sources),
        "strength": np.asarray(strengths, np.float64),
        "value": np.asarray(strengths if values is None else values, np.float64),
    }
    texts = {"relation": relation, "explanation": explanation}
    columns |= {
        k: pl.Series(v, dtype=pl.String) for k, v in texts.items() if not isinstance(v, str)
    }
    frame = pl.DataFrame(columns).with_columns(
        provenance=pl.lit(provenance),
        sign=pl.lit(sign, pl.Int8),
        **{k: pl.lit(v) for k, v in texts.items() if isinstance(v, str)},
    )
    return frame.select(pl.col(name).cast(kind) for name, kind in EDGES.dtypes.items())


def no_edges() -> pl.DataFrame:
    """Return the empty table."""
    return pl.DataFrame(schema=EDGES.dtypes)


def matrix(
    edges: pl.DataFrame, names: Sequence[str], *, sign: int, merge: Merge, sources: int
) -> np.ndarray:
    """Merge the strengths of all sources into (C, C) float32; row i is what i receives.

    ``mean`` divides by the number of ``sources`` asked, so that a pair counts for more the more of
    them know it; ``max`` takes the strongest.
    """
    out = np.zeros((len(names), len(names)), np.float32)
    chosen = edges.filter(sign=sign)
    index = {name: place for place, name in enumerate(names)}
    for (_,), part in chosen.group_by("provenance", maintain_order=True):
        rows, columns = (
            part[end].replace_strict(index, return_dtype=pl.Int64).to_numpy()
            for end in ("target", "source")
        )
        strengths = part["strength"].to_numpy()
        if merge == "max":
            out[rows, columns] = np.maximum(out[rows, columns], strengths)
        else:
            out[rows, columns] += strengths / sources
    return out


def nearest(adjacency: np.ndarray, categories: Categories, count: int) -> np.ndarray:
    """Return the ``count`` seen categories that inform each one most.

    Ties are broken by the cosine of text embeddings, then by name (C2SRT, Sec. 4.1 leaves it open).

    Returns:
        (C, count) int32, best first, padded by -1.
    """
    unit = unit_rows(categories.embeddings)
    found = np.full((len(adjacency), count), -1, np.int32)
    rank = categories.rank
    for row, received in enumerate(adjacency):
        places = np.flatnonzero((received > 0) & categories.seen)
        cosine = unit[places] @ unit[row]
        order = np.lexsort((rank[places], -cosine, -received[places]))[:count]
        found[row, : len(order)] = places[order]
    return found


def unit_rows(vectors: np.ndarray) -> np.ndarray:
    """Scale every row to length 1; a row of zeros stays as it is."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: np.ndarray = vectors / np.where(length > 0, length, 1)
    return scaled.astype(np.float32)
