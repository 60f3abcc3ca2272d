"""The head of the page: which data set, and how much of it."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline_lib.params.dataset import Dataset
from pipeline_lib.reporting.collection import Collection


@dataclass(frozen=True)
class Head:
    """The numbers of the data set."""

    dataset: str
    splits: dict[str, int]  # images
    classes: int
    tags: int
    unseen: int  # tags that no training image carries a label of
    rejected: int  # items that are lost, and not a part of them
    size: str  # of the images, pixels


def head(collection: Collection, params: Dataset) -> Head:
    """Count what was ingested."""
    tags = collection.of("tags")
    return Head(
        dataset=Path(params.path).name,
        splits=collection.split_sizes,
        classes=len(collection.class_names),
        tags=len(tags),
        unseen=int((~tags["seen"]).sum()),
        rejected=sum(collection.accounting["rejected"].values()),
        size=_size(collection.samples),
    )


def _size(samples: pl.DataFrame) -> str:
    sizes = samples.select("width", "height").unique()
    if len(sizes) == 1:
        return "{} × {}".format(*sizes.row(0))
    smallest, largest = (
        samples.sort(pl.col("width") * pl.col("height"), "width", "sample_id").row(i, named=True)
        for i in (0, -1)
    )
    return " to ".join(f"{s['width']} × {s['height']}" for s in (smallest, largest))
