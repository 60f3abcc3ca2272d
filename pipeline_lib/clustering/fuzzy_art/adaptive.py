"""Replay with a vigilance per category that adapts (Meng, Tan and Wunsch 2013, 2016).

P holds the categories that pass, M_j ≥ ρ_j; the winner is the largest choice T_J in P.

    AM-ART     ρ_J ← (1 + σ) ρ_J;  other j with T_j ≥ T_J, passing or not: ρ_j ← (1 − σ) ρ_j;
               P empty: all ρ_j ← (1 − σ) ρ_j
    CM-ART     j in P but the winner: ρ_j ← M_j + δ
    HI-ART     CM-ART, then AM-ART, with ρ_J from before

A vigilance is not clipped: a category of which it exceeds 1 never wins again. The order of the two
rules is that of the authors' code (Lei-Meng on GitHub, ``hi_art.py``).
"""

import numpy as np
from numba import njit

from pipeline_lib.clustering.fuzzy_art.arrays import Categories, Tiles
from pipeline_lib.clustering.fuzzy_art.exact import (
    choice_in_order,
    consider,
    overlap,
    overlap_in_order,
)
from pipeline_lib.clustering.fuzzy_art.kernels import NONE
from pipeline_lib.clustering.fuzzy_art.replay import found, join, touch
from pipeline_lib.clustering.fuzzy_art.scan import sharpened

FIXED, AM, CM, HI = range(4)


@njit(nogil=True)
def replay_adaptive(
    p: int, start: int, samples: int, known: int, labels: np.ndarray, rho: float, alpha: float,
    beta: float, sigma: float, delta: float, vigilance: int, last_wins: bool, near: float,
    c: Categories, t: Tiles,
) -> tuple[int, int, int]:  # fmt: skip
    """Present the samples of a tile in order; as ``art_replay.replay``, with adaptation."""
    touched = 0
    for k in range(samples):
        x, bounds = t.x[p, k], t.bounds[p, k]
        for j in range(t.known[p], known):  # founded since the snapshot
            bounds[j] = np.float32(sharpened(p, k, j, c, t))
        best, winner, exact = compete(p, k, known, alpha, last_wins, near, c, t)
        if winner == NONE and known == len(c.weights):
            return k, known, touched
        kept = c.rhos[winner] if winner != NONE else 0.0
        if vigilance != AM:
            raise_passing(x, bounds, known, winner, delta, near, c)
        if vigilance != CM:
            lower_rivals(p, k, known, winner, best, exact, alpha, sigma, near, c, t)
        if winner == NONE:
            winner = known
            found(x, winner, rho, c)
            known += 1
        else:
            if vigilance != CM:
                c.rhos[winner] = (1 + sigma) * kept
            join(x, winner, beta, c, t)
            touched = touch(winner, start, touched, t)
        labels[start + k] = winner
    return samples, known, touched


@njit(nogil=True)
def compete(
    p: int, k: int, known: int, alpha: float, last_wins: bool, near: float, c: Categories,
    t: Tiles,
) -> tuple[float, int, float]:  # fmt: skip
    """Return what ``art_exact.consider`` does, of all categories."""
    best, winner, exact = -1.0, NONE, -1.0
    x, bounds = t.x[p, k], t.bounds[p, k]
    for j in range(known):
        least = (best - near) * (alpha + c.sizes[j])
        if bounds[j] < c.rhos[j] * len(x) or bounds[j] < least:
            continue
        if t.parts[p] > 0:  # the scan may not have seen all of it
            bounds[j] = np.float32(sharpened(p, k, j, c, t))
            if bounds[j] < c.rhos[j] * len(x) or bounds[j] < least:
                continue
        best, winner, exact = consider(
            j, x, c.weights, c.sizes, c.totals, c.rhos[j], alpha, last_wins, near,
            best, winner, exact,
        )  # fmt: skip
    return best, winner, exact


@njit(nogil=True)
def raise_passing(
    x: np.ndarray, bounds: np.ndarray, known: int, winner: int, delta: float, near: float,
    c: Categories,
) -> None:  # fmt: skip
    """CM-ART's rule. The new vigilance has the bits of a match summed in order."""
    m = len(x)
    for j in range(known):
        if j == winner or bounds[j] < c.rhos[j] * m:
            continue
        if overlap(x, c.weights[j]) < (c.rhos[j] - near) * m:
            continue
        match = overlap_in_order(x, c.weights[j]) / m
        if match >= c.rhos[j]:
            c.rhos[j] = match + delta


@njit(nogil=True)
def lower_rivals(
    p: int, k: int, known: int, winner: int, best: float, exact: float, alpha: float,
    sigma: float, near: float, c: Categories, t: Tiles,
) -> None:  # fmt: skip
    """AM-ART's rule for all but the winner; without a winner every choice counts as larger."""
    x, bounds = t.x[p, k], t.bounds[p, k]
    for j in range(known):
        if winner != NONE:
            size = alpha + c.sizes[j]
            if j == winner or bounds[j] < (best - near) * size:
                continue
            if t.parts[p] > 0 and sharpened(p, k, j, c, t) < (best - near) * size:
                continue
            choice = overlap(x, c.weights[j]) / size if size > 0 else 0.0
            if choice < best - near:
                continue
            if choice <= best + near:
                if exact < 0:
                    exact = choice_in_order(x, winner, c.weights, c.totals, alpha)
                if choice_in_order(x, j, c.weights, c.totals, alpha) < exact:
                    continue
        c.rhos[j] = (1 - sigma) * c.rhos[j]
