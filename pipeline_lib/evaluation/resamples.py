"""How often each resample of the images drew each image, and what is summed over those drawn.

One resample is a column of small whole numbers, so a thousand of 100,000 images take 100 MB. Sums
run over the images in their order, whatever the number of threads: the same last bits everywhere.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numba import njit

from pipeline_lib.evaluation.intervals import drawn_counts
from pipeline_lib.parallel import workers

T = TypeVar("T")
R = TypeVar("R")
LABELS_AT_ONCE = 64


class Resamples:
    """Draws of the images with replacement; the first entry is the images as they are."""

    def __init__(self, counts: np.ndarray) -> None:
        """Hold how often each draw took each image, whole numbers (images, draws)."""
        self.counts = np.ascontiguousarray(counts)

    @classmethod
    def drawn(cls, images: int, *, draws: int, seed: int) -> "Resamples":
        """Draw as ``bootstrap`` does, behind the images as they are: (images, 1 + draws)."""
        counts = np.ones((images, 1 + draws), np.uint8)
        start = 1
        for some in drawn_counts(images, draws=draws, seed=seed):
            if some.max() > np.iinfo(counts.dtype).max:
                counts = counts.astype(np.int32)
            counts[:, start : start + len(some)] = some.T
            start += len(some)
        return cls(counts)

    @property
    def images(self) -> np.ndarray:
        """How many images each draw took, (draws,)."""
        number: np.ndarray = self.counts.sum(0, dtype=np.float64)
        return number

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sum values of each image, (images, …), in every draw, (draws, …)."""
        columns = np.asarray(values, np.float64, order="C").reshape(len(values), -1)
        summed = _summed(self.counts, columns)
        return summed.T.reshape(-1, *values.shape[1:])

    def tallies(self, flags: np.ndarray) -> np.ndarray:
        """Count the images that carry a flag, bool (images, labels), in every draw.

        Returns:
            Whole numbers as float64 (draws, labels).
        """
        some = blocks(flags.shape[1])
        found = [*in_threads(lambda block: _tallied(self.counts, flags[:, block]), some)]
        return np.concatenate(found).T.astype(np.float64, order="C")


def blocks(labels: int) -> list[slice]:
    """Return the columns that one thread works on at a time."""
    starts = range(0, labels, LABELS_AT_ONCE)
    return [slice(start, min(start + LABELS_AT_ONCE, labels)) for start in starts]


def in_threads(function: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
    """Yield ``function(item)`` in order, of functions that let go of Python's lock."""
    with ThreadPoolExecutor(workers()) as pool:
        yield from pool.map(function, items)


@njit(nogil=True, cache=True)
def _summed(counts: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return (columns, draws)."""
    found = np.zeros((values.shape[1], counts.shape[1]))
    for image in range(len(values)):
        drawn = counts[image]
        for column in range(values.shape[1]):
            value, sums = values[image, column], found[column]
            if value != 0:
                for draw in range(len(drawn)):
                    sums[draw] += drawn[draw] * value
    return found


@njit(nogil=True, cache=True)
def _tallied(counts: np.ndarray, flags: np.ndarray) -> np.ndarray:
    """Return (labels, draws)."""
    found = np.zeros((flags.shape[1], counts.shape[1]), np.int32)
    for image in range(len(flags)):
        drawn = counts[image]
        for label in range(flags.shape[1]):
            if flags[image, label]:
                sums = found[label]
                for draw in range(len(drawn)):
                    sums[draw] += drawn[draw]
    return found
