"""Every sampling strategy against a slow, literal oracle."""

from collections.abc import Iterator

import numpy as np
import pytest

from pipeline_lib.clustering.result import NOISE
from pipeline_lib.knowledge.relations.patterns import MIXED, Patterns
from pipeline_lib.knowledge.relations.sampling import Sampler

Source = tuple[str, bool, list[int]]
"""A source's name, whether its candidates are ranked (else drawn), and those candidates."""


class Oracle:
    """Eqs. 5 and 6 and the strategies of Table 4, one sample and one candidate at a time."""

    def __init__(self, features: np.ndarray, patterns: Patterns, distance: str) -> None:
        self.distance = distance
        self.points = [self._comparable(p) for p in features.astype(np.float64)]
        self.labels = patterns.labels.tolist()
        self.classes = [set(np.flatnonzero(row).tolist()) for row in patterns.classes]
        self.dominant = patterns.dominant.tolist()
        self.samples = range(len(self.points))

    def _comparable(self, point: np.ndarray) -> np.ndarray:
        return point / np.linalg.norm(point) if self.distance == "cosine" else point

    def between(self, a: np.ndarray, b: np.ndarray) -> float:
        if self.distance == "cosine":
            return 1 - float(a @ b) / float(np.linalg.norm(a) * np.linalg.norm(b))
        return float(np.linalg.norm(a - b))

    def members(self, cluster: int) -> list[int]:
        """Return those of a cluster; noise is none, and nobody is its member."""
        return [s for s in self.samples if self.labels[s] == cluster != NOISE]

    def largest(self, class_: int, *, dominated: bool) -> list[int]:
        """The members of a class in the cluster that holds most of it."""
        best: list[int] = []
        for cluster, dominant in enumerate(self.dominant):
            held = [s for s in self.members(cluster) if class_ in self.classes[s]]
            if len(held) > len(best) and (dominant == class_ or not dominated):
                best = held
        return best

    def farthest(self, sample: int, *, dominated: bool) -> list[int]:
        pools = [self.largest(j, dominated=dominated) for j in sorted(self.classes[sample])]
        pool = max(pools, key=len)
        far = [(-self.between(self.points[sample], self.points[s]), s) for s in pool if s != sample]
        return [s for _, s in sorted(far)]

    def closest(self, sample: int, members: list[int]) -> list[int]:
        foreign = [s for s in members if not self.classes[s] & self.classes[sample]]
        near = [(self.between(self.points[sample], self.points[s]), s) for s in foreign]
        return [s for _, s in sorted(near)]

    def nearest_dominated(self, sample: int) -> list[int]:
        clusters = []
        for cluster, dominant in enumerate(self.dominant):
            if dominant != MIXED and dominant not in self.classes[sample]:
                centre = np.mean([self.points[s] for s in self.members(cluster)], axis=0)
                clusters.append((self.between(self.points[sample], centre), cluster))
        return [s for _, c in sorted(clusters) for s in self.closest(sample, self.members(c))]

    def related(self, sample: int, *, shares: bool, elsewhere: bool) -> list[int]:
        return [
            s
            for s in self.samples
            if s != sample
            and bool(self.classes[s] & self.classes[sample]) == shares
            and not (elsewhere and s in self.members(self.labels[sample]))
        ]

    def positives(self, sample: int, strategy: str) -> Iterator[Source]:
        if strategy == "dominant":
            yield "dominant", True, self.farthest(sample, dominated=True)
            yield "largest_cluster", True, self.farthest(sample, dominated=False)
        if strategy == "other_cluster":
            yield "other_cluster", False, self.related(sample, shares=True, elsewhere=True)
        yield "random", False, self.related(sample, shares=True, elsewhere=False)
        company = self.related(sample, shares=True, elsewhere=False)
        yield "itself", True, [] if company else [sample]

    def negatives(self, sample: int, strategy: str) -> Iterator[Source]:
        if strategy == "similar_cluster":
            own = self.members(self.labels[sample])
            yield "similar_cluster", True, self.closest(sample, own)
        if strategy in ("similar_cluster", "nearest_dominated"):
            yield "nearest_dominated", True, self.nearest_dominated(sample)
        if strategy == "other_cluster":
            yield "other_cluster", False, self.related(sample, shares=False, elsewhere=True)
        yield "random", False, self.related(sample, shares=False, elsewhere=False)


def check(found: list[int], sources: Iterator[Source], k: int) -> list[str]:
    """Compare one list with its sources; return the sources that served it."""
    held: list[int] = []
    served = []
    for name, ranked, candidates in sources:
        fresh = [c for c in candidates if c not in held]
        number = min(k - len(held), len(fresh))
        got = found[len(held) : len(held) + number]
        assert got == fresh[:number] if ranked else set(got) <= set(fresh)
        assert len(set(got)) == number
        held += got
        served += [name] * (number > 0)
    assert found == [held[place % len(held)] for place in range(k)]
    return served


def compare(
    lists: np.ndarray, sources: list[Iterator[Source]], served: dict[str, int], kind: str
) -> None:
    assert lists.dtype == np.int32
    k = lists.shape[1]
    counts: dict[str, int] = dict.fromkeys(served, 0)
    for found, some in zip(lists.tolist(), sources, strict=True):
        for name in check(found, some, k):
            counts[f"{kind}.{name}"] += 1
    assert served == counts


@pytest.mark.parametrize("distance", ["euclidean", "cosine"])
@pytest.mark.parametrize("strategy", ["dominant", "other_cluster", "random"])
@pytest.mark.parametrize("n", [1, 5, 12, 100])
def test_positives_equal_the_oracle(labelled, relations, distance, strategy, n):
    features, patterns = labelled
    sampler = Sampler(features, patterns, relations(distance=distance, positives=strategy, n=n))
    lists = sampler.positives()
    oracle = Oracle(features, patterns, distance)
    sources = [oracle.positives(sample, strategy) for sample in oracle.samples]
    compare(lists, sources, sampler.served, "positives")
    shared = (patterns.classes[lists] & patterns.classes[:, None]).any(2)
    assert shared.all()
    itself = (lists == np.arange(len(features))[:, None]).any(1)
    assert np.flatnonzero(itself).tolist() == [13]  # the only sample of its class


@pytest.mark.parametrize("distance", ["euclidean", "cosine"])
@pytest.mark.parametrize(
    "strategy", ["nearest_dominated", "similar_cluster", "other_cluster", "random"]
)
@pytest.mark.parametrize("m", [1, 5, 12, 100])
def test_negatives_equal_the_oracle(labelled, relations, distance, strategy, m):
    features, patterns = labelled
    sampler = Sampler(features, patterns, relations(distance=distance, negatives=strategy, m=m))
    lists = sampler.negatives()
    oracle = Oracle(features, patterns, distance)
    sources = [oracle.negatives(sample, strategy) for sample in oracle.samples]
    compare(lists, sources, sampler.served, "negatives")
    assert not (patterns.classes[lists] & patterns.classes[:, None]).any()
