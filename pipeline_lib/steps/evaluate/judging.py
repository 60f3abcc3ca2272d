"""Judge the scores of one run against labels that its training never saw."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.artifacts.evaluation import AVERAGE_PRECISION
from pipeline_lib.artifacts.labelled import Labelled
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.artifacts.scores import SCORES
from pipeline_lib.evaluation.brief import brief, primary
from pipeline_lib.evaluation.cutoffs import usable
from pipeline_lib.evaluation.embedding import plane, spread_choice
from pipeline_lib.evaluation.protocols import PerImage, classes_protocol, summarise
from pipeline_lib.evaluation.tables import confusion_matrix, per_category
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.steps.evaluate.judging_tags import (
    average_precision_table,
    judged_tags,
    tag_metrics,
    tags_found,
    values_per_image,
)
from pipeline_lib.steps.evaluate.scored import Scored, scored_splits, testable
from pipeline_lib.steps.evaluate.views import views_of_split
from pipeline_lib.targets import Target


@dataclass(frozen=True)
class Judged:
    """Everything that is said of one run."""

    metrics: dict[str, float]  # the few that DVC's tables show
    details: dict[str, Any]  # by split and view (evaluation/views.py), finite numbers
    per_image: pl.DataFrame
    per_category: pl.DataFrame
    average_precision: pl.DataFrame  # of tags
    draws: dict[str, np.ndarray]  # of tags: "<split>/<metric>" in every resample
    confusion: pl.DataFrame
    predictions: pl.DataFrame  # of the test split, for `dvc plots`
    embedding: pl.DataFrame


def judge(scores: Path, table: Labelled, params: Evaluation, target: Target) -> Judged:
    """Judge every evaluation split by its classes or tags, whichever is the ``target``."""
    arrays, header = SCORES.read(scores)
    kinds, names = table.predicted(target), table.names(target)
    every = scored_splits(arrays, header, table, target)
    splits = list(testable(every, _judged(kinds, params, target), target))
    test = next(split for split in splits if split.name == TEST)
    found = _classes(splits, names, params) if target == "classes" else _tags(splits, kinds, params)
    metric = primary_metric(params, target, len(names))
    details = found.pop("metrics")
    return Judged(
        **found,
        metrics=brief(details, metric),
        details=details | _about(header),
        confusion=pl.concat(_of(s, _confusion(s)) for s in splits),
        predictions=_predictions(test, names),
        embedding=_embedding(test, arrays[f"{header['seeds'][0]}/{TEST}/features"], params),
    )


def primary_metric(params: Evaluation, target: Target, labels: int) -> str:
    """Return the metric that a run of so many classes or tags is summed up by."""
    return primary(target, usable(params.top_k, labels)[0])


def _judged(kinds: pl.DataFrame, params: Evaluation, target: Target) -> np.ndarray:
    """Return the indices of what the splits themselves are judged by."""
    seen = target == "tags" and params.tags.judged == "seen"
    kept = kinds.filter(pl.col("seen")) if seen else kinds
    return kept["index"].to_numpy()


def _classes(splits: list[Scored], names: list[str], params: Evaluation) -> dict[str, Any]:
    values = {s.name: classes_protocol(s.scores, s.truth, params.top_k) for s in splits}
    return {
        "metrics": {name: _metrics(v, params) for name, v in values.items()},
        "per_image": pl.concat(_of_ids(s, values[s.name].values) for s in splits),
        "per_category": pl.concat(
            _of(s, per_category(s.predicted, s.truth, names)) for s in splits
        ),
        "average_precision": pl.DataFrame(schema=AVERAGE_PRECISION.dtypes),
        "draws": {},
    }


def _tags(splits: list[Scored], tags: pl.DataFrame, params: Evaluation) -> dict[str, Any]:
    """Judge every view of every split; ``tags`` holds all tags in index order."""
    views = [view for split in splits for view in views_of_split(split, tags, params.tags)]
    values = {view.scored.name: judged_tags(view.scored, params) for view in views}
    some = [(view.scored, view.tags) for view in views]
    return {
        "metrics": {name: tag_metrics(v) for name, v in values.items()},
        "per_image": pl.concat(_of_ids(s, values_per_image(s, params.tags)) for s, _ in some),
        "per_category": pl.concat(_of(s, tags_found(s, kept, params.tags)) for s, kept in some),
        "average_precision": pl.concat(
            _of(s, average_precision_table(s, values[s.name], kept, params.tags))
            for s, kept in some
        ),
        "draws": {
            f"{name}/{metric}": draws
            for name, v in values.items()
            for metric, draws in v.draws.items()
        },
    }


def _metrics(values: PerImage, params: Evaluation) -> dict[str, float]:
    """Flatten estimates: the value, its interval, and how much seeds differ."""
    flat: dict[str, float] = {}
    for name, estimate in summarise(values, draws=params.draws, seed=params.seed).items():
        flat[name] = estimate.value
        flat[f"{name}_low"], flat[f"{name}_high"] = estimate.low, estimate.high
    for name, means in values.seed_means.items():
        flat[f"{name}_seed_std"] = float(means.std(ddof=1)) if len(means) > 1 else 0.0
    return flat


def _about(header: dict[str, Any]) -> dict[str, Any]:
    return {
        "seeds": len(header["seeds"]),
        "images_encoded": float(np.mean(header["images_encoded"])),
        "leaks": len(header["leaks"]),
    }


def _of_ids(split: Scored, values: dict[str, np.ndarray]) -> pl.DataFrame:
    frames = [
        pl.DataFrame({"sample_id": split.ids, "metric": name, "split": split.name, "value": value})
        for name, value in values.items()
    ]
    return pl.concat(frames)


def _confusion(split: Scored) -> pl.DataFrame:
    counts = confusion_matrix(split.predicted, split.truth)
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


def _predictions(split: Scored, names: list[str]) -> pl.DataFrame:
    """Return the first seed's first-ranked category of each image beside one that it carries."""
    some = split.truth.any(1)  # an image may carry no tag
    return pl.DataFrame(
        {
            "actual": [names[j] for j in split.truth[some].argmax(1)],
            "predicted": [names[j] for j in split.predicted[0][some]],
        }
    )


def _embedding(split: Scored, features: np.ndarray, params: Evaluation) -> pl.DataFrame:
    chosen = spread_choice(len(split.ids), params.embedding_images)
    places = plane(features[chosen], method=params.embedding, seed=params.seed)
    ids = [split.ids[i] for i in chosen]
    return pl.DataFrame({"sample_id": ids, "x": places[:, 0], "y": places[:, 1]})
