"""What is said of one view of a run in tables: by metric, by image and by label."""

from collections.abc import Callable
from functools import partial, reduce
from operator import add

import numpy as np
import polars as pl

from pipeline_lib.artifacts.evaluation import AVERAGE_PRECISION, PER_IMAGE, UNKNOWN_PAIRS
from pipeline_lib.artifacts.thresholds import Thresholds
from pipeline_lib.evaluation.calibration import Binned, bins, of_first, of_pairs
from pipeline_lib.evaluation.class_tables import counted, of_decisions, per_category
from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.evaluation.judge import Judged, judge
from pipeline_lib.evaluation.resampled import (
    ALL,
    CHOSEN_BY_TAG,
    TEMPERED,
    Cut,
    Made,
    Rules,
    Seed,
    Truth,
    of_seeds,
)
from pipeline_lib.evaluation.resamples import Resamples
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.steps.evaluate.scored import Scored
from pipeline_lib.steps.evaluate.shared import Shared
from pipeline_lib.steps.evaluate.views import View
from pipeline_lib.targets import Target

SHARES = ("precision", "recall", "f1")
AS_TRAINED = "as_trained"


def judged_view(view: View, params: Evaluation, found: Thresholds, shared: Shared) -> Judged:
    """Form every metric in every resample of the split's images."""
    scored = view.scored
    return judge(
        scored.scores,
        settled(scored, params),
        found.target,
        _rules(view, params, found.target),
        shared.resamples,
        choices=view.choices(found),
        precisions=shared.precisions(view),
    )


def _rules(view: View, params: Evaluation, target: Target) -> Rules:
    unseen = None
    if target == "tags" and view.kinds["seen"].n_unique() == 2:
        unseen = ~view.kinds["seen"].to_numpy()
    return Rules(
        top_k=params.top_k if target == "classes" else params.tags.top_k,
        threshold=params.tags.threshold,
        empty="skip" if target == "classes" else params.tags.empty,
        unseen=unseen,
    )


def settled(split: Scored, params: Evaluation) -> Truth:
    """Settle what the images carry as difficult objects only, and what nobody knows of them."""
    return Truth.of(split.truth, split.difficult, split.unknown, params.tags.difficult)


def flat(view: View, found: Judged) -> dict[str, float]:
    """Name every metric: the value, its interval, and how much seeds differ.

    With them stands how many pairs of an image and a label are unknown, where some are.
    """
    unknown = int(view.scored.unknown.sum())
    values: dict[str, float] = {UNKNOWN_PAIRS: unknown} if unknown else {}
    for measure in found.draws:
        estimate, name = found.estimate(measure), measure.name
        values[name] = estimate.value
        values[f"{name}_low"], values[f"{name}_high"] = estimate.low, estimate.high
        values[f"{name}_seed_std"] = found.seed_std(measure)
    return values


def by_image(split: Scored, found: Judged) -> pl.DataFrame:
    """Return the value of each image, mean over seeds, of the metrics that average such values."""
    frames = [
        pl.DataFrame({"sample_id": split.ids, "metric": m.name, "split": split.name, "value": v})
        for m, v in found.images.items()
    ]
    return pl.concat(frames) if frames else pl.DataFrame(schema=PER_IMAGE.dtypes)


def by_label(view: View, params: Evaluation, found: Thresholds) -> pl.DataFrame:
    """Return precision, recall and F1 of each label.

    That is of classes where they are ranked first, of tags where their probability exceeds the
    threshold, and where it exceeds the one of the tag that was chosen on val.
    """
    scored, names = view.scored, view.kinds["name"].to_list()
    chosen = None
    if found.target == "classes":
        table = per_category(scored.first(settled(scored, params)), scored.truth, names)
    else:
        table = _of_cut(view, params, found, ALL)
        if view.choices(found):
            chosen = _of_cut(view, params, found, CHOSEN_BY_TAG)
    none = pl.Series([None] * len(names), dtype=pl.Float64)
    return table.with_columns(
        view.kinds["index"].alias("category"),
        *((none if chosen is None else chosen[s]).alias(f"{s}_chosen") for s in SHARES),
    )


def reliability(
    view: View, params: Evaluation, found: Thresholds, resamples: Resamples
) -> pl.DataFrame:
    """Return what came true of each bin of probabilities, all seeds together.

    Where a temperature was chosen, that is so as trained and with it.
    """
    of_classes = found.target == "classes"
    cuts = [None, TEMPERED] if of_classes and view.choices(found) else [None]
    beliefs = of_first if of_classes else of_pairs
    frames = []
    for cut in cuts:
        binned = reduce(add, _formed(view, params, found, partial(Binned.of, beliefs, cut)))
        probabilities = pl.lit(cut or AS_TRAINED).alias("probabilities")
        frames.append(bins(binned, resamples).select(probabilities, pl.all()))
    return pl.concat(frames)


def _of_cut(view: View, params: Evaluation, found: Thresholds, cut: Cut) -> pl.DataFrame:
    carried = settled(view.scored, params).carried
    counts = _formed(view, params, found, lambda seed: counted(seed.decided(cut), carried))
    return of_decisions(counts, carried, view.kinds["name"].to_list())


def _formed(
    view: View, params: Evaluation, found: Thresholds, form: Callable[[Seed], Made]
) -> list[Made]:
    truth, rules = settled(view.scored, params), _rules(view, params, found.target)
    return of_seeds(form, view.scored.scores, truth, rules, view.choices(found))


def average_precision(view: View, found: Judged, params: Evaluation) -> pl.DataFrame:
    """Return the AP of each label by every convention, with an interval; null without an image."""
    carried = settled(view.scored, params).carried
    types = {name: kind for name, kind in AVERAGE_PRECISION.dtypes.items() if name != "split"}
    frames = [
        pl.DataFrame(
            {
                "metric": measure.name,
                "category": view.kinds["index"],
                "name": view.kinds["name"],
                "images": carried.sum(0).astype(np.int64),
                "value": draws[0],
                **_ends(draws, measure.metric.range),
            },
            schema=types,
        )
        for measure, draws in found.labels.items()
    ]
    table = pl.concat(frames) if frames else pl.DataFrame(schema=types)
    return table.with_columns(pl.col(pl.Float64).fill_nan(None))


def _ends(draws: np.ndarray, range_: tuple[float, float]) -> dict[str, list[float | None]]:
    """Return the ends of the interval of each column of draws."""
    columns = [_interval(draws[:, column], range_) for column in range(draws.shape[1])]
    return {"low": [low for low, _ in columns], "high": [high for _, high in columns]}


def _interval(draws: np.ndarray, range_: tuple[float, float]) -> tuple[float | None, float | None]:
    """Read the interval from the resamples that hold the label at all."""
    if np.isnan(draws[0]):
        return None, None
    estimate = Estimate.of(draws[~np.isnan(draws)]).within(*range_)
    return estimate.low, estimate.high
