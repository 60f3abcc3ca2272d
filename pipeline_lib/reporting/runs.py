"""Everything that was written about one run."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.artifacts.evaluation import (
    AVERAGE_PRECISION,
    CONFUSION,
    EMBEDDING,
    LIVENESS,
    LIVENESS_FILE,
    PER_CATEGORY,
    RELIABILITY,
)
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.artifacts.scores import SCORES
from pipeline_lib.artifacts.thresholds import THRESHOLDS_FILE, Thresholds, read_thresholds
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.metric import Measure
from pipeline_lib.evaluation.ranking import ranking
from pipeline_lib.params.runs import references
from pipeline_lib.reporting.outcome import Outcome, read_outcome


@dataclass(frozen=True, kw_only=True)
class Run(Outcome):
    """One run, trained and judged."""

    references: tuple[str, ...]  # the runs that it is compared with, enabled or not
    history: pl.DataFrame
    per_category: pl.DataFrame
    average_precision: pl.DataFrame  # of tags
    reliability: pl.DataFrame
    thresholds: Thresholds  # and temperatures, chosen on val
    liveness: pl.DataFrame  # of its modules, as Liveness
    confusion: pl.DataFrame
    embedding: pl.DataFrame
    predicted: np.ndarray  # first-ranked class of each test image, (seeds, images)
    scores: np.ndarray  # of each test image, mean over seeds, (images, classes or tags)
    digest: str = ""  # MD5 of the file of scores, by which dvc.lock knows it

    def of_labels(self, view: str) -> dict[Measure, pl.DataFrame]:
        """Return the metrics that are shown label by label, a row per label; of tags alone."""
        here = self.average_precision.filter(pl.col("split") == view)
        tables = {m: here.filter(pl.col("metric") == m.name) for m in self.estimates(view)}
        return {m: table for m, table in tables.items() if len(table)}

    def counts(self, split: str, classes: int) -> np.ndarray:
        """Return how often [true class, first-ranked class] came about, (classes, classes)."""
        counts = np.zeros((classes, classes), np.int64)
        cells = self.confusion.filter(pl.col("split") == split)
        counts[cells["true"].to_numpy(), cells["predicted"].to_numpy()] = cells["count"].to_numpy()
        return counts


def read_run(name: str, said: Mapping[str, Any], train: Path, evaluate: Path) -> Run:
    """Read a run, of which ``methods:`` says ``said``, from the folders of its two stages.

    Raises:
        InputError: a file is missing or damaged.
    """
    header, predicted, scores = _scores(train / "scores.safetensors")
    outcome = read_outcome(name, said.get("target", "classes"), header, evaluate)
    return Run(
        **vars(outcome),
        references=tuple(references(name, said)),
        history=_history(train / "history.csv"),
        per_category=PER_CATEGORY.read(evaluate / "per_category.parquet"),
        average_precision=AVERAGE_PRECISION.read(evaluate / "average_precision.parquet"),
        reliability=RELIABILITY.read(evaluate / "reliability.parquet"),
        thresholds=read_thresholds(evaluate / THRESHOLDS_FILE),
        liveness=LIVENESS.read(evaluate / LIVENESS_FILE),
        confusion=CONFUSION.read(evaluate / "confusion.parquet"),
        embedding=EMBEDDING.read(evaluate / "embedding.parquet"),
        predicted=predicted,
        scores=scores,
        digest=_md5(train / "scores.safetensors"),
    )


def _scores(path: Path) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """Return the header, what each seed took the test images for, and their mean scores."""
    with SCORES.opened(path) as (file, header):
        logits = [file.get_tensor(f"{seed}/{TEST}/logits") for seed in header["seeds"]]
        first = np.stack([ranking(scores)[:, 0] for scores in logits])
        return header, first, np.mean(logits, axis=0)


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _history(path: Path) -> pl.DataFrame:
    try:
        return pl.read_csv(path)
    except FileNotFoundError as error:
        raise InputError(f"{path}: missing; run `dvc repro train` or `dvc pull`") from error
