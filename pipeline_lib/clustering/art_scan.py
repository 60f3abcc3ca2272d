"""Scan a tile of samples against a snapshot of all categories: upper bounds of match and choice.

|I ∧ w| = |w| − d(x, box of w), d in L1. With boxes rounded outwards to whole 255ths and x rounded
to the point q, d(x, box) ≥ d(q, rounded box) / 255 − d(x, q). Weights only shrink, so the bound of
|I ∧ w| that this gives holds for every later state of the category too.
"""

import numpy as np
from numba import njit

from pipeline_lib.clustering.art_arrays import BLOCK, Categories, Tiles
from pipeline_lib.clustering.box_distance import fill

# Of m, what all sums in float32 and all roundings of one bound may lose: each loses at most 2⁻²⁴,
# and there are six.
LOST = 2e-6
NEVER = 1 << 30  # as a limit: no distance exceeds it
HUGE = np.float32(1e30)  # as a bound of a choice of which the denominator is 0
_ANY_ORDER = {"reassoc", "nsz", "nnan"}


@njit(nogil=True)
def prepare(
    X: np.ndarray, i: int, low: np.ndarray, width: np.ndarray, x: np.ndarray, point: np.ndarray
) -> float:
    """Scale sample i to 0…1, with the bits of ``Scaler.apply``, and round it to whole 255ths.

    Returns:
        The L1 distance between the two.
    """
    for d in range(len(x)):
        scaled = (X[i, d] - low[d]) / (width[d] if width[d] > 0 else 1.0)
        scaled = 0.0 if scaled < 0 or width[d] <= 0 else scaled
        x[d] = 1.0 if scaled > 1 else scaled
    for d in range(len(x)):
        point[d] = np.uint8(np.int32(255 * x[d] + 0.5))
    return _rounding(x, point)


@njit(nogil=True, fastmath=_ANY_ORDER)
def _rounding(x: np.ndarray, point: np.ndarray) -> float:
    lost = 0.0
    for d in range(len(x)):
        lost += abs(255 * x[d] - np.float64(np.int32(point[d])))
    return lost / 255


@njit(nogil=True)
def round_box(j: int, c: Categories) -> None:
    """Round the box of category j outwards."""
    m = c.weights.shape[1] // 2
    w, low, high = c.weights[j], c.boxes[2 * j], c.boxes[2 * j + 1]
    for d in range(m):
        low[d] = np.uint8(np.int32(255 * w[d]))
    for d in range(m):
        high[d] = np.uint8(255 - np.int32(255 * w[m + d]))
    c.box_sizes[j] = c.sizes[j]


@njit(nogil=True)
def snapshot(
    p: int, known: int, alpha: float, gate: bool, half: int, c: Categories, t: Tiles
) -> None:
    """Write what the scan of the tile of parity p may know.

    With ``gate``, a category whose vigilance a sample fails now cannot win it later either.
    """
    m = c.weights.shape[1] // 2
    for j in range(known):
        t.box_sizes[p, j] = c.box_sizes[j]
        size = alpha + c.sizes[j]
        t.inverses[p, j] = (1 + 1e-6) / size if size > 1e-30 else HUGE
        floor = c.rhos[j] * m if gate else -1.0
        t.floors[p, j] = min(floor, 2.0 * m)
        t.limits[p, j] = np.int32((c.box_sizes[j] - floor) * 255 + 2) if gate else NEVER
    for j in range(known, (known + BLOCK) // BLOCK * BLOCK):
        t.floors[p, j] = 4.0 * m
        t.limits[p, j] = -NEVER
        t.box_sizes[p, j] = 0
        t.inverses[p, j] = 1
    t.grown[p] = 1
    t.known[p] = known
    t.halves[p] = half if gate else 0


@njit(nogil=True)
def scan(
    X: np.ndarray, order: np.ndarray, start: int, first: int, last: int, p: int, low: np.ndarray,
    span: np.ndarray, width: int, c: Categories, t: Tiles,
) -> int:  # fmt: skip
    """Prepare samples ``first`` to ``last`` of the tile that starts at ``start``; bound them.

    Returns:
        How many distances were given up half-way.
    """
    m = t.x.shape[2]
    for k in range(first, last):
        lost = prepare(X, order[start + k], low, span, t.x[p, k], t.points[p, k])
        t.errors[p, k] = lost + LOST * m
        t.slack[p, k] = np.int32(lost * 255 + LOST * m * 255 + 2)
    for k in range(last, (last + 3) // 4 * 4):
        t.slack[p, k] = -NEVER
    known = t.known[p]
    stopped = fill(
        t.points[p], c.boxes, t.table, t.slack[p], t.limits[p], first, last, known, t.halves[p],
        width,
    )  # fmt: skip
    for k in range(first, last):
        bound(
            known, t.errors[p, k], t.table[k], t.box_sizes[p], t.inverses[p], t.floors[p],
            t.bounds[p, k], t.tops[p, k],
        )  # fmt: skip
    return stopped


@njit(nogil=True, fastmath=_ANY_ORDER)
def bound(
    known: int, error: np.float32, distances: np.ndarray, sizes: np.ndarray, inverses: np.ndarray,
    floors: np.ndarray, bounds: np.ndarray, tops: np.ndarray,
) -> None:  # fmt: skip
    """Turn one sample's distances into bounds of |I ∧ w|, and of the choice per block."""
    unit, none = np.float32(1 / 255), np.float32(-1)
    for b in range((known + BLOCK - 1) // BLOCK):
        top = none
        for j in range(b * BLOCK, b * BLOCK + BLOCK):
            both = sizes[j] - np.float32(distances[j]) * unit + error
            bounds[j] = both
            top = max(top, both * inverses[j] if both >= floors[j] else none)
        tops[b] = top
