"""Scan a tile of samples against a snapshot of all categories: upper bounds of match and choice.

|I ∧ w| = |w| − d(x, box of w), d in L1. With boxes rounded outwards to whole 255ths and x rounded
to the point q, d(x, box) ≥ d(q, rounded box) / 255 − d(x, q). Weights only shrink, so the bound of
|I ∧ w| that this gives holds for every later state of the category too.
"""

import numpy as np
from numba import njit

from pipeline_lib.clustering.fuzzy_art.arrays import BLOCK, Categories, Tiles
from pipeline_lib.clustering.fuzzy_art.box_distance import POINTS, complete, distance, fill

# Of m, what all sums in float32 and all roundings of one bound may lose: each loses at most 2⁻²⁴,
# and there are six.
LOST = 2e-6
NEVER = 1 << 30  # as a limit: no distance exceeds it
MOST = float(NEVER)
NONE_LEFT = NEVER << 32
TRIES = 4  # categories to guess the winner among
HUGE = np.float32(1e30)  # 1 / |w| where |w| is 0
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
    p: int, known: int, alpha: float, gate: bool, part: int, c: Categories, t: Tiles
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
    for n in range(t.changes[p]):
        t.marked[p, t.changed[p, n]] = False
    t.changes[p] = 0
    t.known[p] = known
    t.parts[p] = part


@njit(nogil=True)
def scan(
    X: np.ndarray, order: np.ndarray, start: int, first: int, last: int, p: int, low: np.ndarray,
    span: np.ndarray, width: int, c: Categories, t: Tiles,
) -> int:  # fmt: skip
    """Prepare samples ``first`` to ``last`` of the tile that starts at ``start``; bound them.

    Returns:
        How many distances were given up.
    """
    m = t.x.shape[2]
    for k in range(first, last):
        lost = prepare(X, order[start + k], low, span, t.x[p, k], t.points[p, k])
        t.errors[p, k] = lost + LOST * m
        t.slack[p, k] = np.int32(lost * 255 + LOST * m * 255 + 2)
    for k in range(last, (last + POINTS - 1) // POINTS * POINTS):
        t.slack[p, k] = -NEVER  # rows that only fill a block
    known, part, size = t.known[p], t.parts[p], t.points.shape[2]
    left = 0
    if part == 0 or known == 0:
        fill(t.points[p], c.boxes, t.table, first, last, known, 0, size, width)
    else:
        fill(t.points[p], c.boxes, t.table, first, last, known, 0, part, width)
        for k in range(first, last):
            t.caps[k] = cap(p, k, known, c, t)
        left = complete(
            t.points[p], c.boxes, t.table, first, last, known, part, width, t.slack[p], t.caps,
            t.limits[p],
        )  # fmt: skip
    for k in range(first, last):
        bound(
            known, t.errors[p, k], t.table[k], t.box_sizes[p], t.inverses[p], t.floors[p],
            t.bounds[p, k], t.choices[k], t.tops[p, k],
        )  # fmt: skip
    return left


@njit(nogil=True)
def cap(p: int, k: int, known: int, c: Categories, t: Tiles) -> int:
    """Guess the distance beyond which a category cannot win sample k of the tile of parity p.

    The category that is nearest in the first bytes likely wins, if it surely passes vigilance; one
    that is farther than a box of full size may be for the same choice does not matter. A wrong
    guess costs time, nothing else.
    """
    m = t.x.shape[2]
    share = (m + t.parts[p] - 1) // t.parts[p]
    tried = -1
    for _ in range(TRIES):
        tried = _next(t.table[k], t.limits[p], share, known, tried)
        if tried >= NONE_LEFT:
            break
        j = tried & 0xFFFFFFFF
        away = distance(t.points[p], c.boxes, k, j)
        both = t.box_sizes[p, j] - away / 255 - 2 * t.errors[p, k]
        if both >= t.floors[p, j]:
            return int(min((1 - both * t.inverses[p, j]) * m * 255 + t.slack[p, k], MOST))
    return NEVER


@njit(nogil=True)
def _next(distances: np.ndarray, limits: np.ndarray, share: int, known: int, last: int) -> int:
    """Return the least distance << 32 | its place beyond ``last``.

    Only of categories of which the limit is not exceeded if the other dimensions are like these.
    """
    least = NONE_LEFT
    for j in range(known):
        key = (int(distances[j]) << 32) + j
        likely = key > last and int(distances[j]) * share <= int(limits[j])
        least = min(least, key if likely else NONE_LEFT)
    return least


@njit(nogil=True)
def sharpened(p: int, k: int, j: int, c: Categories, t: Tiles) -> float:
    """Return the bound of |I ∧ w| that category j has now, over all dimensions."""
    away: float = distance(t.points[p], c.boxes, k, j) / 255
    return float(c.box_sizes[j] - away + t.errors[p, k])


@njit(nogil=True, fastmath=_ANY_ORDER)
def bound(
    known: int, error: np.float32, distances: np.ndarray, sizes: np.ndarray, inverses: np.ndarray,
    floors: np.ndarray, bounds: np.ndarray, choices: np.ndarray, tops: np.ndarray,
) -> None:  # fmt: skip
    """Turn one sample's distances into bounds of |I ∧ w|, and of the choice per block."""
    unit, none = np.float32(1 / 255), np.float32(-1)
    blocks = (known + BLOCK - 1) // BLOCK
    for j in range(blocks * BLOCK):
        both = sizes[j] - np.float32(distances[j]) * unit + error
        bounds[j] = both
        choices[j] = both * inverses[j] if both >= floors[j] else none
    for b in range(blocks):
        of_block = choices[b * BLOCK : b * BLOCK + BLOCK]
        top = none
        for j in range(BLOCK):
            top = max(top, of_block[j])
        tops[b] = top
