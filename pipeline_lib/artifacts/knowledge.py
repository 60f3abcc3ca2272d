"""What a method learns from besides images and labels, as plain tensors.

Each stage that serves a method writes one such file beside the tables that explain it, so that a
method reads tensors only, and is trained again only when they change.
"""

from pathlib import Path

import numpy as np

from pipeline_lib.artifacts.tensors import Tensors
from pipeline_lib.errors import InputError
from pipeline_lib.fingerprint import digest

# exemplars: "tags" (tags,), training images that carry each. int32.
# relations: "positives" (train, n) and "negatives" (train, m), positions of training images;
# "difficulty" (train,), 0 easy, 1 medium, 2 hard; "cluster" (train,); "dominant" (clusters,), a
# class or -1. All int32.
#
# category_graph, with C categories in index order: "adjacency" (C, C) float32, row i is what i
# receives (from co-occurrence: P(j|i), DLSA Eq. 1), zero on the diagonal; "exclusion" (C, C)
# float32, how strongly i and j avoid each other, zeros if off; "neighbours" (C, K) int32, the seen
# categories that inform i most, best first, -1 where there are fewer; "strengths" (C, K) float32,
# theirs; "neighbours.SOURCE" (C, K) int32, the same by one source alone; "counts" (C,) int64,
# training images; "seen" (C,) bool; "embeddings" (C, dims) float32 and what else is in
# artifacts/text.py.
#
# Header: samples, a digest of the training images' ids; encoded (artifacts/encoded.py).
STAGES = ("relations", "category_graph", "exemplars")
KNOWLEDGE = Tensors("knowledge", stage=" or ".join(STAGES))


def write_knowledge(
    path: Path,
    train_ids: list[str],
    arrays: dict[str, np.ndarray],
    encoded: dict[str, int] | None = None,
) -> None:
    """Write what was learned about the training images ``train_ids``."""
    _of(path).write(path, arrays, samples=digest(train_ids), encoded=encoded or {})


def read_knowledge(path: Path, train_ids: list[str]) -> dict[str, np.ndarray]:
    """Read the tensors.

    Raises:
        InputError: they belong to other training images.
    """
    arrays, header = _of(path).read(path)
    if header["samples"] != digest(train_ids):
        raise InputError(
            f"{path}: belongs to another training set than the {len(train_ids)} images of "
            "samples.parquet; re-run `dvc repro`"
        )
    return arrays


def _of(path: Path) -> Tensors:
    """Return the contract; a fault names the stage whose folder the file is in."""
    found = [part for part in path.parts if part in STAGES]
    return Tensors("knowledge", stage=found[-1]) if found else KNOWLEDGE
