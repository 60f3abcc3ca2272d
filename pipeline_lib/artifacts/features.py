"""What ``features`` writes: one vector per image, in shards, in the order of the sample table."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import dataframely as dy
import numpy as np
import polars as pl

from pipeline_lib.artifacts.arrays import Array
from pipeline_lib.artifacts.table import Table
from pipeline_lib.artifacts.tensors import Tensors
from pipeline_lib.errors import InputError

ROWS_PER_SHARD = 65_536


class FeatureIndex(dy.Schema):
    """One row per image: where its vector is."""

    sample_id = dy.String(primary_key=True, min_length=1)
    shard = dy.Int32(min=0)
    row = dy.Int32(min=0)  # within the shard


INDEX = Table(FeatureIndex, stage="features")
# Header: encoded (artifacts/encoded.py), backbone and preprocess (as maps say them).
SHARD = Tensors(
    "features",
    stage="features",
    file="{item}/global-*.safetensors",
    arrays=(Array("global", "float32", ("images", "dims"), "one vector per image"),),
)


def shard_path(folder: Path, shard: int) -> Path:
    """Return the path of one shard."""
    return folder / f"global-{shard:05d}.safetensors"


def write_features(
    folder: Path,
    sample_ids: list[str],
    shards: Iterable[np.ndarray],
    about: Mapping[str, Any] | None = None,
) -> None:
    """Write the vectors of ``sample_ids`` (sorted), ``ROWS_PER_SHARD`` to a shard, and a header."""
    for shard, rows in enumerate(shards):
        SHARD.write(shard_path(folder, shard), {"global": rows}, **(about or {}))
    number = np.arange(len(sample_ids))
    index = {
        "sample_id": sample_ids,
        "shard": (number // ROWS_PER_SHARD).astype(np.int32),
        "row": (number % ROWS_PER_SHARD).astype(np.int32),
    }
    INDEX.write(pl.DataFrame(index), folder / "index.parquet")


def read_features(folder: Path, sample_ids: list[str]) -> np.ndarray:
    """Return the vectors (images, dimensions) of every image.

    Raises:
        InputError: the folder's images are not exactly ``sample_ids``.
    """
    index = INDEX.read(folder / "index.parquet")
    if index["sample_id"].to_list() != sample_ids:
        raise InputError(
            f"{folder}: holds features of {len(index)} other images than the {len(sample_ids)} "
            "asked for; re-run `dvc repro features`"
        )
    shards = range(int(index["shard"].max()) + 1)  # type: ignore[arg-type]
    return np.concatenate([SHARD.read(shard_path(folder, s))[0]["global"] for s in shards])
