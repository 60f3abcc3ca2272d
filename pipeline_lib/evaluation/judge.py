"""How runs are judged: every metric of every seed, in the same resamples of the images.

One seed is looked at after the other, so that no more than one is in memory.

Most metrics are no means over images, so an interval needs the metric of every resample, and a
difference of two runs needs both in the same one. The draws depend on the number of images and
the seed alone. In each, a metric is formed for every seed and averaged over seeds. Intervals are
read from draws that are centred on the observed value (evaluation/intervals.py says why); those of
a mean over images lie around it by themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np

from pipeline_lib.artifacts.thresholds import Choice
from pipeline_lib.evaluation.average_precision import average_precisions
from pipeline_lib.evaluation.formulas import OverImages, OverLabels
from pipeline_lib.evaluation.intervals import Estimate, centred
from pipeline_lib.evaluation.metric import Measure, usable
from pipeline_lib.evaluation.metrics import measures
from pipeline_lib.evaluation.resampled import Precisions, Rules, Seed, Truth, Weighed, of_seeds
from pipeline_lib.evaluation.resamples import Resamples
from pipeline_lib.targets import Target

TIE = 1e-12  # far below one image of a billion, far above what rounding leaves of 0
Values = dict[Measure, np.ndarray]


@dataclass(frozen=True)
class Judged:
    """All metrics of one run in one view. Entry 0 of a draw is the observed value."""

    draws: Values  # (1 + draws,), mean over seeds
    seeds: Values  # (seeds,), observed
    images: Values  # of means over images: the value of every image, (images,), mean over seeds
    labels: Values  # of what is shown label by label: (1 + draws, labels), centred; may be NaN

    def estimate(self, measure: Measure) -> Estimate:
        """Return a metric with its interval."""
        return estimated(measure, self.draws[measure])

    def seed_std(self, measure: Measure) -> float:
        """Return the standard deviation between seeds, 0 of one seed."""
        each = self.seeds[measure]
        return float(each.std(ddof=1)) if len(each) > 1 else 0.0


def estimated(measure: Measure, draws: np.ndarray) -> Estimate:
    """Return a metric with its interval, of its draws (1 + draws,)."""
    return Estimate.of(_centred(measure, draws)).within(*measure.metric.range)


def difference(measure: Measure, ours: np.ndarray, theirs: np.ndarray) -> Estimate:
    """Return ours − theirs with its interval, of draws in the same resamples, (1 + draws,) each.

    A resample in which the two do not differ shows no difference, wherever the others are moved.
    """
    least, most = measure.metric.range
    draws = ours - theirs
    moved = np.where(np.abs(draws) < TIE, 0.0, _centred(measure, draws))
    return Estimate.of(moved).within(least - most, most - least)


def _centred(measure: Measure, draws: np.ndarray) -> np.ndarray:
    """Centre draws of what is no mean over images."""
    return draws if isinstance(measure.metric.formula, OverImages) else centred(draws)


@dataclass(frozen=True)
class _OfSeed:
    whole: Values  # (1 + draws,)
    labels: Values  # (1 + draws, labels)
    images: Values  # (images,)


def judge(
    scores: Sequence[np.ndarray],
    truth: Truth,
    target: Target,
    rules: Rules,
    resamples: Resamples,
    *,
    choices: Sequence[Choice] = (),
    precisions: Sequence[Precisions] = (),
) -> Judged:
    """Judge scores by every metric of their target.

    Args:
        scores: of every seed, (images, labels).
        truth: of the same images and labels.
        target: "classes" or "tags".
        rules: cut-offs (`usable` says which are) and conventions.
        resamples: of the images; the first is the images as they are.
        choices: what was chosen on val for each seed and these labels; none where nothing was.
        precisions: of each seed, where other views of the same images share what it forms.

    Raises:
        InputError: the scores do not fit the truth.
    """
    cuts = usable(rules.top_k, truth.carried.shape[1])
    mixed = rules.unseen is not None
    formed = measures(target, cuts, chosen=bool(choices), generalised=mixed)

    averages = iter(precisions or repeat(average_precisions))

    def form(seed: Seed) -> _OfSeed:
        return _form(Weighed(seed, resamples, next(averages)), formed)

    seeds = of_seeds(form, scores, truth, rules, choices)
    found = {m: _mean([seed.whole[m] for seed in seeds]) for m in formed}
    images = {m: _mean([seed.images[m] for seed in seeds]) for m in seeds[0].images}
    if images:  # to the last digit what the table of the images averages to
        for m, value in zip(images, np.stack([*images.values()], 1).mean(0), strict=True):
            found[m][0] = value
    return Judged(
        draws=found,
        seeds={m: np.array([seed.whole[m][0] for seed in seeds]) for m in formed},
        images=images,
        labels={m: centred(_mean([s.labels[m] for s in seeds])) for m in seeds[0].labels},
    )


def _form(weighed: Weighed, formed: Sequence[Measure]) -> _OfSeed:
    return _OfSeed(
        whole={m: weighed.formed(m.metric.formula, m.cut) for m in formed},
        labels={
            m: m.metric.formula.of_labels(weighed, m.cut)
            for m in formed
            if isinstance(m.metric.formula, OverLabels) and m.metric.formula.title
        },
        images={
            m: m.metric.formula.values(weighed.seed, m.cut)
            for m in formed
            if isinstance(m.metric.formula, OverImages)
        },
    )


def _mean(seeds: Sequence[np.ndarray]) -> np.ndarray:
    """Average over seeds; whether a label has a positive is the same for all of them."""
    mean: np.ndarray = np.mean(seeds, axis=0)
    return mean
