"""What ``evaluate`` writes for one run, beside metrics.json."""

from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl

from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.artifacts.table import Table


class PerImage(dy.Schema):
    """One row per image and metric: the mean over seeds, which paired comparisons need."""

    sample_id = dy.String(primary_key=True, min_length=1)
    metric = dy.String(primary_key=True, min_length=1)
    split = dy.String(min_length=1)
    value = dy.Float64(min=0, max=1)


class PerCategory(dy.Schema):
    """One row per split and class; counts are summed over seeds."""

    split = dy.String(primary_key=True, min_length=1)
    category = dy.Int32(primary_key=True, min=0)
    name = dy.String(min_length=1)
    images = dy.Int64(min=0)  # that carry the class
    precision = dy.Float64(
        min=0, max=1
    )  # of the first-ranked class; 0 where it is never ranked first
    recall = dy.Float64(min=0, max=1)  # 0 where no image carries the class
    f1 = dy.Float64(min=0, max=1)


class Confusion(dy.Schema):
    """One row per split, true class and first-ranked class; counts are summed over seeds."""

    split = dy.String(primary_key=True, min_length=1)
    true = dy.Int32(primary_key=True, min=0)
    predicted = dy.Int32(primary_key=True, min=0)
    count = dy.Int64(min=1)


class Embedding(dy.Schema):
    """One row per pictured image: where its final feature lies in the plane."""

    sample_id = dy.String(primary_key=True, min_length=1)
    x = dy.Float64()
    y = dy.Float64()


PER_IMAGE = Table(PerImage, stage="evaluate")
PER_CATEGORY = Table(PerCategory, stage="evaluate")
CONFUSION = Table(Confusion, stage="evaluate")
EMBEDDING = Table(Embedding, stage="evaluate")


def write_evaluation(
    folder: Path,
    metrics: dict[str, Any],
    per_image: pl.DataFrame,
    per_category: pl.DataFrame,
    confusion: pl.DataFrame,
    predictions: pl.DataFrame,
    embedding: pl.DataFrame,
) -> None:
    """Write what was found of one run."""
    write_json(folder / "metrics.json", metrics)
    PER_IMAGE.write(per_image, folder / "per_image.parquet")
    PER_CATEGORY.write(per_category, folder / "per_category.parquet")
    CONFUSION.write(confusion, folder / "confusion.parquet")
    EMBEDDING.write(embedding, folder / "embedding.parquet")
    # CSV, because `dvc plots` reads no Parquet
    write_bytes(folder / "predictions.csv", predictions.write_csv().encode())
