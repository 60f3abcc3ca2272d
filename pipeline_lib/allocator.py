"""Memory that a process has freed stays with it, so that tensors do not pay for it again.

glibc asks the kernel for every block above 32 MiB and gives it back when it is freed. Activations
of a trunk are such blocks: each layer's output is then cleared and mapped page by page, on virtual
machines for longer than it takes to compute. What is kept costs memory: a process holds up to
eight blocks of a size where it used one. ``python -m benchmarks.allocator`` tells both.
"""

import ctypes
import os

TRIM_THRESHOLD, MMAP_MAX = -1, -4  # malloc.h: M_TRIM_THRESHOLD, M_MMAP_MAX
LARGEST = 2**31 - 1  # bytes that may lie free at the heap's end; mallopt takes an int
VARIABLES = ("MALLOC_", "GLIBC_TUNABLES")  # by which users tell glibc themselves


def keep_freed_memory() -> bool:
    """Let this process's allocator keep what is freed; return whether there was one to tell.

    Nothing else than time and the number of page faults depends on it. Whoever tells glibc how to
    allocate by its environment is left alone, and so are systems without glibc.
    """
    if any(name.startswith(VARIABLES) for name in os.environ):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if mallopt is None:
        return False
    return bool(mallopt(MMAP_MAX, 0)) and bool(mallopt(TRIM_THRESHOLD, LARGEST))
