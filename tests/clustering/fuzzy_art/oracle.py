"""Fuzzy ART as written, one sample after the other: what every faster path must equal."""

import numpy as np


def in_order(rows: np.ndarray) -> np.ndarray:
    """Sums of rows from first to last, as a loop takes them."""
    return np.cumsum(rows, axis=1)[:, -1] if len(rows) else np.zeros(0)


def sequential(
    X: np.ndarray, rho: float, alpha: float, beta: float, epochs: int = 1, ties: str = "first",
    vigilance: str = "fixed", sigma: float = 0.01, delta: float = 0.01,
    groups: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Labels, weights and vigilances of samples in 0…1."""
    m = X.shape[1]
    groups = np.zeros(len(X), int) if groups is None else groups
    weights, rhos, owners = np.empty((0, 2 * m)), np.empty(0), np.empty(0, int)
    labels = np.empty(len(X), np.int64)
    for _ in range(epochs):
        for i, x in enumerate(X):
            coded = np.append(x, 1 - x)
            both, sizes = in_order(np.minimum(coded, weights)), alpha + in_order(weights)
            choice = np.divide(both, sizes, out=np.zeros(len(both)), where=sizes > 0)
            match, mine = both / m, owners == groups[i]
            passing = mine & (match >= rhos)
            j = winner_of(choice, passing, ties)
            adapt(rhos, choice, match, mine, passing, j, vigilance, sigma, delta)
            if j is None:
                j = len(weights)
                weights = np.vstack([weights, coded])
                rhos, owners = np.append(rhos, rho), np.append(owners, groups[i])
            else:
                weights[j] = beta * np.minimum(coded, weights[j]) + (1 - beta) * weights[j]
            labels[i] = j
    return labels, weights, rhos


def winner_of(choice: np.ndarray, passing: np.ndarray, ties: str) -> int | None:
    if not passing.any():
        return None
    best = np.flatnonzero(passing & (choice == choice[passing].max()))
    return int(best[0 if ties == "first" else -1])


def adapt(
    rhos: np.ndarray, choice: np.ndarray, match: np.ndarray, mine: np.ndarray,
    passing: np.ndarray, j: int | None, vigilance: str, sigma: float, delta: float,
) -> None:  # fmt: skip
    """AM-ART, CM-ART and HI-ART; changes ``rhos``."""
    kept = None if j is None else rhos[j]
    if vigilance in ("cm", "hi"):
        rhos[passing] = match[passing] + delta
    if vigilance in ("am", "hi"):
        rivals = mine if j is None else mine & (choice >= choice[j])
        rhos[rivals] = (1 - sigma) * rhos[rivals]
    if j is not None:
        rhos[j] = kept if vigilance in ("fixed", "cm") else (1 + sigma) * kept


KINDS = ("random", "clustered", "grid", "binary", "duplicates", "constant", "sparse",
         "almost tied", "beside 255ths")  # fmt: skip


def samples(kind: str, count: int, dimensions: int, seed: int) -> np.ndarray:
    """Samples in 0…1, many of them made to tie."""
    rng = np.random.default_rng(seed)
    shape = (count, dimensions)
    if kind == "random":
        return rng.random(shape)
    if kind == "clustered":
        centres = rng.random((4, dimensions))[rng.integers(0, 4, count)]
        return np.clip(centres + rng.normal(0, 0.05, shape), 0, 1)
    if kind == "grid":
        return rng.integers(0, 8, shape) / 7
    if kind == "binary":
        return rng.integers(0, 2, shape).astype(float)
    if kind == "duplicates":
        return rng.random((5, dimensions))[rng.integers(0, 5, count)]
    if kind == "constant":
        return np.full(shape, 0.3)
    if kind == "sparse":
        return np.maximum(0, rng.random(shape) - 0.8) * 5
    if kind == "beside 255ths":  # the worst for rounding to 255ths
        return (100 + rng.integers(0, 2, shape) + 0.6 * rng.integers(0, 2, shape)) / 255
    grid = rng.integers(0, 3, shape) / 3
    return np.clip(grid + rng.integers(-1, 2, shape) * 1e-14, 0, 1)
