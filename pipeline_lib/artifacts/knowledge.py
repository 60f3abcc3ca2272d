"""What a method learns from besides images, labels and names, as plain tensors.

Each stage that serves a method writes such a file beside the tables that explain it, so that a
method reads tensors only, and is trained again only when they change. There is a kind for each use:
what only some methods read is a file of its own.
"""

from pathlib import Path

import numpy as np

from pipeline_lib.artifacts.arrays import Array
from pipeline_lib.artifacts.tensors import Tensors
from pipeline_lib.errors import InputError
from pipeline_lib.fingerprint import digest

# Header of all: samples, a digest of the training images' ids; encoded (artifacts/encoded.py).
RELATIONS = Tensors(
    "relations",
    stage="relations",
    file="{item}/knowledge.safetensors",
    arrays=(
        Array("positives", "int32", ("train", "n"), "positions of training images"),
        Array("negatives", "int32", ("train", "m"), "likewise"),
        Array("difficulty", "int32", ("train",), "0 easy, 1 medium, 2 hard"),
        Array("cluster", "int32", ("train",), "of each image, or -1: noise"),
        Array("dominant", "int32", ("clusters",), "a class, or -1"),
    ),
)
TAG_COUNTS = Tensors(
    "tag counts",
    stage="exemplars",
    file="{item}/knowledge.safetensors",
    arrays=(Array("tags", "int32", ("tags",), "training images that carry each"),),
)
SQUARE = ("categories", "categories")
GRAPH = Tensors(
    "category graph",
    stage="category_graph",
    file="{item}/graph.safetensors",
    arrays=(
        Array(
            "adjacency",
            "float32",
            SQUARE,
            "row i is what i receives, 0 to 1 (co-occurrence: DLSA Eq. 1); 0 on the diagonal",
        ),
        Array("exclusion", "float32", SQUARE, "how strongly two avoid each other; 0 if off"),
    ),
)
NEIGHBOURS = Tensors(
    "neighbours",
    stage="category_graph",
    file="{item}/neighbours.safetensors",
    arrays=(
        Array(
            "neighbours",
            "int32",
            ("categories", "most"),
            "the seen ones that inform each most, best first; -1 where there are fewer",
        ),
        Array("neighbours.{source}", "int32", ("categories", "most"), "the same by one source"),
    ),
)
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
