"""FAISS in whichever build is installed, and what it computes on.

Its two builds, ``faiss-cpu`` and ``faiss-gpu-cu12``, are two distributions of one package; the
extras ``cpu`` and ``gpu`` bring one of them.
"""

import importlib
from typing import Any

from pipeline_lib.errors import InputError


def library() -> Any:
    """Return the module ``faiss``.

    Raises:
        InputError: neither build is installed.
    """
    try:
        return importlib.import_module("faiss")
    except ImportError as error:
        raise InputError(
            f"FAISS is needed and cannot be imported ({error}); expected one of its two "
            "builds: pip install -e '.[cpu]', or pip install -e '.[gpu]' for CUDA"
        ) from error


def on_gpu(device: str | None) -> bool:
    """Say whether FAISS computes on GPUs: where that is asked for, and its build finds any."""
    return device == "cuda" and library().get_num_gpus() > 0


def flat_index(vectors: Any, device: str | None) -> Any:
    """Return an index of float32 vectors (count, dimensions) by Euclidean distance, searched whole.

    It lies on the GPUs where ``on_gpu`` says so.
    """
    faiss = library()
    index = faiss.IndexFlatL2(vectors.shape[1])
    if on_gpu(device):
        index = faiss.index_cpu_to_all_gpus(index)
    index.add(vectors)
    return index
