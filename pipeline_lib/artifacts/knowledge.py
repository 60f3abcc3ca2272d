"""What a method learns from besides images, labels and names, as plain tensors.

Each stage that serves a method writes such a file beside the tables that explain it, so that a
method reads tensors only, and is trained again only when they change. There is a kind for each use:
what only some methods read is a file of its own.
"""

from pathlib import Path

import numpy as np

from pipeline_lib.artifacts.tensors import Tensors
from pipeline_lib.errors import InputError
from pipeline_lib.fingerprint import digest

# Header of all: samples, a digest of the training images' ids; encoded (artifacts/encoded.py).
# "positives" (train, n) and "negatives" (train, m), positions of training images; "difficulty"
# (train,), 0 easy, 1 medium, 2 hard; "cluster" (train,); "dominant" (clusters,), a class or -1. All
# int32.
RELATIONS = Tensors("relations", stage="relations", file="{item}/knowledge.safetensors")
# "tags" (tags,) int32, training images that carry each.
TAG_COUNTS = Tensors("tag counts", stage="exemplars", file="{item}/knowledge.safetensors")
# "adjacency" (categories, categories) float32, row i is what i receives (from co-occurrence:
# P(j|i), DLSA Eq. 1), zero on the diagonal; "exclusion" (categories, categories) float32, how
# strongly i and j avoid each other, zeros if off.
GRAPH = Tensors("category graph", stage="category_graph", file="{item}/graph.safetensors")
# "neighbours" (categories, most) int32, the seen categories that inform each most, best first, -1
# where there are fewer; "neighbours.SOURCE" of the same shape, by one source alone.
NEIGHBOURS = Tensors("neighbours", stage="category_graph", file="{item}/neighbours.safetensors")
KINDS = {kind.artifact: kind for kind in (RELATIONS, TAG_COUNTS, GRAPH, NEIGHBOURS)}


def write_knowledge(
    kind: Tensors,
    path: Path,
    train_ids: list[str],
    arrays: dict[str, np.ndarray],
    encoded: dict[str, int] | None = None,
) -> None:
    """Write what was learned about the training images ``train_ids``."""
    kind.write(path, arrays, samples=digest(train_ids), encoded=encoded or {})


def read_knowledge(kind: Tensors, path: Path, train_ids: list[str]) -> dict[str, np.ndarray]:
    """Read the tensors.

    Raises:
        InputError: they are of another kind, or belong to other training images.
    """
    arrays, header = kind.read(path)
    if header["samples"] != digest(train_ids):
        raise InputError(
            f"{path}: belongs to another training set than the {len(train_ids)} images of "
            f"samples.parquet; re-run `dvc repro {kind.stage}`"
        )
    return arrays
