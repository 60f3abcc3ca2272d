"""Clusters in pictures: the members nearest to each cluster's mean."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.artifacts.features import INDEX, SHARD, shard_path
from pipeline_lib.artifacts.samples import TRAIN
from pipeline_lib.errors import InputError
from pipeline_lib.reporting.collection import Collection
from pipeline_lib.reporting.pictures import Picture

CLUSTERS = 6  # dominated ones, and as many mixed ones
MEMBERS = 8  # pictures of a cluster
CLASSES = 3  # named of a cluster, the commonest ones


@dataclass(frozen=True)
class Strip:
    """One cluster."""

    cluster: int
    size: int
    classes: list[tuple[str, float]]  # the commonest ones and their shares
    pictures: list[Picture]


@dataclass(frozen=True)
class Vectors:
    """The features that were clustered, read a few at a time."""

    folder: Path

    @cached_property
    def _index(self) -> pl.DataFrame:
        return INDEX.read(self.folder / "index.parquet")

    def of(self, sample_ids: pl.Series) -> np.ndarray:
        """Return the vectors of some images, given in ascending order, (images, dimensions).

        Raises:
            InputError: there are none of some images.
        """
        index = self._index.filter(pl.col("sample_id").is_in(sample_ids.implode()))
        if len(index) < len(sample_ids):
            raise InputError(
                f"{self.folder}: holds features of {len(index)} of the {len(sample_ids)} images "
                "of a cluster, expected all of them; re-run `dvc repro features`"
            )
        shards = index.group_by("shard", maintain_order=True)
        return np.concatenate([self._rows(shard, frame["row"]) for (shard,), frame in shards])

    def _rows(self, shard: Any, rows: pl.Series) -> np.ndarray:
        with SHARD.opened(shard_path(self.folder, shard)) as (file, _):
            stored = file.get_slice("global")
            return np.concatenate([stored[row : row + 1] for row in rows])


def strips(
    table: pl.DataFrame,
    labels: np.ndarray,
    means: np.ndarray,
    vectors: Vectors,
    collection: Collection,
) -> tuple[list[Strip], list[Strip]]:
    """Show the largest dominated and the largest mixed clusters.

    Args:
        table: one row per cluster, as ``relations`` writes it.
        labels: cluster of each training image.
        means: mean feature of each cluster (clusters, dimensions).
        vectors: the features of the training images.
        collection: the data set.
    """
    train = collection.rows(TRAIN)

    def strip(cluster: int) -> Strip:
        rows = train[labels == cluster]
        offset = vectors.of(collection.samples["sample_id"][rows]) - means[cluster]
        nearest = rows[(offset**2).sum(1).argsort(kind="stable")[:MEMBERS]]
        classes = _commonest(collection, rows)
        return Strip(cluster, len(rows), classes, collection.pictures(nearest))

    dominated, mixed = chosen_clusters(table)
    return [strip(cluster) for cluster in dominated], [strip(cluster) for cluster in mixed]


def chosen_clusters(table: pl.DataFrame) -> tuple[list[int], list[int]]:
    """Return the largest dominated clusters, of different classes, and the largest mixed ones."""
    ordered = table.filter(pl.col("size") > 0).sort("size", "cluster", descending=[True, False])
    dominated = ordered.drop_nulls("dominant").unique("dominant", keep="first", maintain_order=True)
    mixed = ordered.filter(pl.col("dominant").is_null())
    return dominated["cluster"].head(CLUSTERS).to_list(), mixed["cluster"].head(CLUSTERS).to_list()


def _commonest(collection: Collection, rows: np.ndarray) -> list[tuple[str, float]]:
    shares = collection.targets("classes", rows).mean(0)
    order = (-shares).argsort(kind="stable")[:CLASSES]
    return [(collection.class_names[i], float(shares[i])) for i in order if shares[i] > 0]
