"""Judge the scores of one run against labels that its training never saw."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.artifacts.labelled import Labelled
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.artifacts.scores import SCORES
from pipeline_lib.artifacts.thresholds import Thresholds
from pipeline_lib.evaluation.brief import brief
from pipeline_lib.evaluation.class_tables import confusion_matrix
from pipeline_lib.evaluation.embedding import plane, spread_choice
from pipeline_lib.evaluation.judge import Judged
from pipeline_lib.evaluation.metric import Measure
from pipeline_lib.evaluation.resampled import Truth
from pipeline_lib.evaluation.resamples import Resamples
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.steps.evaluate.choosing import choose
from pipeline_lib.steps.evaluate.liveness import liveness
from pipeline_lib.steps.evaluate.scored import Scored, scored_splits, testable
from pipeline_lib.steps.evaluate.shared import Shared
from pipeline_lib.steps.evaluate.tables import (
    average_precision,
    by_image,
    by_label,
    flat,
    judged_view,
    reliability,
    settled,
)
from pipeline_lib.steps.evaluate.views import View, views_of_split
from pipeline_lib.targets import Target


@dataclass(frozen=True)
class JudgedRun:
    """Everything that is said of one run."""

    measures: list[Measure]  # in reading order; the first sums the run up
    metrics: dict[str, float]  # the few that DVC's tables show
    details: dict[str, Any]  # by split and view (evaluation/view_names.py), finite numbers
    per_image: pl.DataFrame
    per_category: pl.DataFrame
    average_precision: pl.DataFrame  # of tags
    reliability: pl.DataFrame
    draws: dict[str, np.ndarray]  # "<split>/<metric>" in every resample
    liveness: pl.DataFrame  # of the method's modules
    confusion: pl.DataFrame
    predictions: pl.DataFrame  # of the test split, for `dvc plots`
    embedding: pl.DataFrame
    thresholds: Thresholds


def judge(scores: Path, table: Labelled, params: Evaluation, target: Target) -> JudgedRun:
    """Judge every evaluation split by its classes or tags, whichever is the ``target``."""
    with SCORES.opened(scores) as (file, header):
        return _judged(file, header, table, params, target)


def _judged(
    file: Any, header: dict[str, Any], table: Labelled, params: Evaluation, target: Target
) -> JudgedRun:
    kinds, names = table.predicted(target), table.names(target)
    every = list(scored_splits(file, header, table, target))
    splits = list(testable(every, judged_labels(kinds, params, target), target))
    test = next(split for split in splits if split.name == TEST)
    thresholds = choose(every, header, table, params, target)
    views = judge_views(splits, kinds, params, thresholds)
    judged = {of.view.scored.name: of.judged for of in views}
    details = {of.view.scored.name: flat(of.view, of.judged) for of in views}
    measures = list(judged[TEST].draws)
    features = file.get_tensor(f"{header['seeds'][0]}/{TEST}/features")
    return JudgedRun(
        measures=measures + [m for m in _all(judged) if m not in measures],
        metrics=brief(details, measures[0].name),
        details=details | _about(header),
        **_tables(views, params, thresholds),
        draws={f"{name}/{m.name}": v for name, j in judged.items() for m, v in j.draws.items()},
        liveness=liveness(header.get("liveness", ())),
        confusion=pl.concat(_of(s, _confusion(s, settled(s, params))) for s in splits),
        predictions=_predictions(test, settled(test, params), names),
        embedding=_embedding(test, features, params),
        thresholds=thresholds,
    )


@dataclass(frozen=True)
class JudgedView:
    """One view, what it came to, and in which resamples."""

    view: View
    judged: Judged
    resamples: Resamples


def judge_views(
    splits: Iterable[Scored], kinds: pl.DataFrame, params: Evaluation, thresholds: Thresholds
) -> list[JudgedView]:
    """Judge splits and their views; ``kinds`` holds all classes or tags in index order."""
    found = []
    for split in splits:
        shared = Shared.of(len(split.ids), params)
        for view in _views(split, kinds, params, thresholds.target):
            judged = judged_view(view, params, thresholds, shared)
            found.append(JudgedView(view, judged, shared.resamples))
    return found


def judged_labels(kinds: pl.DataFrame, params: Evaluation, target: Target) -> np.ndarray:
    """Return the indices of what the splits themselves are judged by."""
    seen = target == "tags" and params.tags.judged == "seen"
    kept = kinds.filter(pl.col("seen")) if seen else kinds
    return kept["index"].to_numpy()


def _views(
    split: Scored, kinds: pl.DataFrame, params: Evaluation, target: Target
) -> Iterable[View]:
    """Return the views of a split; ``kinds`` holds all classes or tags in index order."""
    if target == "classes":
        return [View(split, kinds)]
    return views_of_split(split, kinds, params.tags)


def _all(judged: Mapping[str, Judged]) -> Iterable[Measure]:
    """Return what some view is judged by; one of few labels may have other cut-offs."""
    return dict.fromkeys(measure for found in judged.values() for measure in found.draws)


def _tables(
    views: Sequence[JudgedView], params: Evaluation, thresholds: Thresholds
) -> dict[str, pl.DataFrame]:
    return {
        "per_image": pl.concat(by_image(of.view.scored, of.judged) for of in views),
        "per_category": pl.concat(
            _of(of.view.scored, by_label(of.view, params, thresholds)) for of in views
        ),
        "average_precision": pl.concat(
            _of(of.view.scored, average_precision(of.view, of.judged, params)) for of in views
        ),
        "reliability": pl.concat(
            _of(of.view.scored, reliability(of.view, params, thresholds, of.resamples))
            for of in views
        ),
    }


def _about(header: dict[str, Any]) -> dict[str, Any]:
    return {
        "seeds": len(header["seeds"]),
        "images_encoded": float(np.mean(header["images_encoded"])),
        "leaks": len(header["leaks"]),
    }


def _confusion(split: Scored, truth: Truth) -> pl.DataFrame:
    counts = confusion_matrix(split.first(truth), truth.carried)
    true, predicted = np.nonzero(counts)
    return pl.DataFrame(
        {
            "true": true.astype(np.int32),
            "predicted": predicted.astype(np.int32),
            "count": counts[true, predicted],
        }
    )


def _of(split: Scored, frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.lit(split.name).alias("split"), pl.all())


def _predictions(split: Scored, truth: Truth, names: list[str]) -> pl.DataFrame:
    """Return the first seed's first-ranked category of each image beside one that it carries."""
    some = truth.carried.any(1)  # an image may carry no tag
    return pl.DataFrame(
        {
            "actual": [names[j] for j in truth.carried[some].argmax(1)],
            "predicted": [names[j] for j in split.first(truth)[0][some]],
        }
    )


def _embedding(split: Scored, features: np.ndarray, params: Evaluation) -> pl.DataFrame:
    chosen = spread_choice(len(split.ids), params.embedding_images)
    places = plane(features[chosen], method=params.embedding, seed=params.seed)
    ids = [split.ids[i] for i in chosen]
    return pl.DataFrame({"sample_id": ids, "x": places[:, 0], "y": places[:, 1]})
