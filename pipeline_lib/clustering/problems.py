"""Many small clusterings, each of its own samples: one per tag, class or concept."""

import copy
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from pipeline_lib.clustering.fuzzy_art import FuzzyART
from pipeline_lib.parallel import map_ordered
from pipeline_lib.progress import Track, silent

BATCH = 1 << 20  # numbers that one worker gets at a time: enough to pay for sending them


def fit_each(
    model: FuzzyART, problems: Sequence[np.ndarray], *, track: Track = silent
) -> Iterator[FuzzyART]:
    """Fit a copy of ``model`` to every problem, and yield the copies in order.

    Problems are spread over the workers of ``PROTOWEAVE_WORKERS`` in batches that do not depend on
    their number; inside a worker there is one thread. So results depend on neither.

    Args:
        model: its parameters are taken, what it learned is not.
        problems: features (samples, m) each; numbers of samples and dimensions may differ.
        track: shows the progress, in batches.

    Raises:
        InputError: a problem or a parameter is out of range.
    """
    template = copy.copy(model)
    template.n_jobs = 1
    for name in [name for name in vars(template) if name.endswith("_")]:
        delattr(template, name)
    pieces = [(template, batch) for batch in _batches(problems)]
    for fitted in map_ordered(_fit, pieces, label="clusterings", track=track):
        yield from fitted


def _fit(piece: tuple[FuzzyART, list[np.ndarray]]) -> list[FuzzyART]:
    template, problems = piece
    return [copy.copy(template).fit(X) for X in problems]


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
