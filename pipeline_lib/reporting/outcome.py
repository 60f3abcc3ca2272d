"""How a run was judged: its metrics in the same resamples of the images as those of other runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.artifacts.evaluation import DRAWS, PER_IMAGE
from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.evaluation.metric import Measure
from pipeline_lib.evaluation.metrics import measure
from pipeline_lib.evaluation.view_names import views_of
from pipeline_lib.methods.registry import Control, control_of
from pipeline_lib.targets import Target


@dataclass(frozen=True)
class Outcome:
    """What can be compared of one run."""

    name: str
    target: Target
    header: dict[str, Any]  # of its scores: method, seeds, splits, leaks, facts
    measures: list[Measure]  # by which it was judged, in reading order
    metrics: dict[str, Any]  # by split and view, flat; besides seeds and images_encoded
    per_image: pl.DataFrame
    draws: dict[str, np.ndarray]  # "<split>/<metric>" in every resample

    @property
    def control(self) -> Control | None:
        """What the run replaces of its method, where it is a placebo."""
        return control_of(self.header.get("method", ""), self.header.get("settings", {}))

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

    def images(self, view: str) -> int:
        """Return how many images were judged in a split or view."""
        return len(self.judged(view))

    def judged(self, view: str) -> pl.Series:
        """Return the keys of the images that were judged in a split or view, sorted."""
        return self.per_image.filter(pl.col("split") == view)["sample_id"].unique().sort()


def read_outcome(name: str, target: Target, header: dict[str, Any], evaluate: Path) -> Outcome:
    """Read how a run was judged, from the folder that ``evaluate`` wrote for it.

    Args:
        name: what the run is called.
        target: what it predicts.
        header: of its scores.
        evaluate: the folder.

    Raises:
        InputError: a file is missing or damaged.
    """
    draws, judged = DRAWS.read(drawn := evaluate / "draws.safetensors")
    return Outcome(
        name=name,
        target=target,
        header=header,
        measures=[_measure(stored, drawn) for stored in judged["measures"]],
        metrics=read_json(evaluate / "details.json"),
        per_image=PER_IMAGE.read(evaluate / "per_image.parquet"),
        draws=draws,
    )


def _measure(stored: Mapping[str, Any], path: Path) -> Measure:
    try:
        return measure(stored)
    except LookupError as error:
        raise InputError(
            f"{path}: judged by '{stored['metric']}', expected a metric of "
            "pipeline_lib/evaluation/metrics.py; re-run `dvc repro evaluate`"
        ) from error
