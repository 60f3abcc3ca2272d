"""Which samples one sample may be paired with, best first: by distance or by chance."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipeline_lib.clustering.result import NOISE
from pipeline_lib.knowledge.relations.patterns import Patterns

EMPTY = -1
ROWS_AT_ONCE = 1024  # bounds the distance matrix

Pieces = Iterator[tuple[np.ndarray, np.ndarray]]
"""(rows, candidates): up to k samples for each row, best first, filled up with EMPTY."""


@dataclass(frozen=True)
class Candidates:
    """Candidates among the training samples.

    Args:
        features: (samples, dimensions) float64; Euclidean distance compares them.
        patterns: clusters and classes of the same samples.
        k: how many candidates a row gets at most.
        seed: of the random ones; a sample's draw depends on its row alone.
    """

    features: np.ndarray
    patterns: Patterns
    k: int
    seed: int

    def farthest(self, rows: np.ndarray, members: np.ndarray) -> Pieces:
        """Rank ``members``, the farthest first; a sample is no candidate of itself."""
        for some in pieces(rows):
            rank = -squared_distances(self.features[some], self.features[members])
            rank[some[:, None] == members] = np.inf
            yield some, self._first(rank, members)

    def closest_foreign(self, rows: np.ndarray, members: np.ndarray) -> Pieces:
        """Rank ``members`` that share no class with the sample, the closest first."""
        classes = self.patterns.classes
        for some in pieces(rows):
            rank = squared_distances(self.features[some], self.features[members])
            rank[classes[some].astype(np.float64) @ classes[members].T > 0] = np.inf
            yield some, self._first(rank, members)

    def random(self, rows: np.ndarray, *, foreign: bool, elsewhere: bool) -> Pieces:
        """Draw without replacement among samples that share a class, or with ``foreign`` none.

        With ``elsewhere`` only samples that share no cluster with it count; noise shares none.
        """
        labels = self.patterns.labels
        held = labels != NOISE
        for signature in np.unique(self._signatures[rows]):
            here = rows[self._signatures[rows] == signature]
            shared = self.patterns.classes[:, self.patterns.classes[here[0]]].any(1)
            pool = np.flatnonzero(~shared if foreign else shared)
            found = np.full((len(here), self.k), EMPTY, np.int64)
            for place, row in enumerate(here):
                together = labels[pool] == labels[row] if elsewhere and held[row] else pool == row
                allowed = pool[~together]
                number = min(self.k, len(allowed))
                generator = np.random.default_rng([self.seed, row])
                found[place, :number] = generator.choice(allowed, number, replace=False)
            yield here, found

    @cached_property
    def _signatures(self) -> np.ndarray:
        """A number for every distinct set of classes, (samples,)."""
        inverse: np.ndarray = np.unique(self.patterns.classes, axis=0, return_inverse=True)[1]
        return inverse.ravel()

    def _first(self, rank: np.ndarray, members: np.ndarray) -> np.ndarray:
        """Return the k members of lowest finite rank; equal ranks in the order of ``members``."""
        order = rank.argsort(1, kind="stable")[:, : self.k]
        valid = np.isfinite(np.take_along_axis(rank, order, 1))
        found = np.full((len(rank), self.k), EMPTY, np.int64)
        found[:, : order.shape[1]] = np.where(valid, members[order], EMPTY)
        return found


def pieces(rows: np.ndarray) -> Iterator[np.ndarray]:
    """Split rows so that a distance matrix stays small."""
    for start in range(0, len(rows), ROWS_AT_ONCE):
        yield rows[start : start + ROWS_AT_ONCE]


def squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return ‖a_i − b_j‖², (len(a), len(b)); rounding may leave it slightly negative."""
    found: np.ndarray = (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T
    return found
