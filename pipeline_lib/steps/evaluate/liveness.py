"""The readings of a run's modules, of all seeds together."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from pipeline_lib.artifacts.evaluation import Liveness

KEY = ("module", "reading", "split")


def liveness(seeds: Sequence[Sequence[Mapping[str, Any]]]) -> pl.DataFrame:
    """Return one row per module, reading and split.

    A module is alive where every seed passes the bar: one that dies in one training of three cannot
    be relied on.

    Args:
        seeds: of each seed the fields of its readings (training/liveness.py ``Reading``).
    """
    rows = [dict(row) for found in seeds for row in found]
    if not rows:
        return Liveness.create_empty()
    schema = {"bar": pl.Float64, "value": pl.Float64}
    table = pl.DataFrame(rows, schema_overrides=schema).rename({"name": "reading"})
    passed = (
        pl.when(pl.col("above"))
        .then(pl.col("value") > pl.col("bar"))
        .otherwise(pl.col("value") < pl.col("bar"))
    )
    return (
        table.with_columns(passed.alias("passed"))
        .group_by(KEY, maintain_order=True)
        .agg(
            pl.col("about", "bar", "above").first(),
            pl.col("value").mean(),
            pl.col("value").min().alias("least"),
            pl.col("value").max().alias("most"),
            pl.col("passed").all().alias("alive"),
        )
        .select(
            *KEY,
            *("about", "value", "least", "most", "bar", "above"),
            pl.when(pl.col("bar").is_not_null()).then(pl.col("alive")).alias("alive"),
        )
    )
