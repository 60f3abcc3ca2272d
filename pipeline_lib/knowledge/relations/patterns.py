"""Clusters seen through the labels: which class dominates which visual pattern (CSRMS, Sec. 4.1).

paper            here
N_k              sizes          (clusters,)
N_k^j            counts         (clusters, classes)
N_k^j / N_k      shares         representativeness of cluster k for class j
c_k dominated    dominant       class with the largest share, if that share > ρ2, else MIXED

An image that the clusterer left out, as noise, is in no N_k: it counts in no cluster, no cluster is
its own, and no other image shares one with it.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from pipeline_lib.clustering.histogram import histogram
from pipeline_lib.clustering.result import NOISE, sizes

MIXED = -1


@dataclass(frozen=True)
class Patterns:
    """The clusters of the training samples and their classes."""

    labels: np.ndarray  # int64 (samples,): cluster of each sample, or NOISE
    classes: np.ndarray  # bool (samples, classes), multi-hot
    counts: np.ndarray  # int64 (clusters, classes)
    sizes: np.ndarray  # int64 (clusters,)
    dominant: np.ndarray  # int64 (clusters,): class, or MIXED

    @classmethod
    def of(cls, labels: np.ndarray, classes: np.ndarray, clusters: int, *, rho_2: float) -> Self:
        """Count classes in clusters; a sample of several classes counts for each of them."""
        counts, held = histogram(labels, classes, clusters), sizes(labels, clusters)
        share = counts.max(1) / np.maximum(held, 1)
        return cls(labels, classes, counts, held, np.where(share > rho_2, counts.argmax(1), MIXED))

    @property
    def shares(self) -> np.ndarray:
        """Representativeness N_k^j / N_k, float64 (clusters, classes)."""
        shares: np.ndarray = self.counts / np.maximum(self.sizes, 1)[:, None]
        return shares

    @cached_property
    def members(self) -> list[np.ndarray]:
        """The samples of each cluster, ascending."""
        order = np.argsort(self.labels, kind="stable")
        noise = len(order) - self.sizes.sum()  # the lowest label
        return np.split(order[noise:], np.cumsum(self.sizes)[:-1])

    def largest_dominated(self, class_: int) -> int | None:
        """Return the cluster dominated by ``class_`` that holds most of it, if there is one."""
        held = np.where(self.dominant == class_, self.counts[:, class_], 0)
        return int(held.argmax()) if held.max() > 0 else None

    def largest_holding(self, class_: int) -> int:
        """Return the cluster, dominated or mixed, that holds most of ``class_``."""
        return int(self.counts[:, class_].argmax())

    @property
    def shares_of_own(self) -> np.ndarray:
        """Representativeness of each sample's cluster, float64 (samples, classes); 0 for noise."""
        held = self.labels != NOISE
        shares: np.ndarray = np.where(held[:, None], self.shares[self.labels], 0.0)
        return shares

    def of_class(self, cluster: int, class_: int) -> np.ndarray:
        """Return the members of ``cluster`` that carry ``class_``."""
        members = self.members[cluster]
        found: np.ndarray = members[self.classes[members, class_]]
        return found
