"""Equal seeds, equal bits: on one machine, whatever else runs and however often it is killed."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

# CPU kernels split their sums over threads, so the number of threads decides the last bits. It is
# therefore fixed; other cores train other seeds meanwhile.
THREADS = 1


def make_deterministic() -> None:
    """Fix the thread count and forbid kernels whose result varies between runs."""
    torch.set_num_threads(THREADS)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.backends.cudnn.benchmark = False


@contextmanager
def deterministic() -> Iterator[None]:
    """Compute as ``make_deterministic`` wants it, and leave torch as it was."""
    threads, benchmark = torch.get_num_threads(), torch.backends.cudnn.benchmark
    forbidden = torch.are_deterministic_algorithms_enabled()
    warns = torch.is_deterministic_algorithms_warn_only_enabled()
    make_deterministic()
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(forbidden, warn_only=warns)
        torch.backends.cudnn.benchmark = benchmark


def generator(*key: int | str) -> torch.Generator:
    """Return a CPU generator for one purpose, e.g. ("order", seed, epoch).

    A generator per purpose and epoch needs no state in a checkpoint.
    """
    text = "/".join(map(str, key)).encode()
    number = int.from_bytes(hashlib.sha256(text).digest()[:8], "little", signed=False)
    return torch.Generator().manual_seed(number & (2**63 - 1))
