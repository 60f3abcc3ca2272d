"""What ``quality`` writes: what may be wrong with the data, for people to look at."""

from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl

from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.artifacts.table import Table

SUSPECTS_FILE, DUPLICATES_FILE = "suspects.parquet", "duplicates.parquet"
OUTLIERS_FILE, CONTRADICTIONS_FILE = "outliers.parquet", "contradictions.parquet"


class Suspects(dy.Schema):
    """One row per label that may be wrong, and per tag that may be missing, by rank."""

    target = dy.String(primary_key=True, regex="^(classes|tags)$")
    kind = dy.String(
        primary_key=True, regex="^(wrong|missing)$"
    )  # missing: where an image has several
    rank = dy.Int32(primary_key=True, min=1)  # 1: the likeliest
    sample_id = dy.String(min_length=1)
    split = dy.String()
    given = dy.String(nullable=True)  # the label; null of a missing tag
    suggested = dy.String(nullable=True)  # in its place; null of a wrong tag
    given_probability = dy.Float64(nullable=True, min=0, max=1)  # out of fold
    suggested_probability = dy.Float64(nullable=True, min=0, max=1)
    margin = dy.Float64(min=-1, max=1)  # of what is labelled, over the best of what is not
    neighbours = dy.List(dy.String())  # images, the nearest first
    neighbour_labels = dy.List(dy.String())  # of each; several in one text
    learnt = dy.Bool()  # the network behind the vectors was trained on this very label


class NearDuplicates(dy.Schema):
    """One row per pair of images that look alike and are not equal to the pixel."""

    first = dy.String(primary_key=True, min_length=1)
    second = dy.String(primary_key=True, min_length=1)
    similarity = dy.Float64(min=-1, max=1)  # mean of the next two
    vectors = dy.Float64(min=-1, max=1)  # cosine of the centred vectors
    pixels = dy.Float64(min=-1, max=1)  # correlation of thumbnails
    first_split = dy.String()
    second_split = dy.String()
    straddles = dy.Bool()  # of train, val and tests they are in two: what is fitted, chosen, judged
    labels_differ = dy.Bool()


class Outliers(dy.Schema):
    """One row per image that is far from all others, by rank."""

    rank = dy.Int32(primary_key=True, min=1)
    sample_id = dy.String(min_length=1)
    split = dy.String()
    distance = dy.Float64(min=0, max=2)  # 1 - cosine, to the last of its neighbours
    ratio = dy.Float64(min=0)  # of the distance to the median of its class
    neighbours = dy.List(dy.String())


class Contradictions(dy.Schema):
    """One row per image and pair of its categories that the category graph says exclude another."""

    sample_id = dy.String(primary_key=True, min_length=1)
    first = dy.String(primary_key=True, min_length=1)
    second = dy.String(primary_key=True, min_length=1)
    split = dy.String()
    strength = dy.Float64(min=0, max=1)  # of the edge
    provenance = dy.String()  # the source of knowledge
    explanation = dy.String()


SUSPECTS = Table(Suspects, stage="quality")
NEAR_DUPLICATES = Table(NearDuplicates, stage="quality")
OUTLIERS = Table(Outliers, stage="quality")
CONTRADICTIONS = Table(Contradictions, stage="quality")
FILES = {
    SUSPECTS_FILE: SUSPECTS,
    DUPLICATES_FILE: NEAR_DUPLICATES,
    OUTLIERS_FILE: OUTLIERS,
    CONTRADICTIONS_FILE: CONTRADICTIONS,
}


def write_quality(folder: Path, tables: dict[str, pl.DataFrame], facts: dict[str, Any]) -> None:
    """Write the tables, by their files, and the counts."""
    for file, kind in FILES.items():
        kind.write(tables[file], folder / file)
    write_json(folder / "metrics.json", facts)
