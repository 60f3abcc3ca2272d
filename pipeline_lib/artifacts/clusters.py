"""What ``clusters`` writes: the cluster of every training image, and the clusters themselves."""

from pathlib import Path

import dataframely as dy
import numpy as np
import polars as pl

from pipeline_lib.artifacts.arrays import Array
from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.artifacts.table import Table
from pipeline_lib.artifacts.tensors import Tensors
from pipeline_lib.errors import InputError


class Assignments(dy.Schema):
    """One row per training image."""

    sample_id = dy.String(primary_key=True, min_length=1)
    cluster = dy.Int32(min=-1)  # -1: noise, outside every cluster


ASSIGNMENTS = Table(Assignments, stage="clusters")
PROTOTYPES = Tensors(
    "prototypes",
    stage="clusters",
    file="{item}/prototypes.safetensors",
    arrays=(
        Array("means", "float32", ("clusters", "dims"), "mean features, 0 of an empty one"),
        Array("sizes", "int64", ("clusters",), "members"),
    ),
)


def write_clusters(
    folder: Path,
    train_ids: list[str],
    labels: np.ndarray,
    prototypes: dict[str, np.ndarray],
    quality: dict[str, float],
) -> None:
    """Write the clusters of the training images and how good they are."""
    columns = {"sample_id": train_ids, "cluster": labels.astype(np.int32)}
    ASSIGNMENTS.write(pl.DataFrame(columns), folder / "assignments.parquet")
    PROTOTYPES.write(folder / "prototypes.safetensors", prototypes)
    write_json(folder / "metrics.json", quality)


def read_labels(folder: Path, train_ids: list[str]) -> tuple[np.ndarray, int]:
    """Return the cluster of each training image, int64, -1 for noise, and how many clusters.

    Raises:
        InputError: the clusters are those of other images.
    """
    frame = ASSIGNMENTS.read(folder / "assignments.parquet")
    if frame["sample_id"].to_list() != train_ids:
        raise InputError(
            f"{folder}: holds clusters of {len(frame)} other images than the {len(train_ids)} "
            "training images; re-run `dvc repro clusters`"
        )
    prototypes, _ = PROTOTYPES.read(folder / "prototypes.safetensors")
    return frame["cluster"].to_numpy().astype(np.int64), len(prototypes["sizes"])
