"""What this machine does beside the work itself: start processes, and run several at once."""

import time

import joblib

ROUNDS = 24


def started() -> float:
    """Return the seconds of the processor that this process took to start and to load torch."""
    import timm  # noqa: F401 - what most stages load

    import pipeline_lib.steps.train.job  # noqa: F401

    return time.process_time()


def together(count: int) -> float:
    """Return how many times as long work takes when ``count`` processes do it; 1 at best."""
    if count == 1:
        return 1.0
    alone = min(_work() for _ in range(2))
    with joblib.parallel_config(backend="loky", n_jobs=count, inner_max_num_threads=1):
        each = joblib.Parallel()(joblib.delayed(_work)() for _ in range(2 * count))
    mean: float = sum(each) / len(each)
    return max(1.0, mean / alone)


def _work() -> float:
    """Convolve for a part of a second on one thread, and return the processor's seconds."""
    import torch

    torch.set_num_threads(1)
    pictures, kernels = torch.ones(16, 32, 32, 32), torch.ones(32, 32, 3, 3)
    before = time.process_time()
    for _ in range(ROUNDS):
        torch.conv2d(pictures, kernels)
    return time.process_time() - before
