"""Scale features to 0…1 with the training range, as Fuzzy ART needs them."""

from dataclasses import dataclass

import numpy as np


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
