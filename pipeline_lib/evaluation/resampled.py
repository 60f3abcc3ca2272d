"""The scores of one seed, and the resamples of the images in which every metric is formed.

An image that a resample drew k times counts k times; no resample is written out. What several
metrics are made of (rankings, decisions, sums) is made once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from pipeline_lib.artifacts.labelled import Labelled
from pipeline_lib.artifacts.thresholds import Choice
from pipeline_lib.evaluation.average_precision import CONVENTIONS, average_precisions
from pipeline_lib.evaluation.decisions import Tally, above, among_top, exceeding
from pipeline_lib.evaluation.ranking import first_ranked, validate
from pipeline_lib.evaluation.resamples import Resamples
from pipeline_lib.targets import Target

ALL = "all"
CHOSEN, CHOSEN_BY_TAG, TEMPERED = FROM_VAL = ("chosen", "chosen_by_tag", "tempered")
Cut = int | str | None
"""The k labels ranked first, ALL whose probability exceeds the threshold, those that exceed the one
CHOSEN on val or their own (CHOSEN_BY_TAG), probabilities TEMPERED by val, or no cut-off."""
Made = TypeVar("Made")


OfImages = Callable[[np.ndarray, np.ndarray, Any], np.ndarray]
"""A value of every image, (images,): of the labels ranked first, those carried, and a cut-off."""
Precisions = Callable[[np.ndarray, np.ndarray, np.ndarray, Resamples], np.ndarray]
"""What ``average_precisions`` does."""


@dataclass(frozen=True)
class Truth:
    """What the images carry; an ignored pair of image and label is neither right nor wrong."""

    carried: np.ndarray  # bool (images, labels)
    ignored: np.ndarray  # bool (images, labels)

    @classmethod
    def of(
        cls, labels: np.ndarray, difficult: np.ndarray, unknown: np.ndarray, how: str
    ) -> "Truth":
        """Settle labels that are carried in part or by nobody's word, bool (images, labels) each.

        Args:
            labels: what the images carry, with or without the difficult ones.
            difficult: those that are carried as difficult objects only.
            unknown: those of which nobody said whether they are carried: always ignored.
            how: of difficult ones "ignore" as VOC 2007 does, or "negative", or "positive".
        """
        carried, ignored = labels, unknown  # where nothing is to be settled without a copy
        if difficult.any():
            carried = labels | difficult if how == "positive" else labels & ~difficult
            ignored = unknown | difficult if how == "ignore" else unknown
        return cls(carried & ~ignored if ignored.any() else carried, ignored)

    def counted(self, scores: np.ndarray) -> np.ndarray:
        """Return scores (images, labels) with −∞ for what is ignored."""
        return np.where(self.ignored, -np.inf, scores) if self.ignored.any() else scores

    @classmethod
    def read(cls, table: Labelled, target: Target, rows: np.ndarray, how: str) -> "Truth":
        """Settle what some images of a table carry; ``how`` as for ``of``."""
        return cls.of(
            table.targets(target, rows),
            table.difficult(target, rows),
            table.unknown(target, rows),
            how,
        )


@dataclass(frozen=True)
class Rules:
    """How labels are decided for, and what one counts that no image carries."""

    top_k: list[int]  # the cut-offs that are asked for (evaluation/metric.py says which are usable)
    threshold: float  # of the probability above which a label is decided for
    empty: str  # in means over labels, one that no image carries counts 0 ("zero") or not ("skip")
    unseen: np.ndarray | None = None  # bool (labels,), where both kinds are ranked together


class Seed:
    """The rankings and decisions of one seed."""

    def __init__(
        self, scores: np.ndarray, truth: Truth, rules: Rules, choice: Choice | None = None
    ) -> None:
        """Rank the labels of each image.

        Args:
            scores: (images, labels), higher is better; the threshold reads them as logits.
            truth: of the same images and labels.
            rules: how to decide.
            choice: what was chosen on val for these scores and labels; None where nothing was.

        Raises:
            InputError: the scores do not fit the truth.
        """
        validate(scores, truth.carried)
        self.truth, self.rules, self.choice = truth, rules, choice
        self.scores = scores
        self._counted = truth.counted(scores)  # what is ignored is decided for by no rule
        self._of_images: dict[tuple[OfImages, Cut], np.ndarray] = {}

    @cached_property
    def order(self) -> np.ndarray:
        """The labels of each image, best first, as many as the largest cut-off asks for."""
        most = min(max(self.rules.top_k), self.scores.shape[1])
        return first_ranked(self._counted, most)

    def of_images(self, function: OfImages, cut: Cut) -> np.ndarray:
        """Return a value of every image, (images,), of its ranking, what it carries and a cut."""
        if (function, cut) not in self._of_images:
            self._of_images[function, cut] = function(self.order, self.truth.carried, cut)
        return self._of_images[function, cut]

    def decided(self, cut: Cut) -> np.ndarray:
        """Return the pairs that are decided for at a cut-off, bool (images, labels)."""
        if isinstance(cut, int):
            return among_top(self._counted, self.order, cut)
        if cut == ALL:
            return above(self._counted, self.rules.threshold)
        return exceeding(self._counted, self.chosen.logits(by_label=cut == CHOSEN_BY_TAG))

    @property
    def chosen(self) -> Choice:
        """What was chosen on val; nobody asks where nothing was."""
        assert self.choice is not None
        return self.choice


def of_seeds(
    form: Callable[[Seed], Made],
    scores: Sequence[np.ndarray],
    truth: Truth,
    rules: Rules,
    choices: Sequence[Choice] = (),
) -> list[Made]:
    """Return what is formed of every seed; each is read, and let go before the next.

    Args:
        form: what is asked of a seed.
        scores: of every seed, (images, labels).
        truth: of the same images and labels.
        rules: how to decide.
        choices: what was chosen on val for each seed; none where nothing was.
    """

    def of(number: int) -> Made:
        return form(Seed(scores[number], truth, rules, choices[number] if choices else None))

    return [of(number) for number in range(len(scores))]


class Weighed:
    """One seed in all resamples."""

    def __init__(
        self, seed: Seed, resamples: Resamples, precisions: Precisions = average_precisions
    ) -> None:
        """Weigh the images by how often each resample drew them.

        Args:
            seed: the scores, and what is decided by them.
            resamples: of the images.
            precisions: forms the AP of the labels; where labels of this seed were judged before,
                one that remembers them.
        """
        self.seed, self.resamples, self._precisions = seed, resamples, precisions
        self._tallies: dict[Cut, Tally] = {}
        self._formed: dict[tuple[Formula, Cut], np.ndarray] = {}

    def formed(self, formula: "Formula", cut: Cut) -> np.ndarray:
        """Return a metric in every resample, (draws,)."""
        if (formula, cut) not in self._formed:
            self._formed[formula, cut] = formula(self, cut)
        return self._formed[formula, cut]

    @cached_property
    def precisions(self) -> dict[str, np.ndarray]:
        """AP of every label, (draws, labels), by convention; NaN without a positive."""
        truth = self.seed.truth
        found = self._precisions(self.seed.scores, truth.carried, truth.ignored, self.resamples)
        return dict(zip(CONVENTIONS, found, strict=True))

    def tally(self, cut: Cut) -> Tally:
        """Return what the decisions at a cut-off come to."""
        if cut not in self._tallies:
            carried = self.seed.truth.carried
            self._tallies[cut] = Tally.of(self.seed.decided(cut), carried, self.resamples)
        return self._tallies[cut]

    @cached_property
    def images(self) -> np.ndarray:
        """How many images each resample drew, (draws,)."""
        return self.resamples.images


Formula = Callable[[Weighed, Cut], np.ndarray]
"""A metric in every resample, (draws,)."""
