"""Replay a scanned tile one sample at a time: exact winners, learning, new categories."""

import numpy as np
from numba import njit

from pipeline_lib.clustering.art_arrays import BLOCK, Categories, Tiles
from pipeline_lib.clustering.art_exact import consider, learn, size_of
from pipeline_lib.clustering.art_kernels import NONE
from pipeline_lib.clustering.art_scan import HUGE, round_box
from pipeline_lib.clustering.box_distance import distance


@njit(nogil=True)
def decide(
    p: int, k: int, known: int, alpha: float, last_wins: bool, near: float, c: Categories, t: Tiles
) -> int:
    """Return the winner of sample k of the tile of parity p, or NONE."""
    best, winner, exact = -1.0, NONE, -1.0
    x, bounds, tops, grown = t.x[p, k], t.bounds[p, k], t.tops[p, k], t.grown[p]
    seen = t.known[p]
    blocks = (seen + BLOCK - 1) // BLOCK
    first, top = 0, np.float32(0)
    for b in range(blocks):
        if tops[b] * grown[b] > top:
            first, top = b, tops[b] * grown[b]
    if top > 0:  # the block that promises most comes first, and in it the category that does
        tried, promise = NONE, np.float32(0)
        for j in range(first * BLOCK, min(seen, first * BLOCK + BLOCK)):
            if bounds[j] >= t.floors[p, j] and bounds[j] * t.inverses[p, j] > promise:
                tried, promise = j, bounds[j] * t.inverses[p, j]
        if tried != NONE:
            best, winner, exact = consider(
                tried, x, c.weights, c.sizes, c.totals, c.rhos[tried], alpha, last_wins, near,
                best, winner, exact,
            )  # fmt: skip
        for b in range(blocks):
            if tops[b] < 0 or tops[b] * grown[b] < best - near:
                continue
            for j in range(b * BLOCK, min(seen, b * BLOCK + BLOCK)):
                if j == tried or bounds[j] < t.floors[p, j]:
                    continue
                if bounds[j] < (best - near) * (alpha + c.sizes[j]):
                    continue
                best, winner, exact = consider(
                    j, x, c.weights, c.sizes, c.totals, c.rhos[j], alpha, last_wins, near,
                    best, winner, exact,
                )  # fmt: skip
    m = len(x)
    for j in range(seen, known):  # founded since the snapshot
        both = c.box_sizes[j] - distance(t.points[p], c.boxes, k, j) / 255 + t.errors[p, k]
        if both < c.rhos[j] * m or both < (best - near) * (alpha + c.sizes[j]):
            continue
        best, winner, exact = consider(
            j, x, c.weights, c.sizes, c.totals, c.rhos[j], alpha, last_wins, near,
            best, winner, exact,
        )  # fmt: skip
    return winner


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
def join(x: np.ndarray, j: int, alpha: float, beta: float, c: Categories, t: Tiles) -> None:
    """Let category j learn a sample, and widen the bounds of both tiles' scans accordingly."""
    learn(x, c.weights[j], beta)
    resize(j, c)
    size = alpha + c.sizes[j]
    for p in range(2):
        if j < t.known[p]:
            growth = HUGE if size < 1e-30 else np.float32((1 + 4e-6) / (t.inverses[p, j] * size))
            t.grown[p, j // BLOCK] = max(t.grown[p, j // BLOCK], growth)


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
            join(x, winner, alpha, beta, c, t)
            if t.seen[winner] != start:
                t.seen[winner] = start
                t.touched[touched] = winner
                touched += 1
        labels[start + k] = winner
    return samples, known, touched
