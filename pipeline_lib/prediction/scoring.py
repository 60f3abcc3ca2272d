"""Pictures in, scores out, in order: threads decode and score, and no more is in memory than that.

Numbers of threads change no result. A batch holds pictures that follow each other, and is filled
up where some cannot be read, so that a score depends neither on where work began nor on who else
could be read.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from threading import BoundedSemaphore, Lock
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch

from pipeline_lib.datasets.decode import BadImage, decode
from pipeline_lib.datasets.decoding import Failure, failed
from pipeline_lib.datasets.reader import Encoded, Item, Rejection
from pipeline_lib.prediction.sources import Pictures
from pipeline_lib.training.determinism import THREADS, deterministic
from pipeline_lib.training.network import Scores

LOADED = 4  # files per thread that are in memory and not decoded yet

Outcome = np.ndarray | Failure
"""The scores of a picture (labels,), or why there are none."""


class Scored(Protocol):
    """What gives a row of numbers for every picture: ``Scorer``, and whatever is like it there."""

    @property
    def device(self) -> str:
        """Return "cpu" or "cuda"."""
        ...

    @property
    def batch_size(self) -> int:
        """Return how many pictures are given together."""
        ...

    def prepare(self, image: np.ndarray) -> Any:
        """Return a picture as it is put into a batch."""
        ...

    def score_prepared(self, images: list[Any]) -> Scores:
        """Return the rows of pictures that were prepared, as ``logits``."""
        ...


class Batch(NamedTuple):
    """Pictures that follow each other, at most as many as are scored together."""

    items: Sequence[Item | Rejection]
    last: bool = True  # of those that are asked for together


@dataclass
class Scoring:
    """One recogniser at work on pictures."""

    run: Scored
    pictures: Pictures
    max_pixels: int
    threads: int

    def __post_init__(self) -> None:
        self._loaded = BoundedSemaphore(LOADED * self.threads)
        # a GPU has one batch at a time; on a CPU every thread is a core
        one: AbstractContextManager[object] = Lock()
        self._turn = nullcontext() if self.run.device == "cpu" else one

    def outcomes(self, batches: Iterable[Batch]) -> Iterator[tuple[Batch, list[Outcome]]]:
        """Yield what comes of every picture, batch by batch in order.

        Raises:
            InputError: the source as a whole is at fault, or the run takes no pictures.
        """
        pool = ThreadPoolExecutor(
            self.threads, initializer=torch.set_num_threads, initargs=(THREADS,)
        )
        waiting: deque[tuple[Batch, Future[list[Outcome]]]] = deque()
        with deterministic():
            try:
                for batch in batches:
                    decoding = [self._decoding(pool, item) for item in batch.items]
                    waiting.append((batch, pool.submit(self._scores, decoding)))
                    if len(waiting) > self.threads:
                        done, future = waiting.popleft()
                        yield done, future.result()
                for done, future in waiting:
                    yield done, future.result()
            finally:
                pool.shutdown(cancel_futures=True)

    def _decoding(self, pool: ThreadPoolExecutor, item: Item | Rejection) -> "Future[Any]":
        """Load here, in order, as readers of rows want it; decode in a thread."""
        if isinstance(item, Rejection):
            return _known(Failure(item.reason, item.detail))
        self._loaded.acquire()
        try:
            encoded = self.pictures.load(item.path, item.row)
        except (OSError, ValueError) as error:
            self._loaded.release()
            return _known(failed(error, item.path))
        return pool.submit(self._decoded, encoded, item.path)

    def _decoded(self, encoded: Encoded, path: str) -> Any:
        try:
            pixels = decode(encoded, max_pixels=self.max_pixels)
        except BadImage as error:
            return failed(error, path)
        finally:
            self._loaded.release()
        return self.run.prepare(pixels)

    def _scores(self, decoding: "Sequence[Future[Any]]") -> list[Outcome]:
        """Wait for the pictures, which were submitted before, and score them."""
        found = [future.result() for future in decoding]
        good = [picture for picture in found if not isinstance(picture, Failure)]
        if not good:
            return [picture for picture in found if isinstance(picture, Failure)]
        full = good + good[-1:] * (self.run.batch_size - len(good))
        with self._turn:
            rows = iter(self.run.score_prepared(full).logits.float().numpy())
        return [picture if isinstance(picture, Failure) else next(rows) for picture in found]


def _known(outcome: Failure) -> "Future[Any]":
    future: Future[Any] = Future()
    future.set_result(outcome)
    return future
