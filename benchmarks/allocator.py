"""How long a trunk encodes where freed memory is kept, and where the kernel takes it back.

    python -m benchmarks.allocator [--backbone tf_efficientnet_lite0] [--images 32] [--rounds 9]

Two processes of one thread each encode the same images in turns. Prints a JSON line: of each the
median seconds of a batch, the page faults of the last one and the most memory it held, and the
ratio of their seconds.
"""

import argparse
import json
import multiprocessing
import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import timm
import torch

from benchmarks.machine import commit, load, processor
from benchmarks.turns import in_turns
from pipeline_lib.allocator import keep_freed_memory

SIDE = 224  # pixels
ENCODE: dict[str, Callable[[], object]] = {}  # of this process


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--backbone", default="tf_efficientnet_lite0")
    parser.add_argument("--images", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    about = {"commit": commit(), "processor": processor(), "load": load()}
    print(json.dumps(about | vars(given) | compare(given.backbone, given.images, given.rounds)))


def compare(backbone: str, images: int, rounds: int) -> dict[str, float]:
    """Return what the module's text says."""
    spawned = multiprocessing.get_context("spawn")
    pools = {
        name: ProcessPoolExecutor(
            1, spawned, initializer=_prepare, initargs=(backbone, images, name == "kept")
        )
        for name in ("kept", "returned")
    }
    runs = {name: partial(_asked, pool) for name, pool in pools.items()}
    for _ in range(3):  # batches that fill the heap
        for run in runs.values():
            run()
    seconds = in_turns(runs, rounds=rounds)
    found = {"ratio": round(seconds["returned"] / seconds["kept"], 2)}
    for name, pool in pools.items():
        faults, peak = _asked(pool)
        pool.shutdown()
        found |= {
            f"seconds_{name}": round(seconds[name], 3),
            f"faults_{name}": faults,
            f"peak_mib_{name}": peak,
        }
    return found


def _asked(pool: ProcessPoolExecutor) -> tuple[int, int]:
    return pool.submit(_encode).result()


def _prepare(backbone: str, images: int, kept: bool) -> None:
    if kept:
        keep_freed_memory()
    torch.set_num_threads(1)
    trunk = timm.create_model(backbone).eval()
    ENCODE["images"] = partial(trunk, torch.randn(images, 3, SIDE, SIDE))


def _encode() -> tuple[int, int]:
    """Encode once; return the page faults that it took, and the most MiB held so far."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    with torch.inference_mode():
        ENCODE["images"]()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_minflt - before, usage.ru_maxrss // 1024


if __name__ == "__main__":
    main()
