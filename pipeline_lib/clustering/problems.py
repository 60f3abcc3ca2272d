"""Many small clusterings, each of its own samples: one per tag, class or concept."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import numpy as np

from pipeline_lib.clustering.place import Place
from pipeline_lib.clustering.registry import cluster
from pipeline_lib.clustering.result import Clustering
from pipeline_lib.parallel import map_ordered
from pipeline_lib.params.clusterers import Algorithm
from pipeline_lib.progress import Track, silent

BATCH = 1 << 20  # numbers that one worker gets at a time: enough to pay for sending them
LARGE = 1 << 22  # numbers of one problem from which on an accelerator is worth its start


def cluster_each(
    problems: Sequence[np.ndarray],
    algorithm: Algorithm,
    *,
    device: str | None = None,
    track: Track = silent,
) -> Iterator[Clustering]:
    """Cluster every problem by itself, and yield what was found in order.

    Problems are spread over the workers of ``PROTOWEAVE_WORKERS`` in batches that do not depend on
    their number; inside a worker there is one thread. So results depend on neither.

    Args:
        problems: features (samples, m) each, scaled to 0…1 all together; numbers of samples and
            dimensions may differ. Where a clusterer asks for more samples than a problem has, it
            finds as many clusters as it can, or none.
        algorithm: the clusterer and its numbers.
        device: "cuda" takes the problems of ``LARGE`` and more numbers, one after the other in
            this process: workers would each open the GPU, and small problems are done sooner.
        track: shows the progress, in batches.

    Raises:
        InputError: a problem is not finite.
    """
    large = [device is not None and X.size >= LARGE for X in problems]
    small = [X for X, there in zip(problems, large, strict=True) if not there]
    pieces = [(algorithm, batch) for batch in _batches(small)]
    batches = map_ordered(_cluster, pieces, label="clusterings", track=track)
    spread = chain.from_iterable(batches)
    for X, there in zip(problems, large, strict=True):
        yield _cluster_one(X, algorithm, device) if there else next(spread)
    yield from spread  # nothing more: it ends its progress


def _cluster(piece: tuple[Algorithm, list[np.ndarray]]) -> list[Clustering]:
    algorithm, problems = piece
    return [_cluster_one(X, algorithm, None) for X in problems]


def _cluster_one(X: np.ndarray, algorithm: Algorithm, device: str | None) -> Clustering:
    return cluster(X, algorithm, Place(device=device, jobs=1, part=True))


def _batches(problems: Iterable[np.ndarray]) -> list[list[np.ndarray]]:
    """Return the problems in order, in batches of at least BATCH numbers but for the last."""
    batches: list[list[np.ndarray]] = []
    room = 0
    for X in problems:
        if room <= 0:
            batches.append([])
            room = BATCH
        batches[-1].append(X)
        room -= X.size
    return batches
