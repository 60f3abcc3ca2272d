"""Fuzzy ART's inner loops, compiled.

Sums run over the complement-coded input (x, 1 − x) from first to last, one after the other, as in
artlib: equal order gives equal bits, and so the same winner where two categories tie.
"""

import numpy as np
from numba import njit

NONE = -1


@njit(cache=True)
def learn(
    coded: np.ndarray,
    weights: np.ndarray,
    sizes: np.ndarray,
    known: int,
    rho: float,
    alpha: float,
    beta: float,
    last_wins: bool,
    labels: np.ndarray,
) -> tuple[int, int]:
    """Present samples until one needs more room than ``weights`` has.

    Args:
        coded: inputs (samples, 2m), complement-coded.
        weights: categories (room, 2m); the first ``known`` exist; changed in place.
        sizes: |w| of each category; changed in place.
        known: number of categories.
        rho: vigilance.
        alpha: choice parameter.
        beta: learning rate.
        last_wins: of equal choices take the last category, not the first.
        labels: the winner of every sample (samples,); changed in place.

    Returns:
        The number of samples presented and the number of categories.
    """
    samples, width = coded.shape
    for i in range(samples):
        winner = choose(coded[i], weights, sizes, known, rho, alpha, last_wins)
        if winner == NONE:
            if known == len(weights):
                return i, known
            weights[known] = coded[i]
            sizes[known] = total(coded[i])
            winner = known
            known += 1
        else:
            for d in range(width):
                both = min(coded[i, d], weights[winner, d])
                weights[winner, d] = beta * both + (1 - beta) * weights[winner, d]
            sizes[winner] = total(weights[winner])
        labels[i] = winner
    return samples, known


@njit(cache=True)
def choose(
    x: np.ndarray,
    weights: np.ndarray,
    sizes: np.ndarray,
    known: int,
    rho: float,
    alpha: float,
    last_wins: bool,
) -> int:
    """Return the category of greatest choice among those that pass vigilance, or NONE."""
    width = len(x)
    best, winner = -1.0, NONE
    for j in range(known):
        both = 0.0
        for d in range(width):
            both += min(x[d], weights[j, d])
        if both / (width // 2) < rho:
            continue
        choice = both / (alpha + sizes[j]) if alpha + sizes[j] > 0 else 0.0
        if choice > best or (last_wins and choice == best):
            best, winner = choice, j
    return winner


@njit(cache=True)
def total(w: np.ndarray) -> float:
    """Return |w|, summed from first to last."""
    out = 0.0
    for d in range(len(w)):
        out += w[d]
    return out
