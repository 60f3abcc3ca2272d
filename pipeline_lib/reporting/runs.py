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
    DRAWS,
    EMBEDDING,
    PER_CATEGORY,
    PER_IMAGE,
)
from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.artifacts.scores import SCORES
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.evaluation.metric import Measure
from pipeline_lib.evaluation.metrics import measure
from pipeline_lib.evaluation.ranking import ranking
from pipeline_lib.evaluation.view_names import views_of
from pipeline_lib.params.runs import references
from pipeline_lib.targets import Target


@dataclass(frozen=True)
class Run:
    """One run, trained and judged."""

    name: str
    target: Target
    references: tuple[str, ...]  # the runs that it is compared with, enabled or not
    header: dict[str, Any]  # of its scores: method, seeds, splits, leaks, facts
    measures: list[Measure]  # by which it was judged, in reading order
    metrics: dict[str, Any]  # by split and view, flat; besides seeds and images_encoded
    history: pl.DataFrame
    per_image: pl.DataFrame
    per_category: pl.DataFrame
    average_precision: pl.DataFrame  # of tags
    draws: dict[str, np.ndarray]  # "<split>/<metric>" in every resample
    confusion: pl.DataFrame
    embedding: pl.DataFrame
    predicted: np.ndarray  # first-ranked class of each test image, (seeds, images)
    scores: np.ndarray  # of each test image, mean over seeds, (images, classes or tags)
    digest: str = ""  # MD5 of the file of scores, by which dvc.lock knows it

    @property
    def splits(self) -> list[str]:
        """The splits that were judged, in reading order: test, what is like it, and val last."""
        judged = [split for split in self.header["splits"] if split in self.metrics]
        return sorted(judged, key=lambda s: (s != TEST, not s.startswith(TEST), s))

    @property
    def views(self) -> list[str]:
        """The splits, each followed by its zero-shot views, if the run has any."""
        return [view for split in self.splits for view in views_of(split, self.metrics)]

    def estimates(self, view: str) -> dict[Measure, Estimate]:
        """Return every metric of a split or view with its interval, in reading order."""
        flat = self.metrics[view]
        return {
            m: Estimate(flat[m.name], flat[f"{m.name}_low"], flat[f"{m.name}_high"])
            for m in self.measures
            if m.name in flat
        }

    def headline(self, view: str) -> Measure:
        """Return the metric that sums a run up in a view."""
        return next(iter(self.estimates(view)))

    def of_labels(self, view: str) -> dict[Measure, pl.DataFrame]:
        """Return the metrics that are shown label by label, a row per label; of tags alone."""
        here = self.average_precision.filter(pl.col("split") == view)
        tables = {m: here.filter(pl.col("metric") == m.name) for m in self.estimates(view)}
        return {m: table for m, table in tables.items() if len(table)}

    def images(self, view: str) -> int:
        """Return how many images were judged in a split or view."""
        return self.per_image.filter(pl.col("split") == view)["sample_id"].n_unique()

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
    draws, judged = DRAWS.read(drawn := evaluate / "draws.safetensors")
    return Run(
        name=name,
        target=said.get("target", "classes"),
        references=tuple(references(name, said)),
        header=header,
        measures=[_measure(stored, drawn) for stored in judged["measures"]],
        metrics=read_json(evaluate / "details.json"),
        history=_history(train / "history.csv"),
        per_image=PER_IMAGE.read(evaluate / "per_image.parquet"),
        per_category=PER_CATEGORY.read(evaluate / "per_category.parquet"),
        average_precision=AVERAGE_PRECISION.read(evaluate / "average_precision.parquet"),
        draws=draws,
        confusion=CONFUSION.read(evaluate / "confusion.parquet"),
        embedding=EMBEDDING.read(evaluate / "embedding.parquet"),
        predicted=predicted,
        scores=scores,
        digest=_md5(train / "scores.safetensors"),
    )


def _measure(stored: Mapping[str, Any], path: Path) -> Measure:
    try:
        return measure(stored)
    except LookupError as error:
        raise InputError(
            f"{path}: judged by '{stored['metric']}', expected a metric of "
            "pipeline_lib/evaluation/metrics.py; re-run `dvc repro evaluate`"
        ) from error


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
