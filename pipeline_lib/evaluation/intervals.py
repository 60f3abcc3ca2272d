"""Bootstrap intervals over test images (Efron's percentile method)."""

from collections.abc import Iterator
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

    def within(self, least: float, most: float) -> Self:
        """Cut the interval at the ends of a metric's range; it always holds its value."""
        low, high = np.clip([self.low, self.high], least, most).tolist()
        return type(self)(self.value, min(low, self.value), max(high, self.value))

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
    means = [values.mean(0, keepdims=True)]
    means += [c @ values / len(values) for c in drawn_counts(len(values), draws=draws, seed=seed)]
    return np.concatenate(means)


def drawn_counts(images: int, *, draws: int, seed: int) -> Iterator[np.ndarray]:
    """Yield how often each draw took each image, (some draws, images) at a time."""
    rng = np.random.default_rng(seed)
    uniform = np.full(images, 1 / images)
    for start in range(0, draws, DRAWS_AT_ONCE):
        yield rng.multinomial(images, uniform, size=min(DRAWS_AT_ONCE, draws - start))


def centred(draws: np.ndarray) -> np.ndarray:
    """Move draws (1 + draws, …) so that their mean is the observed value, their first entry.

    A mean over images lies in the middle of its draws by itself; to move them would add the chance
    of these draws alone. AP is larger in a resample than in the
    images, because a positive drawn twice counts twice at its own rank: with few positives the
    observed value can lie outside the percentiles of its own draws. NaN draws stay NaN.
    """
    counted = np.isfinite(draws[1:])
    mean = np.where(counted, draws[1:], 0).sum(0) / np.maximum(counted.sum(0), 1)
    return np.concatenate([draws[:1], draws[1:] + (draws[0] - mean)])
