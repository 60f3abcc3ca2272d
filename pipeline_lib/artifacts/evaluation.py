"""What ``evaluate`` writes for one run, beside metrics.json and details.json."""

from pathlib import Path
from typing import Any

import dataframely as dy
import numpy as np
import polars as pl

from pipeline_lib.artifacts.arrays import Array
from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.artifacts.table import Table
from pipeline_lib.artifacts.tensors import Tensors
from pipeline_lib.artifacts.thresholds import THRESHOLDS_FILE, Thresholds, write_thresholds

LIVENESS_FILE = "liveness.parquet"  # below data/artifacts/evaluate/RUN
UNKNOWN_PAIRS = "unknown_pairs"  # in details.json, of an image and a tag; none where it lacks


class PerImage(dy.Schema):
    """One row per image, view and metric that averages a value of each image: the mean over seeds.

    Here and below ``split`` is a split or a view of one (evaluation/view_names.py): "test@gzsl".
    """

    sample_id = dy.String(primary_key=True, min_length=1)
    metric = dy.String(primary_key=True, min_length=1)
    split = dy.String(primary_key=True, min_length=1)
    value = dy.Float64()


class PerCategory(dy.Schema):
    """One row per split and class or tag; counts are summed over seeds.

    Of classes where they are ranked first, of tags where their probability exceeds the threshold.
    """

    split = dy.String(primary_key=True, min_length=1)
    category = dy.Int32(primary_key=True, min=0)
    name = dy.String(min_length=1)
    images = dy.Int64(min=0)  # that carry it
    precision = dy.Float64(min=0, max=1)  # 0 where it is never found
    recall = dy.Float64(min=0, max=1)  # 0 where no image carries it
    f1 = dy.Float64(min=0, max=1)
    # where its probability exceeds the threshold of its own from val (thresholds.json); null of
    # classes, and where none holds
    precision_chosen = dy.Float64(nullable=True, min=0, max=1)
    recall_chosen = dy.Float64(nullable=True, min=0, max=1)
    f1_chosen = dy.Float64(nullable=True, min=0, max=1)


class Reliability(dy.Schema):
    """One row per split, kind of probabilities and bin of them: what was believed, what came true.

    A belief is that the class ranked first is right, or that an image carries a tag. All seeds are
    counted together.
    """

    split = dy.String(primary_key=True, min_length=1)
    probabilities = dy.String(primary_key=True, min_length=1)  # "as_trained" or "tempered"
    bin = dy.Int32(primary_key=True, min=0)
    low = dy.Float64(min=0, max=1)  # the bin's ends
    high = dy.Float64(min=0, max=1)
    beliefs = dy.Int64(min=0)  # how many
    probability = dy.Float64(nullable=True, min=0, max=1)  # their mean
    true = dy.Float64(nullable=True, min=0, max=1)  # the share that came true
    true_low = dy.Float64(nullable=True, min=0, max=1)  # 95 %
    true_high = dy.Float64(nullable=True, min=0, max=1)


class AveragePrecision(dy.Schema):
    """One row per split, metric and tag, means over seeds; null where no image carries the tag.

    The metrics are the conventions of mAP; here is what each averages. Empty for runs of classes.
    """

    split = dy.String(primary_key=True, min_length=1)
    metric = dy.String(primary_key=True, min_length=1)
    category = dy.Int32(primary_key=True, min=0)
    name = dy.String(min_length=1)
    images = dy.Int64(min=0)  # that carry it
    value = dy.Float64(nullable=True)
    low = dy.Float64(nullable=True)  # 95 %
    high = dy.Float64(nullable=True)


class Liveness(dy.Schema):
    """One row per module, reading and split: what a mechanism comes to (training/liveness.py)."""

    module = dy.String(primary_key=True, min_length=1)  # the key of the settings that switches it
    reading = dy.String(primary_key=True, min_length=1)
    split = dy.String(primary_key=True, min_length=1)  # "train": as training left it
    about = dy.String(min_length=1)  # what number it is
    value = dy.Float64()  # the mean over seeds …
    least = dy.Float64()  # … and the extremes
    most = dy.Float64()
    bar = dy.Float64(nullable=True)  # what a living module passes with every seed; null: none
    above = dy.Bool()  # whether living is above the bar, or below it
    alive = dy.Bool(nullable=True)  # null without a bar


class Confusion(dy.Schema):
    """One row per split, true and first-ranked class or tag; counts are summed over seeds."""

    split = dy.String(primary_key=True, min_length=1)
    true = dy.Int32(primary_key=True, min=0)
    predicted = dy.Int32(primary_key=True, min=0)
    count = dy.Int64(min=1)


class Embedding(dy.Schema):
    """One row per pictured image: where its final feature lies in the plane."""

    sample_id = dy.String(primary_key=True, min_length=1)
    x = dy.Float64()
    y = dy.Float64()


PER_IMAGE = Table(PerImage, stage="evaluate", version=2)  # 2: split is of the key
PER_CATEGORY = Table(PerCategory, stage="evaluate", version=2)  # 2: …_chosen
RELIABILITY = Table(Reliability, stage="evaluate")
AVERAGE_PRECISION = Table(AveragePrecision, stage="evaluate", version=2)  # 2: a row per metric
LIVENESS = Table(Liveness, stage="evaluate")
CONFUSION = Table(Confusion, stage="evaluate")
EMBEDDING = Table(Embedding, stage="evaluate")
# The same resamples for all runs on the same images. Differences between runs are read from it. The
# header lists the metrics (evaluation/metrics.py) with their cut-offs, in reading order.
DRAWS = Tensors(
    "draws",
    stage="evaluate",
    version=2,  # of classes too; the header
    file="{item}/draws.safetensors",
    arrays=(
        Array(
            "{split}/{metric}",
            "float64",
            ("value and resamples",),
            "a metric, then in every resample of the images",
        ),
    ),
)


def write_evaluation(
    folder: Path,
    measures: list[dict[str, Any]],
    metrics: dict[str, float],
    details: dict[str, Any],
    per_image: pl.DataFrame,
    per_category: pl.DataFrame,
    average_precision: pl.DataFrame,
    reliability: pl.DataFrame,
    draws: dict[str, np.ndarray],
    liveness: pl.DataFrame,
    confusion: pl.DataFrame,
    predictions: pl.DataFrame,
    embedding: pl.DataFrame,
    thresholds: Thresholds,
) -> None:
    """Write what was found of one run."""
    write_json(folder / "metrics.json", metrics)
    write_json(folder / "details.json", details)
    PER_IMAGE.write(per_image, folder / "per_image.parquet")
    PER_CATEGORY.write(per_category, folder / "per_category.parquet")
    AVERAGE_PRECISION.write(average_precision, folder / "average_precision.parquet")
    RELIABILITY.write(reliability, folder / "reliability.parquet")
    DRAWS.write(folder / "draws.safetensors", draws, measures=measures)
    LIVENESS.write(liveness, folder / LIVENESS_FILE)
    CONFUSION.write(confusion, folder / "confusion.parquet")
    EMBEDDING.write(embedding, folder / "embedding.parquet")
    write_thresholds(folder / THRESHOLDS_FILE, thresholds)
    # CSV, because `dvc plots` reads no Parquet
    write_bytes(folder / "predictions.csv", predictions.write_csv().encode())
