"""How much memory a fit takes beyond its input."""

import tracemalloc
from pathlib import Path

import numpy as np

from benchmarks.contenders import ours

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak_over_input(X: np.ndarray, rho: float, threads: int) -> float:
    """Return the peak of the memory that one fit adds, divided by the input's size.

    The larger of what numpy allocated and, on Linux, by how much the process grew; results count.
    """
    ours(X, rho, threads)
    tracemalloc.start()
    model = ours(X, rho, threads)
    allocated = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    del model
    grown = 0
    if CLEAR.exists():
        CLEAR.write_text("5")  # the peak is from now on
        before = _kilobytes("VmRSS")
        model = ours(X, rho, threads)
        grown = (_kilobytes("VmHWM") - before) * 1024
        del model
    return max(allocated, grown) / X.nbytes


def _kilobytes(name: str) -> int:
    line = next(x for x in STATUS.read_text().splitlines() if x.startswith(name + ":"))
    return int(line.split()[1])
