"""Work in threads that stays a little ahead of who asks for it."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def ahead(function: Callable[[T], R], items: Iterable[T], *, threads: int) -> Iterator[R]:
    """Yield ``function(item)`` for every item, in order.

    Items are taken from their iterator by the caller's thread, while the threads work on those
    before: at most one more than there are threads, so that memory is bounded.
    """
    pool = ThreadPoolExecutor(threads)
    waiting: deque[Future[R]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
