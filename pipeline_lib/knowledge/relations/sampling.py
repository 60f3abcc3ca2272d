"""Class-aware graph sampling of CSRMS (Sec. 4.2.1-4.2.2): positives and negatives of every sample.

A strategy is a chain of sources in order of preference. A sample takes from the first what it can
and what is still missing from the next; how many samples took from which source is counted.

Deviation: Eqs. 5 and 6 assume that the chosen cluster holds enough samples. Where it does not,
later sources fill the list, and a list longer than all there is repeats itself.

Distances are always those of the backbone's features, as Eqs. 5 and 6 have them, even where what
was clustered is normalised, scaled (Fuzzy ART), or posteriors: lists are to hold images that look
alike or not, and of most images the classifier is so sure that their posteriors hardly differ.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from pipeline_lib.clustering.result import NOISE
from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.relations.candidates import (
    EMPTY,
    Candidates,
    Pieces,
    pieces,
    squared_distances,
)
from pipeline_lib.knowledge.relations.patterns import MIXED, Patterns
from pipeline_lib.params.relations import Relations

Open = Callable[[], np.ndarray]
"""The rows whose list is not full yet; shorter after every piece that was yielded."""
Source = Callable[[Candidates, Open], Pieces]


@dataclass(frozen=True)
class Sampler:
    """Draws the lists of every training sample.

    Args:
        features: (samples, dimensions), as the backbone gives them.
        patterns: clusters and classes of the same samples.
        params: strategies, list lengths, distance and seed.
    """

    features: np.ndarray
    patterns: Patterns
    params: Relations
    served: dict[str, int] = field(default_factory=dict)  # "positives.random": samples it served

    def positives(self) -> np.ndarray:
        """Return n samples that share a class with each sample, int32 (samples, n)."""
        chains: dict[str, dict[str, Source]] = {
            "dominant": {"dominant": self._dominant, "largest_cluster": self._largest},
            "other_cluster": {"other_cluster": self._same_class_elsewhere},
            "random": {},
        }
        last: dict[str, Source] = {"random": self._same_class, "itself": self._itself}
        return self._draw("positives", chains[self.params.positives] | last, self.params.n)

    def negatives(self) -> np.ndarray:
        """Return m samples that share no class with each sample, int32 (samples, m).

        Raises:
            InputError: a sample shares a class with every other one.
        """
        nearest: dict[str, Source] = {"nearest_dominated": self._nearest_dominated}
        chains: dict[str, dict[str, Source]] = {
            "nearest_dominated": nearest,
            "similar_cluster": {"similar_cluster": self._own_cluster} | nearest,
            "other_cluster": {"other_cluster": self._foreign_elsewhere},
            "random": {},
        }
        chain = chains[self.params.negatives] | {"random": self._foreign}
        return self._draw("negatives", chain, self.params.m)

    def _draw(self, kind: str, chain: dict[str, Source], k: int) -> np.ndarray:
        features = _comparable(self.features, self.params.distance)
        candidates = Candidates(features, self.patterns, k, self.params.seed)
        lists = np.full((len(features), k), EMPTY, np.int32)
        for name, source in chain.items():
            before = (lists != EMPTY).sum(1)
            for rows, found in source(candidates, lambda: np.flatnonzero(lists[:, -1] == EMPTY)):
                _append(lists, rows, found)
            self.served[f"{kind}.{name}"] = int(((lists != EMPTY).sum(1) > before).sum())
        return _repeated(lists, kind)

    # --- positives ---

    def _dominant(self, candidates: Candidates, open_: Open) -> Pieces:
        """Eq. 5: the farthest members of the largest cluster that the sample's class dominates."""
        yield from self._farthest(candidates, open_(), self.patterns.largest_dominated)

    def _largest(self, candidates: Candidates, open_: Open) -> Pieces:
        yield from self._farthest(candidates, open_(), self.patterns.largest_holding)

    def _farthest(
        self, candidates: Candidates, rows: np.ndarray, cluster_of: Callable[[int], int | None]
    ) -> Pieces:
        """Of several classes of a sample, the one with most samples in its cluster is taken."""
        classes = self.patterns.classes
        chosen = [cluster_of(j) for j in range(classes.shape[1])]
        held = [0 if c is None else self.patterns.counts[c, j] for j, c in enumerate(chosen)]
        taken = np.where(classes[rows], held, EMPTY).argmax(1)
        for class_ in np.unique(taken):
            cluster = chosen[class_]
            if cluster is not None:
                members = self.patterns.of_class(cluster, class_)
                yield from candidates.farthest(rows[taken == class_], members)

    def _same_class(self, candidates: Candidates, open_: Open) -> Pieces:
        yield from candidates.random(open_(), foreign=False, elsewhere=False)

    def _same_class_elsewhere(self, candidates: Candidates, open_: Open) -> Pieces:
        yield from candidates.random(open_(), foreign=False, elsewhere=True)

    def _itself(self, candidates: Candidates, open_: Open) -> Pieces:
        """Serve the only sample of a class; others repeat what they have."""
        rows = open_()
        lonely = rows[~np.isin(rows, self._with_company)]
        yield (
            lonely,
            np.pad(lonely[:, None], ((0, 0), (0, candidates.k - 1)), constant_values=EMPTY),
        )

    @property
    def _with_company(self) -> np.ndarray:
        common = self.patterns.classes.sum(0) > 1
        return np.flatnonzero(self.patterns.classes[:, common].any(1))

    # --- negatives ---

    def _nearest_dominated(self, candidates: Candidates, open_: Open) -> Pieces:
        """Eq. 6: the closest members of the nearest cluster that another class dominates.

        Deviation: clusters smaller than m are common with Fuzzy ART, so the second nearest cluster
        fills what the nearest leaves open, and so on.
        """
        dominated = np.flatnonzero(self.patterns.dominant != MIXED)
        members = [self.patterns.members[c] for c in dominated]
        if not len(dominated):
            return
        means = np.stack([candidates.features[m].mean(0) for m in members])
        centres = _comparable(means, self.params.distance)
        for rows in pieces(open_()):
            distance = squared_distances(candidates.features[rows], centres)
            distance[self.patterns.classes[rows][:, self.patterns.dominant[dominated]]] = np.inf
            for here, cluster in _rounds(rows, distance, open_):
                yield from candidates.closest_foreign(here, members[cluster])

    def _own_cluster(self, candidates: Candidates, open_: Open) -> Pieces:
        rows = open_()
        labels = self.patterns.labels[rows]
        for cluster in np.unique(labels[labels != NOISE]):
            here = rows[labels == cluster]
            yield from candidates.closest_foreign(here, self.patterns.members[cluster])

    def _foreign(self, candidates: Candidates, open_: Open) -> Pieces:
        yield from candidates.random(open_(), foreign=True, elsewhere=False)

    def _foreign_elsewhere(self, candidates: Candidates, open_: Open) -> Pieces:
        yield from candidates.random(open_(), foreign=True, elsewhere=True)


