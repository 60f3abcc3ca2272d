"""Present samples to categories that grow in number: the step between arrays and the estimator."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from pipeline_lib.clustering.fuzzy_art.arrays import Categories, categories, enlarged, padded, tiles
from pipeline_lib.clustering.fuzzy_art.box_distance import POINTS
from pipeline_lib.clustering.fuzzy_art.run import Rule, run_threads

ROOM = 256  # categories that fit at first; the room doubles
SLAB = 1 << 16  # samples after which a run may be interrupted


@dataclass
class Memory:
    """The categories of one problem."""

    arrays: Categories
    known: int

    @classmethod
    def of(cls, weights: np.ndarray, rhos: np.ndarray, room: int) -> Self:
        """Return a copy of the categories of ``weights`` (categories, 2m), with room for more."""
        known, width = weights.shape
        arrays = categories(max(room, known), width // 2)
        arrays.weights[:known] = weights
        arrays.rhos[:known] = rhos
        _measure(known, arrays)
        return cls(arrays, known)

    @property
    def weights(self) -> np.ndarray:
        """Weights of the known categories (known, 2m)."""
        return self.arrays.weights[: self.known]

    @property
    def rhos(self) -> np.ndarray:
        """Vigilance of the known categories (known,)."""
        return self.arrays.rhos[: self.known]

    def grow(self, samples: int) -> None:
        """Make more room; so many samples are still to come."""
        more = min(max(ROOM, self.known), max(POINTS, samples))
        self.arrays = enlarged(self.arrays, self.known, self.known + more)


def _measure(known: int, c: Categories) -> None:
    """Compute what follows from the weights, as ``art_replay.found`` does for one category."""
    m = c.weights.shape[1] // 2
    for first in range(0, known, ROOM):
        rows = slice(first, min(first + ROOM, known))
        c.sizes[rows] = c.weights[rows].sum(1)
        whole = (255 * c.weights[rows]).astype(np.uint8)
        c.boxes[2 * rows.start : 2 * rows.stop : 2, :m] = whole[:, :m]
        c.boxes[2 * rows.start + 1 : 2 * rows.stop : 2, :m] = 255 - whole[:, m:]
    c.box_sizes[:known] = c.sizes[:known]


def present(
    X: np.ndarray,
    order: np.ndarray,
    low: np.ndarray,
    span: np.ndarray,
    memory: Memory,
    rule: Rule,
    threads: int,
) -> np.ndarray:
    """Present the rows ``order`` of X, and return their categories, int64, in that order.

    Args:
        X: features (samples, m), float32 or float64, contiguous.
        order: int64, rows of X.
        low: float64 (m,), what becomes 0.
        span: float64 (m,), the width that becomes 1.
        memory: the categories; learns, unless ``rule`` says otherwise.
        rule: the numbers; a tile is never larger than the number of samples.
        threads: 1 or more.
    """
    labels = np.empty(len(order), np.int64)
    rule = rule._replace(tile=min(rule.tile, padded(len(order), POINTS)))
    if len(order) <= rule.tile:
        threads = 1
    done, buffers = 0, None
    while done < len(order):
        if rule.learns and memory.known == len(memory.arrays.weights):
            memory.grow(len(order) - done)
            buffers = None
        if buffers is None:
            buffers = tiles(rule.tile, X.shape[1], len(memory.arrays.weights))
        stop = min(len(order), done + SLAB)
        done, memory.known = run_threads(
            X, order, done, stop, labels, low, span, rule, memory.known, threads,
            memory.arrays, buffers,
        )  # fmt: skip
    return labels
