"""Many small clusterings, each of its own samples: one per tag, class or concept."""

import copy
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TypeVar

import numpy as np

from pipeline_lib.clustering.fuzzy_art.estimator import FuzzyART
from pipeline_lib.clustering.kmeans import FaissKMeans
from pipeline_lib.parallel import map_ordered
from pipeline_lib.progress import Track, silent

BATCH = 1 << 20  # numbers that one worker gets at a time: enough to pay for sending them
LARGE = 1 << 22  # numbers of one problem from which on an accelerator is worth its start


M = TypeVar("M", FuzzyART, FaissKMeans)


def fit_each(
    model: M,
    problems: Sequence[np.ndarray],
    *,
    device: str | None = None,
    track: Track = silent,
) -> Iterator[M]:
    """Fit a copy of ``model`` to every problem, and yield the copies in order.

    Problems are spread over the workers of ``PROTOWEAVE_WORKERS`` in batches that do not depend on
    their number; inside a worker there is one thread. So results depend on neither.

    Args:
        model: its parameters are taken, what it learned is not. k-means asks for at most as many
            clusters as a problem has samples.
        problems: features (samples, m) each; numbers of samples and dimensions may differ.
        device: "cuda" takes the problems of ``LARGE`` and more numbers, one after the other in
            this process: workers would each open the GPU, and small problems are done sooner.
        track: shows the progress, in batches.

    Raises:
        InputError: a problem or a parameter is out of range.
    """
    template = copy.copy(model)
    template.device = None
    if isinstance(template, FuzzyART):
        template.n_jobs = 1
    for name in [name for name in vars(template) if name.endswith("_")]:
        delattr(template, name)
    large = [device is not None and X.size >= LARGE for X in problems]
    small = [X for X, there in zip(problems, large, strict=True) if not there]
    pieces = [(template, batch) for batch in _batches(small)]
    batches = map_ordered(_fit, pieces, label="clusterings", track=track)
    spread = chain.from_iterable(batches)
    for X, there in zip(problems, large, strict=True):
        yield _fit_one(template, X, device) if there else next(spread)
    yield from spread  # nothing more: it ends its progress


def _fit(piece: tuple[M, list[np.ndarray]]) -> list[M]:
    template, problems = piece
    return [_fit_one(template, X, None) for X in problems]


def _fit_one(template: M, X: np.ndarray, device: str | None) -> M:
    model = copy.copy(template)
    model.device = device
    if isinstance(model, FaissKMeans):
        model.n_clusters = min(model.n_clusters, len(X))
    return model.fit(X)


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
