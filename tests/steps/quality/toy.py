"""Small tables, vectors and settings for what stage `quality` does."""

from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.artifacts.category_graph import EDGES
from pipeline_lib.artifacts.labelled import Labelled
from pipeline_lib.artifacts.samples import CATEGORIES, SAMPLES
from pipeline_lib.params.quality import OutOfFold, Quality
from tests.methods.toy import merged

SECTION: dict[str, Any] = {
    "vectors": "data/artifacts/features/classes",
    "graph": "data/none",
    "neighbours": 4,
    "scores": {"folds": 3, "c": 1.0, "seed": 0},
    "similarity": 0.9,
    "exclusion": 0.9,
    "listed": 50,
}


def params(**changes: Any) -> Quality:
    return Quality.model_validate(merged(SECTION, changes))


def scores(**changes: Any) -> OutOfFold:
    return params(scores=changes).scores


def table(
    classes: list[list[int]],
    tags: list[list[int]] | None = None,
    splits: str | list[str] = "train",
    digests: list[int] | None = None,
) -> Labelled:
    """Images `00`, `01`, … with these classes and tags."""
    count = len(classes)
    tags = tags if tags is not None else [[]] * count
    named = [splits] * count if isinstance(splits, str) else splits
    rows = [
        {"sample_id": f"{i:02d}", "split": named[i], "classes": classes[i], "tags": tags[i],
         "width": 9, "height": 9, "sha256": f"{(digests or range(count))[i]:064x}", "path": "",
         "row": i}
        for i in range(count)
    ]  # fmt: skip
    kinds = {"class": classes, "tag": tags}
    names = [
        {
            "kind": kind,
            "index": i,
            "name": f"{kind}{i}",
            "seen": True,
            "train_count": 1,
            "far": None,
        }
        for kind, lists in kinds.items()
        for i in range(1 + max((one for some in lists for one in some), default=-1))
    ]
    return Labelled(
        samples=pl.DataFrame(rows, schema=SAMPLES.dtypes),
        categories=pl.DataFrame(names, schema=CATEGORIES.dtypes),
    )


def blobs(
    classes: np.ndarray, rng: np.random.Generator, *, dims: int = 6, noise: float = 0.2
) -> np.ndarray:
    """Vectors around a corner for each class."""
    corners = np.eye(dims)[classes]
    return (corners + noise * rng.normal(size=corners.shape)).astype(np.float32)


def edges(*rows: tuple[str, str, int, float]) -> pl.DataFrame:
    """Edges of a category graph: target, source, sign, strength."""
    found = [
        {"target": a, "source": b, "provenance": "file", "sign": sign, "strength": strength,
         "value": strength, "relation": "r", "explanation": f"{a} and {b}"}
        for a, b, sign, strength in rows
    ]  # fmt: skip
    return pl.DataFrame(found, schema=EDGES.dtypes)
