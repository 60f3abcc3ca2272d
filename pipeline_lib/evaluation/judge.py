"""How runs are judged: every metric of every seed, in the same resamples of the images.

Most metrics are no means over images, so an interval needs the metric of every resample, and a
difference of two runs needs both in the same one. The draws depend on the number of images and
the seed alone. In each, a metric is formed for every seed and averaged over seeds. Intervals are
read from draws that are centred on the observed value (evaluation/intervals.py says why); those of
a mean over images lie around it by themselves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline_lib.artifacts.thresholds import Choice
from pipeline_lib.evaluation.formulas import OverImages, OverLabels
from pipeline_lib.evaluation.intervals import Estimate, centred, drawn_counts
from pipeline_lib.evaluation.metric import Measure, usable
from pipeline_lib.evaluation.metrics import measures
from pipeline_lib.evaluation.resampled import Rules, Seed, Truth, Weighed, seeds_of
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


def judge(
    scores: np.ndarray,
    truth: Truth,
    target: Target,
    rules: Rules,
    *,
    draws: int,
    seed: int,
    choices: Sequence[Choice] = (),
) -> Judged:
    """Judge scores by every metric of their target.

    Args:
        scores: (seeds, images, labels).
        truth: of the same images and labels.
        target: "classes" or "tags".
        rules: cut-offs (`usable` says which are) and conventions.
        draws: resamples of the images.
        seed: of the resamples.
        choices: what was chosen on val for each seed and these labels; none where nothing was.

    Raises:
        InputError: the scores do not fit the truth.
    """
    cuts = usable(rules.top_k, truth.carried.shape[1])
    mixed = rules.unseen is not None
    formed = measures(target, cuts, chosen=bool(choices), generalised=mixed)
    seeds = seeds_of(scores, truth, rules, choices)
    parts = [[_form(s, formed, counts) for s in seeds] for counts in _counts(truth, draws, seed)]
    found = {m: _mean([[values for values, _ in part] for part in parts], m) for m in formed}
    images = _of_images(seeds, formed)
    if images:  # to the last digit what the table of the images averages to
        for m, value in zip(images, np.stack([*images.values()], 1).mean(0), strict=True):
            found[m][0] = value
    return Judged(
        draws=found,
        seeds={m: np.array([values[m][0] for values, _ in parts[0]]) for m in formed},
        images=images,
        labels={
            m: centred(_mean([[labels for _, labels in part] for part in parts], m))
            for m in parts[0][0][1]
        },
    )


def _counts(truth: Truth, draws: int, seed: int) -> Iterator[np.ndarray]:
    """Yield the images as they are, then every resample, (some draws, images) at a time."""
    images = len(truth.carried)
    yield np.ones((1, images), np.int64)
    yield from drawn_counts(images, draws=draws, seed=seed)


def _form(seed: Seed, formed: Sequence[Measure], counts: np.ndarray) -> tuple[Values, Values]:
    """Return every metric in some resamples, (draws,), and some label by label, (draws, labels)."""
    weighed = Weighed(seed, counts)
    whole = {m: weighed.formed(m.metric.formula, m.cut) for m in formed}
    labels = {
        m: m.metric.formula.of_labels(weighed, m.cut)
        for m in formed
        if isinstance(m.metric.formula, OverLabels) and m.metric.formula.title
    }
    return whole, labels


def _mean(parts: Sequence[Sequence[Values]], measure: Measure) -> np.ndarray:
    """Average over seeds; whether a label has a positive is the same for all of them."""
    means = [np.mean([values[measure] for values in part], axis=0) for part in parts]
    mean: np.ndarray = np.concatenate(means)
    return mean


def _of_images(seeds: Sequence[Seed], formed: Sequence[Measure]) -> Values:
    return {
        m: np.mean([m.metric.formula.values(seed, m.cut) for seed in seeds], axis=0)
        for m in formed
        if isinstance(m.metric.formula, OverImages)
    }
