"""Counts as rows of bars."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """One count."""

    label: str
    count: int
    percent: float  # of the longest bar


def bars(labels: Sequence[str], counts: Sequence[int]) -> list[Bar]:
    """Draw one bar for each count; bars are comparable within one call."""
    highest = max([1, *counts])
    return [
        Bar(label, count, round(100 * count / highest, 1))
        for label, count in zip(labels, counts, strict=True)
    ]
