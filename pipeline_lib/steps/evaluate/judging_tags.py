"""Judge the scores of a run that predicts tags: metrics, and tables by image and by tag."""

import numpy as np
import polars as pl

from pipeline_lib.artifacts.evaluation import AVERAGE_PRECISION
from pipeline_lib.evaluation import ranking as metrics
from pipeline_lib.evaluation.cutoffs import usable
from pipeline_lib.evaluation.decisions import above
from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.evaluation.tables import of_decisions
from pipeline_lib.evaluation.tags_protocol import JudgedTags, Truth, judge_tags
from pipeline_lib.params.evaluation import Evaluation, Tags
from pipeline_lib.steps.evaluate.scored import Scored


def judged_tags(split: Scored, params: Evaluation) -> JudgedTags:
    """Compute every metric in every resample."""
    truth = Truth.of(split.truth, split.difficult, params.tags.difficult)
    return judge_tags(split.scores, truth, params.tags, draws=params.draws, seed=params.seed)


def tag_metrics(found: JudgedTags) -> dict[str, float]:
    """Flatten metrics: the value, its interval, and how much seeds differ."""
    flat: dict[str, float] = {}
    for name, draws in found.draws.items():
        estimate = Estimate.of(draws).within(0, 1)
        flat[name] = estimate.value
        flat[f"{name}_low"], flat[f"{name}_high"] = estimate.low, estimate.high
        each = found.seeds[name]
        flat[f"{name}_seed_std"] = float(each.std(ddof=1)) if len(each) > 1 else 0.0
    return flat


def values_per_image(split: Scored, params: Tags) -> dict[str, np.ndarray]:
    """Return precision and recall of each image at every cut-off, averaged over seeds."""
    truth = Truth.of(split.truth, split.difficult, params.difficult)
    orders = [metrics.ranking(np.where(truth.ignored, -np.inf, seed)) for seed in split.scores]
    found = {}
    for k in usable(params.top_k, split.truth.shape[1]):
        for name, metric in (
            ("per_image_pr_precision", metrics.per_image_precision),
            ("per_image_pr_recall", metrics.per_image_recall),
        ):
            each = [metric(order, truth.carried, k) for order in orders]
            found[f"{name}_{k}"] = np.mean(each, axis=0)
    return found


def tags_found(split: Scored, tags: pl.DataFrame, params: Tags) -> pl.DataFrame:
    """Return precision, recall and F1 of each tag where its probability exceeds the threshold."""
    truth = Truth.of(split.truth, split.difficult, params.difficult)
    counted = np.where(truth.ignored, -np.inf, split.scores)
    table = of_decisions(above(counted, params.threshold), truth.carried, tags["name"].to_list())
    return table.with_columns(tags["index"].alias("category"))


def average_precision_table(
    split: Scored, found: JudgedTags, tags: pl.DataFrame, params: Tags
) -> pl.DataFrame:
    """Return the AP of each tag, with an interval; null where no image carries it."""
    carried = Truth.of(split.truth, split.difficult, params.difficult).carried
    by_name = {name: values[0] for name, values in found.precisions.items()}
    draws = found.precisions["noninterpolated"]
    intervals = [_interval(draws[:, column]) for column in range(draws.shape[1])]
    low, high = zip(*intervals, strict=True)
    table = {
        "category": tags["index"],
        "name": tags["name"],
        "images": carried.sum(0).astype(np.int64),
        **by_name,
        "low": low,
        "high": high,
    }
    types = {name: kind for name, kind in AVERAGE_PRECISION.dtypes.items() if name != "split"}
    return pl.DataFrame(table, schema=types).with_columns(pl.col(pl.Float64).fill_nan(None))


def _interval(draws: np.ndarray) -> tuple[float | None, float | None]:
    """Read the interval from the resamples that hold the tag at all."""
    if np.isnan(draws[0]):
        return None, None
    estimate = Estimate.of(draws[~np.isnan(draws)]).within(0, 1)
    return estimate.low, estimate.high
