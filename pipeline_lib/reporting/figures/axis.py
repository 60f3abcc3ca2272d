"""An axis with round numbers on it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

STEPS = (1, 2, 5, 10)
INTERVALS = 5  # between ticks, at most


@dataclass(frozen=True)
class Axis:
    """A range that begins and ends at a tick."""

    ticks: tuple[float, ...]  # ascending, at least two

    @classmethod
    def over(cls, values: Iterable[float]) -> Self:
        """Cover all ``values``; a single value gets some room around it."""
        known = list(values)
        low, high = min(known), max(known)
        if low == high:
            low, high = low - 0.5, high + 0.5
        step = _step((high - low) / INTERVALS)
        first, last = math.floor(low / step), math.ceil(high / step)
        return cls(tuple(round(n * step, 10) for n in range(first, last + 1)))

    def share(self, value: float) -> float:
        """Return where ``value`` lies, from 0 at the first tick to 1 at the last."""
        return (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])


def _step(least: float) -> float:
    """Return 1, 2 or 5 times a power of ten, not below ``least``."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(s * power for s in STEPS if s * power >= least * (1 - 1e-9))
