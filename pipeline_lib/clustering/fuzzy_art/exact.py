"""Fuzzy ART's decisions in float64, among the few categories that bounds leave.

Sums are first taken in any order, which is fast; where the order might decide, they are redone from
first to last over (x, 1 − x), the order of ``art_kernels`` and artlib.
"""

import numpy as np
from numba import njit

from pipeline_lib.clustering.fuzzy_art.kernels import NONE, total

_ANY_ORDER = {"reassoc", "nsz"}


def tie(dimensions: int) -> float:
    """Return the difference of choice or match below which the order of a sum might decide.

    A sum of n numbers of one sign is wrong by at most n · 2⁻⁵³ of itself in any order; a
    comparison has two choices, of two sums each, in two orders.
    """
    return 1e-11 + 16 * 2 * dimensions * 2.0**-53


@njit(nogil=True, fastmath=_ANY_ORDER)
def overlap(x: np.ndarray, w: np.ndarray) -> float:
    """Return |I ∧ w| for I = (x, 1 − x), summed in any order."""
    lower, upper = w[: len(x)], w[len(x) :]
    both = 0.0
    for d in range(len(x)):
        a, b = x[d], 1 - x[d]
        u, v = lower[d], upper[d]
        both += (a if a < u else u) + (b if b < v else v)
    return both


@njit(nogil=True)
def overlap_in_order(x: np.ndarray, w: np.ndarray) -> float:
    """Return |I ∧ w|, summed from first to last."""
    lower, upper = w[: len(x)], w[len(x) :]
    both = 0.0
    for d in range(len(x)):
        both += min(x[d], lower[d])
    for d in range(len(x)):
        both += min(1 - x[d], upper[d])
    return both


@njit(nogil=True)
def choice_in_order(
    x: np.ndarray, j: int, weights: np.ndarray, totals: np.ndarray, alpha: float
) -> float:
    """Return the choice of category j with the bits of ``art_kernels.choose``."""
    if totals[j] < 0:
        totals[j] = total(weights[j])
    size = alpha + totals[j]
    return overlap_in_order(x, weights[j]) / size if size > 0 else 0.0


@njit(nogil=True)
def consider(
    j: int, x: np.ndarray, weights: np.ndarray, sizes: np.ndarray, totals: np.ndarray, rho: float,
    alpha: float, last_wins: bool, near: float, best: float, winner: int, exact: float,
) -> tuple[float, int, float]:  # fmt: skip
    """Let category j compete with the winner so far.

    Returns:
        The winner's choice (sum in any order), the winner, and its choice summed in order, or -1
        where that was not needed.
    """
    m = len(x)
    both = overlap(x, weights[j])
    if both < (rho - near) * m:
        return best, winner, exact
    if both < (rho + near) * m and overlap_in_order(x, weights[j]) / m < rho:
        return best, winner, exact
    size = alpha + sizes[j]
    choice = both / size if size > 0 else 0.0
    if winner == NONE or choice > best + near:
        return choice, j, -1.0
    if choice < best - near:
        return best, winner, exact
    if exact < 0:
        exact = choice_in_order(x, winner, weights, totals, alpha)
    mine = choice_in_order(x, j, weights, totals, alpha)
    if mine > exact or (mine == exact and (j > winner) == last_wins):
        return choice, j, mine
    return best, winner, exact


@njit(nogil=True)
def learn(x: np.ndarray, w: np.ndarray, beta: float) -> None:
    """Move category w towards a sample: w ← β (I ∧ w) + (1 − β) w."""
    lower, upper = w[: len(x)], w[len(x) :]
    for d in range(len(x)):
        a, u = x[d], lower[d]
        lower[d] = beta * (a if a < u else u) + (1 - beta) * u
    for d in range(len(x)):
        b, v = 1 - x[d], upper[d]
        upper[d] = beta * (b if b < v else v) + (1 - beta) * v


@njit(nogil=True, fastmath=_ANY_ORDER)
def size_of(w: np.ndarray) -> float:
    """Return |w|, summed in any order."""
    out = 0.0
    for d in range(len(w)):
        out += w[d]
    return out
