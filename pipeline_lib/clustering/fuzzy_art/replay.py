"""Replay a scanned tile one sample at a time: exact winners, learning, new categories."""

import numpy as np
from numba import njit

from pipeline_lib.clustering.fuzzy_art.arrays import BLOCK, Categories, Tiles
from pipeline_lib.clustering.fuzzy_art.box_distance import distance
from pipeline_lib.clustering.fuzzy_art.exact import consider, learn, size_of
from pipeline_lib.clustering.fuzzy_art.kernels import NONE
from pipeline_lib.clustering.fuzzy_art.scan import round_box


@njit(nogil=True)
def decide(
    p: int, k: int, known: int, alpha: float, last_wins: bool, near: float, c: Categories, t: Tiles
) -> int:
    """Return the winner of sample k of the tile of parity p, or NONE."""
    return compete(
        t.x[p, k], k, t.points[p], t.errors[p, k], t.bounds[p, k], t.tops[p, k], t.floors[p],
        t.inverses[p], t.marked[p], t.changed[p], t.changes[p], t.known[p], t.parts[p] > 0, known,
        alpha, last_wins, near, c.weights, c.sizes, c.totals, c.rhos, c.boxes, c.box_sizes,
    )  # fmt: skip


# Arrays are passed one by one: taking one out of a tuple counts a reference, which in a loop over
# categories costs more than the loop.
@njit(nogil=True)
def compete(
    x: np.ndarray, k: int, points: np.ndarray, error: float, bounds: np.ndarray, tops: np.ndarray,
    floors: np.ndarray, inverses: np.ndarray, marked: np.ndarray, changed: np.ndarray,
    changes: int, seen: int, partial: bool, known: int, alpha: float, last_wins: bool, near: float,
    weights: np.ndarray, sizes: np.ndarray, totals: np.ndarray, rhos: np.ndarray,
    boxes: np.ndarray, box_sizes: np.ndarray,
) -> int:  # fmt: skip
    """``decide``: bounds first, then the categories that they leave."""
    best, winner, exact = -1.0, NONE, -1.0
    blocks = (seen + BLOCK - 1) // BLOCK
    tried = promising(seen, blocks, bounds, tops, floors, inverses)
    if tried != NONE:
        best, winner, exact = consider(
            tried, x, weights, sizes, totals, rhos[tried], alpha, last_wins, near,
            best, winner, exact,
        )  # fmt: skip
        for b in range(blocks):
            if tops[b] < 0 or tops[b] < best - near:
                continue
            for j in range(b * BLOCK, min(seen, b * BLOCK + BLOCK)):
                if bounds[j] < floors[j] or bounds[j] < (best - near) * (alpha + sizes[j]):
                    continue
                if j == tried or marked[j]:
                    continue
                best, winner, exact = weigh(
                    x, k, j, partial, points, error, alpha, last_wins, near, best, winner, exact,
                    weights, sizes, totals, rhos, boxes, box_sizes,
                )  # fmt: skip
        for n in range(changes):  # smaller since the snapshot, so that their choice may grow
            j = changed[n]
            if bounds[j] < floors[j] or bounds[j] < (best - near) * (alpha + sizes[j]):
                continue
            if j != tried:
                best, winner, exact = weigh(
                    x, k, j, partial, points, error, alpha, last_wins, near, best, winner, exact,
                    weights, sizes, totals, rhos, boxes, box_sizes,
                )  # fmt: skip
    for j in range(seen, known):  # founded since the snapshot
        best, winner, exact = weigh(
            x, k, j, True, points, error, alpha, last_wins, near, best, winner, exact,
            weights, sizes, totals, rhos, boxes, box_sizes,
        )  # fmt: skip
    return winner


@njit(nogil=True)
def promising(
    seen: int, blocks: int, bounds: np.ndarray, tops: np.ndarray, floors: np.ndarray,
    inverses: np.ndarray,
) -> int:  # fmt: skip
    """Return the category of the largest bound of the choice in the snapshot, or NONE."""
    first, top = 0, np.float32(0)
    for b in range(blocks):
        if tops[b] > top:
            first, top = b, tops[b]
    found_, promise = NONE, np.float32(0)
    if top > 0:
        for j in range(first * BLOCK, min(seen, first * BLOCK + BLOCK)):
            if bounds[j] >= floors[j] and bounds[j] * inverses[j] > promise:
                found_, promise = j, bounds[j] * inverses[j]
    return found_


@njit(nogil=True)
def weigh(
    x: np.ndarray, k: int, j: int, partial: bool, points: np.ndarray, error: float, alpha: float,
    last_wins: bool, near: float, best: float, winner: int, exact: float, weights: np.ndarray,
    sizes: np.ndarray, totals: np.ndarray, rhos: np.ndarray, boxes: np.ndarray,
    box_sizes: np.ndarray,
) -> tuple[float, int, float]:  # fmt: skip
    """Let category j compete, unless its bound over all dimensions excludes it.

    With ``partial`` the scan did not see all of them. Returns what ``art_exact.consider`` does.
    """
    if partial:
        bound = box_sizes[j] - distance(points, boxes, k, j) / 255 + error
        if bound < rhos[j] * len(x) or bound < (best - near) * (alpha + sizes[j]):
            return best, winner, exact
    return consider(
        j, x, weights, sizes, totals, rhos[j], alpha, last_wins, near, best, winner, exact
    )


@njit(nogil=True)
def found(x: np.ndarray, j: int, rho: float, c: Categories) -> None:
    """Make category j of one sample."""
    m = len(x)
    w = c.weights[j]
    for d in range(m):
        w[d] = x[d]
        w[m + d] = 1 - x[d]
    c.rhos[j] = rho
    resize(j, c)
    round_box(j, c)


@njit(nogil=True)
def resize(j: int, c: Categories) -> None:
    """Note |w| of category j after it changed."""
    c.sizes[j] = size_of(c.weights[j])
    c.totals[j] = -1


@njit(nogil=True)
def join(x: np.ndarray, j: int, beta: float, c: Categories, t: Tiles) -> None:
    """Let category j learn a sample, and note for both tiles that it changed."""
    learn(x, c.weights[j], beta)
    resize(j, c)
    for p in range(2):
        if j < t.known[p] and not t.marked[p, j]:
            t.marked[p, j] = True
            t.changed[p, t.changes[p]] = j
            t.changes[p] += 1


@njit(nogil=True)
def touch(j: int, start: int, touched: int, t: Tiles) -> int:
    """List category j in ``t.touched``, once in a tile; return how many are listed."""
    if t.seen[j] != start:
        t.seen[j] = start
        t.touched[touched] = j
        touched += 1
    return touched


@njit(nogil=True)
def replay(
    p: int, start: int, samples: int, known: int, labels: np.ndarray, rho: float, alpha: float,
    beta: float, last_wins: bool, near: float, c: Categories, t: Tiles,
) -> tuple[int, int, int]:  # fmt: skip
    """Present the samples of a tile in order.

    Returns:
        How many were presented, before the room for categories ended; the number of categories; and
        how many were touched, which ``t.touched`` lists.
    """
    touched = 0
    for k in range(samples):
        x = t.x[p, k]
        winner = decide(p, k, known, alpha, last_wins, near, c, t)
        if winner == NONE:
            if known == len(c.weights):
                return k, known, touched
            winner = known
            found(x, winner, rho, c)
            known += 1
        else:
            join(x, winner, beta, c, t)
            touched = touch(winner, start, touched, t)
        labels[start + k] = winner
    return samples, known, touched