def _comparable(features: np.ndarray, distance: str) -> np.ndarray:
    """Return float64 features whose Euclidean distance orders pairs as ``distance`` does."""
    features = features.astype(np.float64)
    if distance == "euclidean":
        return features
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    unit: np.ndarray = features / np.maximum(lengths, np.finfo(np.float64).tiny)
    return unit


def _rounds(
    rows: np.ndarray, distance: np.ndarray, open_: Open
) -> Iterator[tuple[np.ndarray, int]]:
    """Send each open row to its nearest cluster, then to the next, while any is left to try."""
    while True:
        nearest = distance.argmin(1)
        reachable = np.isfinite(distance.min(1)) & np.isin(rows, open_())
        if not reachable.any():
            return
        for cluster in np.unique(nearest[reachable]):
            yield rows[reachable & (nearest == cluster)], int(cluster)
        distance[np.arange(len(rows)), nearest] = np.inf


def _append(lists: np.ndarray, rows: np.ndarray, candidates: np.ndarray) -> None:
    """Put candidates that a list does not hold yet behind what it holds."""
    k = lists.shape[1]
    fresh = lists[rows, 0] == EMPTY if len(rows) else np.empty(0, bool)
    lists[rows[fresh]] = candidates[fresh]
    for row, offered in zip(rows[~fresh], candidates[~fresh], strict=True):
        held = lists[row][lists[row] != EMPTY]
        new = offered[(offered != EMPTY) & ~np.isin(offered, held)]
        lists[row] = np.pad(np.concatenate([held, new]), (0, k), constant_values=EMPTY)[:k]


def _repeated(lists: np.ndarray, kind: str) -> np.ndarray:
    """Fill short lists with their own first entries."""
    counts = (lists != EMPTY).sum(1)
    alone = np.flatnonzero(counts == 0)
    if len(alone):
        raise InputError(
            f"relations: {len(alone)} training images have no {kind}, the first is row {alone[0]}: "
            "it shares a class with every other image; expected images without that class; leave "
            "out a class that all images carry"
        )
    turn = np.arange(lists.shape[1]) % counts[:, None]
    return np.take_along_axis(lists, turn, 1)
