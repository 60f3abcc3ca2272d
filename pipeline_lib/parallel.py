"""Independent pieces of work on several processes or machines, with results in order.

The number of workers comes from the environment and never changes a result: pieces share nothing
and every piece computes with a fixed number of threads. ``PROTOWEAVE_BACKEND`` names what joblib
runs them on: "loky", processes of this machine, or "dask", the cluster whose scheduler listens at
``DASK_SCHEDULER_ADDRESS``.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import joblib
from joblib.externals.loky import process_executor
from threadpoolctl import threadpool_limits

from pipeline_lib.allocator import keep_freed_memory
from pipeline_lib.cores import cores
from pipeline_lib.errors import InputError
from pipeline_lib.progress import Track

T = TypeVar("T")
R = TypeVar("R")
WORKERS = "PROTOWEAVE_WORKERS"
BACKEND = "PROTOWEAVE_BACKEND"
SCHEDULER = "DASK_SCHEDULER_ADDRESS"


def workers() -> int:
    """Return the number of workers: ``PROTOWEAVE_WORKERS``, else the cores this process may use."""
    text = os.environ.get(WORKERS, "")
    if not text:
        return cores()
    if not text.isdecimal() or int(text) < 1:
        raise InputError(
            f"{WORKERS}={text!r}: expected a whole number of at least 1; unset it or mend it"
        )
    return int(text)


def map_ordered(
    function: Callable[[T], R],
    items: Sequence[T],
    *,
    label: str,
    track: Track,
    threads: int = 1,
    most: int | None = None,
) -> Iterator[R]:
    """Yield ``function(item)`` for every item, in order.

    Args:
        function: picklable, and free of side effects on this process.
        items: picklable and small; a worker gets one at a time.
        label: what is counted, for the progress display.
        track: shows the progress.
        threads: BLAS and OpenMP threads inside one call; fixed, because sums are split by them.
        most: an upper bound on the workers, where one piece of work needs several cores.

    Raises:
        InputError: the environment names a backend that there is none of.
    """
    count = min(workers(), len(items), most or len(items)) or 1
    backend = os.environ.get(BACKEND) or "loky"
    if count == 1 and backend == "loky":
        yield from track(
            (_call(function, i, threads) for i in items), label=label, total=len(items)
        )
        return
    with _configured(backend, count, threads):
        run = joblib.Parallel(return_as="generator", pre_dispatch="2*n_jobs")
        results = run(joblib.delayed(_call)(function, item, threads) for item in items)
        yield from track(results, label=label, total=len(items))


def _call(function: Callable[[T], R], item: T, threads: int) -> R:
    keep_freed_memory()
    # loky takes a worker for one that leaks when it has grown by 300 MB since its first piece, as
    # by importing torch. It ends it and warns; where warnings are errors, its pool then waits for
    # ever.
    process_executor._MAX_MEMORY_LEAK_SIZE = sys.maxsize
    with threadpool_limits(limits=threads):
        return function(item)


def _configured(backend: str, count: int, threads: int) -> Any:
    options: dict[str, dict[str, Any]] = {
        "loky": {"inner_max_num_threads": threads},
        "dask": {"scheduler_host": os.environ.get(SCHEDULER)},
    }
    try:
        return joblib.parallel_config(backend=backend, n_jobs=count, **options.get(backend, {}))
    except (ValueError, OSError) as error:
        raise InputError(
            f"{BACKEND}={backend!r}: {str(error).splitlines()[0]}; expected 'loky', or 'dask' with "
            f"a running scheduler's address in {SCHEDULER} ({os.environ.get(SCHEDULER)!r})"
        ) from error
