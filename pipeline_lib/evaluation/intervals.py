"""Bootstrap intervals over test images (Efron's percentile method)."""

from dataclasses import dataclass
from typing import Self

import numpy as np

LEVEL = 0.95
DRAWS_AT_ONCE = 100  # bounds the matrix of drawn counts


@dataclass(frozen=True)
class Estimate:
    """A mean and its 95 % interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, column: np.ndarray) -> Self:
        """Read the observed value from the first entry, the interval from the others."""
        tail = (1 - LEVEL) / 2
        low, high = np.quantile(column[1:], [tail, 1 - tail])
        return cls(float(column[0]), float(low), float(high))

    @property
    def covers_zero(self) -> bool:
        """Whether 0 lies in the interval; of a difference, that no difference was shown."""
        return self.low <= 0 <= self.high


def bootstrap(values: np.ndarray, *, draws: int, seed: int) -> np.ndarray:
    """Average images drawn with replacement.

    The draws depend on the number of images and the seed alone, so that two methods on the same
    images are compared on the same draws.

    Args:
        values: one row per image, one column per metric (images, metrics).
        draws: number of draws.
        seed: of the draws.

    Returns:
        (1 + draws, metrics): the mean over all images, then that of every draw.
    """
    images = len(values)
    rng = np.random.default_rng(seed)
    uniform = np.full(images, 1 / images)
    means = [values.mean(0, keepdims=True)]
    for start in range(0, draws, DRAWS_AT_ONCE):
        counts = rng.multinomial(images, uniform, size=min(DRAWS_AT_ONCE, draws - start))
        means.append(counts @ values / images)
    return np.concatenate(means)


def paired_difference(ours: np.ndarray, theirs: np.ndarray, *, draws: int, seed: int) -> Estimate:
    """Estimate the mean of ``ours − theirs`` over the same images, (images,) each."""
    return Estimate.of(bootstrap((ours - theirs)[:, None], draws=draws, seed=seed)[:, 0])
