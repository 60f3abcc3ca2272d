"""Read the results as tables with polars. Run it in a checkout where `dvc repro` ran."""

from pathlib import Path

import polars as pl

from pipeline_lib.artifacts.evaluation import PER_IMAGE
from pipeline_lib.artifacts.report import COMPARISON
from pipeline_lib.artifacts.samples import CATEGORIES, SAMPLES

ARTIFACTS = Path("data/artifacts")

# Every run against each of its references, in the same resamples of the images.
compared = COMPARISON.read(ARTIFACTS / "report/comparison.parquet")
shown = compared.filter(pl.col("reference") != "", ~pl.col("covers_zero"), split="test")
print(shown.select("run", "reference", "metric", "difference", "difference_low", "difference_high"))

# Images that the fewest runs get right, by name.
right = [
    PER_IMAGE.read(path).filter(split="test", metric="top_k_accuracy_1")
    for path in sorted(ARTIFACTS.glob("evaluate/*/per_image.parquet"))
]
classes = CATEGORIES.read(ARTIFACTS / "ingest/categories.parquet").filter(kind="class")
samples = SAMPLES.read(ARTIFACTS / "ingest/samples.parquet").explode("classes")
hardest = pl.concat(right).group_by("sample_id").agg(right=pl.mean("value"))
named = hardest.join(samples, on="sample_id").join(classes, left_on="classes", right_on="index")
print(named.sort("right", "sample_id").select("sample_id", "name", "right").head())
