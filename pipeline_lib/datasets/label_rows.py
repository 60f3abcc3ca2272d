"""The labels of many images as two arrays: a label costs four bytes, not a Python object."""

from dataclasses import dataclass
from typing import Self

import numpy as np

# A pair of row and label is one number, row · 2²⁴ + label: 16 million labels, 2³⁹ rows.
BITS = 24
LABEL = 2**BITS - 1


@dataclass(frozen=True)
class LabelRows:
    """The labels of row i are ``label[first[i] : first[i + 1]]``."""

    first: np.ndarray  # (rows + 1,) int64
    label: np.ndarray  # (labels,) int32, indices of a vocabulary, ascending within a row

    @classmethod
    def of_pairs(cls, row: np.ndarray, label: np.ndarray, rows: int) -> Self:
        """Collect pairs of row and label, (pairs,) each, in any order; equal pairs count once."""
        pair = distinct(row.astype(np.int64) << BITS | label.astype(np.int64))
        first = np.searchsorted(pair >> BITS, np.arange(rows + 1))
        return cls(first, (pair & LABEL).astype(np.int32))

    def __len__(self) -> int:
        return len(self.first) - 1

    def __getitem__(self, row: int) -> list[int]:
        """Return the labels of one row."""
        found: list[int] = self.label[self.first[row] : self.first[row + 1]].tolist()
        return found


def distinct(values: np.ndarray) -> np.ndarray:
    """Return the different values, ascending; `np.unique` hashes since numpy 2.3, 20 times slower.

    The values are sorted in place.
    """
    values.sort()
    return values[np.concatenate([[True], values[1:] != values[:-1]])] if len(values) else values
