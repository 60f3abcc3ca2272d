"""Scale features to 0…1 with the training range, as Fuzzy ART needs them."""

from dataclasses import dataclass

import numpy as np
from numba import njit


@dataclass(frozen=True)
class Scaler:
    """x → (x − low) / (high − low) per dimension, in float64; a constant dimension becomes 0.

    Samples that the range was not learned from are clipped to 0…1.
    """

    low: np.ndarray  # (dimensions,)
    high: np.ndarray  # (dimensions,)

    @classmethod
    def of(cls, X: np.ndarray) -> "Scaler":
        """Learn the range of every column of X."""
        return cls(X.min(0).astype(np.float64), X.max(0).astype(np.float64))

    def apply(self, X: np.ndarray) -> np.ndarray:
        """Return the scaled copy."""
        width = self.high - self.low
        varies = width > 0
        scaled = np.zeros(X.shape)
        scaled[:, varies] = (X[:, varies] - self.low[varies]) / width[varies]
        return np.clip(scaled, 0, 1, out=scaled)


def ranges(X: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
    """Return the least and the largest value of every column, float64, and whether all are finite.

    One pass over X (samples, dimensions), contiguous float32 or float64, without copies.
    """
    low, high = X[0].copy(), X[0].copy()
    finite = _widen(X, low, high, np.finfo(X.dtype).max)
    return low.astype(np.float64), high.astype(np.float64), bool(finite)


@njit(cache=True, nogil=True)
def _widen(X: np.ndarray, low: np.ndarray, high: np.ndarray, most: float) -> bool:
    bad = 0
    for i in range(X.shape[0]):
        for d in range(X.shape[1]):
            value = X[i, d]
            low[d] = value if value < low[d] else low[d]
            high[d] = value if value > high[d] else high[d]
            bad += not (abs(value) <= most)
    return bad == 0
