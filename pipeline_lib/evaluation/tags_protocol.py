"""How tags are judged: every metric of every seed, in the same resamples of the images.

map_noninterpolated, map_voc_11point, map_voc_area   evaluation/average_precision.py
category_pr, overall_pr   evaluation/decisions.py; "_all" of all labels whose probability exceeds
                          the threshold, "_k" of the k labels ranked first
per_image_pr, micro_pr    evaluation/cutoffs.py

mAP is no mean over images, so an interval needs the metric of every resample, and a difference of
two runs needs both in the same one. The draws depend on the number of images and the seed alone.
In each, a metric is formed for every seed and averaged over seeds. Draws are centred on the
observed value (evaluation/intervals.py says why).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline_lib.evaluation import ranking as metrics
from pipeline_lib.evaluation.average_precision import (
    CONVENTIONS,
    average_precisions,
    mean_over_categories,
    ranked,
)
from pipeline_lib.evaluation.cutoffs import at_cutoff, usable
from pipeline_lib.evaluation.decisions import above, among_top, by_category_and_overall
from pipeline_lib.evaluation.intervals import centred, drawn_counts

if TYPE_CHECKING:
    from pipeline_lib.params.evaluation import Tags


@dataclass(frozen=True)
class Truth:
    """What the images carry; a pair of image and tag that is ignored is neither right nor wrong."""

    carried: np.ndarray  # bool (images, tags)
    ignored: np.ndarray  # bool (images, tags)

    @classmethod
    def of(cls, tags: np.ndarray, difficult: np.ndarray, how: str) -> "Truth":
        """Settle tags that an image carries only as difficult objects, bool (images, tags) each.

        Args:
            tags: what the images carry, with or without the difficult ones.
            difficult: the difficult ones.
            how: "ignore" as VOC 2007 does, or "negative", or "positive".
        """
        if how == "positive":
            return cls(tags | difficult, np.zeros_like(tags))
        ignored = difficult if how == "ignore" else np.zeros_like(tags)
        return cls(tags & ~difficult, ignored)


@dataclass(frozen=True)
class JudgedTags:
    """All metrics of one run on one split. Entry 0 of a draw is the observed value."""

    draws: dict[str, np.ndarray]  # metric → (1 + draws,), mean over seeds, centred
    seeds: dict[str, np.ndarray]  # metric → (seeds,), observed
    precisions: dict[str, np.ndarray]  # convention → AP (1 + draws, tags); NaN without a positive


def judge_tags(
    scores: np.ndarray, truth: Truth, params: "Tags", *, draws: int, seed: int
) -> JudgedTags:
    """Judge logits of tags.

    Args:
        scores: (seeds, images, tags).
        truth: of the same images and tags.
        params: cut-offs (evaluation/cutoffs.py says which are usable) and conventions.
        draws: resamples of the images.
        seed: of the resamples.

    Raises:
        InputError: the scores do not fit the truth.
    """
    cutoffs = usable(params.top_k, truth.carried.shape[1])
    judges = [_Seed(one, truth, params, cutoffs) for one in scores]
    images = len(truth.carried)
    observed = [judge.of(np.ones((1, images), np.int64)) for judge in judges]
    resampled = [
        [judge.of(counts) for judge in judges]
        for counts in drawn_counts(images, draws=draws, seed=seed)
    ]
    means = {
        name: centred(np.concatenate([_mean(part, name) for part in (observed, *resampled)]))
        for name in observed[0]
    }
    names = [name for name in means if name not in CONVENTIONS]
    return JudgedTags(
        draws={name: means[name] for name in names},
        seeds={name: np.array([of_seed[name][0] for of_seed in observed]) for name in names},
        precisions={name: means[name] for name in CONVENTIONS},
    )


class _Seed:
    """The rankings and decisions of one seed, made once and weighed in every resample."""

    def __init__(
        self, scores: np.ndarray, truth: Truth, params: "Tags", cutoffs: list[int]
    ) -> None:
        metrics.validate(scores, truth.carried)
        self._truth, self._empty = truth, params.empty
        self._ranked = ranked(scores, truth.carried, truth.ignored)
        counted = np.where(truth.ignored, -np.inf, scores)  # decided for by no rule
        self._order = metrics.ranking(counted)
        self._cutoffs = cutoffs
        self._decisions = {"all": above(counted, params.threshold)} | {
            str(k): among_top(counted, self._order, k) for k in cutoffs
        }

    def of(self, counts: np.ndarray) -> dict[str, np.ndarray]:
        """Return every metric in some resamples, (draws,), and AP (draws, tags) by convention."""
        precisions = average_precisions(self._ranked, counts)
        found = {
            f"map_{name}": mean_over_categories(values, empty=self._empty)
            for name, values in precisions.items()
        }
        for cut, decided in self._decisions.items():
            values = by_category_and_overall(
                decided, self._truth.carried, counts, empty=self._empty
            )
            found |= {f"{name}_{cut}": value for name, value in values.items()}
        for k in self._cutoffs:
            values = at_cutoff(self._order, self._truth.carried, counts, k)
            found |= {f"{name}_{k}": value for name, value in values.items()}
        return found | precisions


def _mean(part: list[dict[str, np.ndarray]], name: str) -> np.ndarray:
    """Average over seeds; whether a category has a positive is the same for all of them."""
    mean: np.ndarray = np.mean([of_seed[name] for of_seed in part], axis=0)
    return mean
