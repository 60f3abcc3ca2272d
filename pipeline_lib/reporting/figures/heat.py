"""Heat maps over pairs of classes, or the strongest pairs where there are too many classes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

LARGEST = 40  # classes that a heat map shows
STRONGEST = 30  # pairs that are listed beyond


@dataclass(frozen=True)
class Cell:
    """One pair of classes."""

    text: str
    title: str
    strength: int  # 0…100, percent of the deepest colour
    diagonal: bool


@dataclass(frozen=True)
class Pair:
    """Two different classes and what was counted of them."""

    first: int
    second: int
    count: int


@dataclass(frozen=True)
class Heat:
    """Classes x classes; ``cells`` is empty where ``pairs`` stand for it."""

    names: list[str]
    cells: list[list[Cell]]
    pairs: list[Pair]


def confusion(counts: np.ndarray, names: list[str]) -> Heat:
    """Show [true, first-ranked] counts, each row as shares of its true class."""
    if len(names) > LARGEST:
        return Heat(names, [], strongest(counts, STRONGEST, symmetric=False))
    totals = counts.sum(1)
    percent = 100 * counts / np.maximum(totals, 1)[:, None]

    def cell(a: int, b: int) -> Cell:
        return Cell(
            text=f"{percent[a, b]:.0f}" if counts[a, b] else "",
            title=f"{names[a]} → {names[b]}: {counts[a, b]:,} of {totals[a]:,}",
            strength=round(percent[a, b]),
            diagonal=a == b,
        )

    return Heat(names, _grid(len(names), cell), [])


def relation(counts: np.ndarray, names: list[str]) -> Heat:
    """Show symmetric counts; the diagonal has a colour scale of its own."""
    if len(names) > LARGEST:
        return Heat(names, [], strongest(counts, STRONGEST, symmetric=True))
    diagonal = np.eye(len(names), dtype=bool)
    deepest = np.where(diagonal, counts.diagonal().max(), counts[~diagonal].max(initial=0))
    percent = 100 * counts / np.maximum(deepest, 1)

    def cell(a: int, b: int) -> Cell:
        return Cell(
            text=short(int(counts[a, b])),
            title=f"{names[a]} – {names[b]}: {counts[a, b]:,}",
            strength=round(percent[a, b]),
            diagonal=a == b,
        )

    return Heat(names, _grid(len(names), cell), [])


def strongest(counts: np.ndarray, most: int, *, symmetric: bool) -> list[Pair]:
    """Return the pairs of different classes with the highest counts above 0, highest first."""
    off = np.triu(counts, 1) if symmetric else counts * (1 - np.eye(len(counts), dtype=np.int64))
    order = np.argsort(-off, axis=None, kind="stable")[:most]
    pairs = zip(*np.unravel_index(order, off.shape), strict=True)
    return [Pair(int(a), int(b), int(off[a, b])) for a, b in pairs if off[a, b] > 0]


def short(count: int) -> str:
    """Write a count with three digits: 950, 12.3k, 3.41M; nothing for 0."""
    value, units = float(count), iter(("", "k", "M", "G", "T"))
    unit = next(units)
    while value >= 999.5:
        value, unit = value / 1000, next(units)
    return f"{value:.3g}{unit}" if count else ""


def _grid(size: int, cell: Callable[[int, int], Cell]) -> list[list[Cell]]:
    return [[cell(a, b) for b in range(size)] for a in range(size)]
