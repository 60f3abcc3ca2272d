"""What the labels of the training images say: which categories occur together, and which do not."""

import numpy as np
import polars as pl
from scipy import sparse

from pipeline_lib.knowledge.categories.edges import NEGATIVE, Categories, edge_frame

PROVENANCE = "cooccurrence"


def count(labels: pl.Series, categories: int) -> sparse.csr_array:
    """Count images by pair of categories: O_ij off the diagonal, O_i on it.

    Args:
        labels: lists of category indices, one per training image, without repeats.
        categories: how many there are.

    Returns:
        (categories, categories) int64, symmetric, sparse.
    """
    sizes = labels.list.len().fill_null(0).to_numpy()
    flat = labels.explode().drop_nulls().to_numpy()
    starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
    shape = (len(labels), categories)
    carried = sparse.csr_array((np.ones(len(flat), np.int64), flat, starts), shape)
    counts = sparse.csr_array(carried.T @ carried)
    counts.sort_indices()
    return counts


def without_unseen(counts: sparse.csr_array, seen: np.ndarray) -> sparse.csr_array:
    """Drop every count of an unseen category: its labels are for testing only."""
    keep = sparse.dia_array((seen.astype(np.int64)[None], [0]), shape=counts.shape)
    return sparse.csr_array(keep @ counts @ keep)


def conditional(counts: sparse.csr_array, categories: Categories) -> pl.DataFrame:
    """Return an edge for every pair that occurs: P(j|i) = O_ij / O_i (DLSA Eq. 1)."""
    pairs = sparse.coo_array(counts)
    apart = (pairs.row != pairs.col) & (pairs.data > 0)
    i, j, together = pairs.row[apart], pairs.col[apart], pairs.data[apart]
    own = counts.diagonal()
    share = together / own[i]
    names = pl.Series(categories.names, dtype=pl.String)
    text = pl.DataFrame(
        {"a": names.gather(i), "b": names.gather(j), "n": together, "of": own[i]}
    ).select(pl.format("{} of {} training images of {} show {}", "n", "of", "a", "b"))
    return edge_frame(
        categories.names, i, j, share,
        provenance=PROVENANCE, relation="co-occurrence", explanation=text.to_series(),
    )  # fmt: skip


def exclusive(
    counts: sparse.csr_array, images: int, categories: Categories, *, expected: float
) -> pl.DataFrame:
    """Return a negative edge for every pair that occurs together less often than chance.

    Chance is O_i O_j / images; a pair with less than ``expected`` of it is left out, because then
    too few images are no evidence. The strength is 1 - O_ij / chance: 1 for "never".
    """
    own = counts.diagonal()
    chance = np.outer(own, own) / max(images, 1)
    together = counts.toarray()
    rare = (chance >= expected) & (together < chance)
    np.fill_diagonal(rare, False)
    i, j = np.nonzero(rare)
    names = pl.Series(categories.names, dtype=pl.String)
    by_chance = np.round(chance[i, j], 1)
    text = pl.DataFrame(
        {"a": names.gather(i), "b": names.gather(j), "n": together[i, j], "c": by_chance}
    ).select(pl.format("{} training images show {} and {}, chance gives {}", "n", "a", "b", "c"))
    return edge_frame(
        categories.names, i, j, 1 - together[i, j] / chance[i, j],
        provenance=PROVENANCE, relation="exclusion", explanation=text.to_series(), sign=NEGATIVE,
    )  # fmt: skip
