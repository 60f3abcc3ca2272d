"""Judge the scores of one run against labels that its training never saw."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.artifacts.scores import SCORES
from pipeline_lib.evaluation.embedding import plane, spread_choice
from pipeline_lib.evaluation.metrics import ranking
from pipeline_lib.evaluation.protocols import PerImage, classes_protocol, summarise
from pipeline_lib.evaluation.tables import confusion_matrix, per_category
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.runs.labels import multi_hot, rows_of, target_names


@dataclass(frozen=True)
class Judged:
    """Everything that is said of one run."""

    metrics: dict[str, Any]  # nested, finite numbers
    per_image: pl.DataFrame
    per_category: pl.DataFrame
    confusion: pl.DataFrame
    predictions: pl.DataFrame  # of the test split, for `dvc plots`
    embedding: pl.DataFrame


@dataclass(frozen=True)
class _Split:
    """One evaluation split of one run."""

    name: str
    ids: list[str]
    truth: np.ndarray  # multi-hot (images, classes)
    scores: np.ndarray  # (seeds, images, classes)

    @property
    def predicted(self) -> np.ndarray:
        """The first-ranked class, (seeds, images)."""
        return np.stack([ranking(scores)[:, 0] for scores in self.scores])


def judge(
    scores: Path, samples: pl.DataFrame, categories: pl.DataFrame, params: Evaluation, target: str
) -> Judged:
    """Judge every evaluation split by its classes or tags, whichever is the ``target``."""
    arrays, header = SCORES.read(scores)
    class_names = target_names(categories, target)
    truths = samples[target]
    splits = {s.name: s for s in _splits(arrays, header, samples, truths, len(class_names))}
    values = {n: classes_protocol(s.scores, s.truth, params.top_k) for n, s in splits.items()}
    features = arrays[f"{header['seeds'][0]}/{TEST}/features"]
    return Judged(
        metrics={n: _metrics(v, params) for n, v in values.items()} | _about(header),
        per_image=pl.concat([_per_image(splits[n], v) for n, v in values.items()]),
        per_category=pl.concat(
            _of(s, per_category(s.predicted, s.truth, class_names)) for s in splits.values()
        ),
        confusion=pl.concat(_of(s, _confusion(s)) for s in splits.values()),
        predictions=_predictions(splits[TEST], class_names),
        embedding=_embedding(splits[TEST], features, params),
    )


def _splits(
    arrays: dict[str, np.ndarray],
    header: dict[str, Any],
    samples: pl.DataFrame,
    truths: pl.Series,
    classes: int,
) -> Iterator[_Split]:
    for name in header["splits"]:
        rows = rows_of(samples, name)
        logits = np.stack([arrays[f"{seed}/{name}/logits"] for seed in header["seeds"]])
        truth = multi_hot(truths[rows], classes)
        yield _Split(name, samples["sample_id"][rows].to_list(), truth, logits)


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


def _per_image(split: _Split, values: PerImage) -> pl.DataFrame:
    frames = [
        pl.DataFrame({"sample_id": split.ids, "metric": name, "split": split.name, "value": value})
        for name, value in values.values.items()
    ]
    return pl.concat(frames)


def _confusion(split: _Split) -> pl.DataFrame:
    counts = confusion_matrix(split.predicted, split.truth)
    true, predicted = np.nonzero(counts)
    return pl.DataFrame(
        {
            "true": true.astype(np.int32),
            "predicted": predicted.astype(np.int32),
            "count": counts[true, predicted],
        }
    )


def _of(split: _Split, frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.lit(split.name).alias("split"), pl.all())


def _predictions(split: _Split, class_names: list[str]) -> pl.DataFrame:
    """Return the first seed's first-ranked class of each image beside one that it carries."""
    return pl.DataFrame(
        {
            "actual": [class_names[j] for j in split.truth.argmax(1)],
            "predicted": [class_names[j] for j in split.predicted[0]],
        }
    )


def _embedding(split: _Split, features: np.ndarray, params: Evaluation) -> pl.DataFrame:
    chosen = spread_choice(len(split.ids), params.embedding_images)
    places = plane(features[chosen], method=params.embedding, seed=params.seed)
    ids = [split.ids[i] for i in chosen]
    return pl.DataFrame({"sample_id": ids, "x": places[:, 0], "y": places[:, 1]})
