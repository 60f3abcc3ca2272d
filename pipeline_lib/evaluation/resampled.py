"""The scores of one seed, and the resamples of the images in which every metric is formed.

An image that a resample drew k times counts k times; no resample is written out. What several
metrics are made of (rankings, decisions, sums) is made once.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from pipeline_lib.artifacts.labelled import Labelled
from pipeline_lib.artifacts.thresholds import Choice
from pipeline_lib.evaluation.average_precision import Ranked, average_precisions, ranked
from pipeline_lib.evaluation.decisions import Tally, above, among_top, exceeding
from pipeline_lib.evaluation.ranking import ranking, validate
from pipeline_lib.targets import Target

ALL = "all"
CHOSEN, CHOSEN_BY_TAG, TEMPERED = FROM_VAL = ("chosen", "chosen_by_tag", "tempered")
Cut = int | str | None
"""The k labels ranked first, ALL whose probability exceeds the threshold, those that exceed the one
CHOSEN on val or their own (CHOSEN_BY_TAG), probabilities TEMPERED by val, or no cut-off."""
Made = TypeVar("Made")


OfImages = Callable[[np.ndarray, np.ndarray, Any], np.ndarray]
"""A value of every image, (images,): of the labels in order, those carried, and a cut-off."""


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
        carried = labels | difficult if how == "positive" else labels & ~difficult
        ignored = unknown | difficult if how == "ignore" else unknown
        return cls(carried & ~ignored, ignored)

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
        self._counted = np.where(truth.ignored, -np.inf, scores)  # decided for by no rule
        self._made: dict[Hashable, Any] = {}

    @cached_property
    def order(self) -> np.ndarray:
        """The labels of each image, best first, (images, labels)."""
        return ranking(self._counted)

    @cached_property
    def ranked(self) -> list[Ranked]:
        """The images ranked for each label."""
        return ranked(self.scores, self.truth.carried, self.truth.ignored)

    def of_images(self, function: OfImages, cut: Cut) -> np.ndarray:
        """Return a value of every image, (images,), of its ranking, what it carries and a cut."""
        return self.once((function, cut), lambda: function(self.order, self.truth.carried, cut))

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what is the same in all resamples, made when it is first asked for."""
        if key not in self._made:
            self._made[key] = make()
        made: Made = self._made[key]
        return made

    def decided(self, cut: Cut) -> np.ndarray:
        """Return the pairs that are decided for at a cut-off, bool (images, labels)."""
        return self.once(("decided", cut), lambda: self._decide(cut))

    def _decide(self, cut: Cut) -> np.ndarray:
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


def seeds_of(
    scores: np.ndarray, truth: Truth, rules: Rules, choices: Sequence[Choice] = ()
) -> list[Seed]:
    """Return every seed of scores (seeds, images, labels), with what was chosen for it if any."""
    if not choices:
        return [Seed(one, truth, rules) for one in scores]
    return [Seed(one, truth, rules, own) for one, own in zip(scores, choices, strict=True)]


class Weighed:
    """One seed in some resamples."""

    def __init__(self, seed: Seed, counts: np.ndarray) -> None:
        """Weigh the images by ``counts``, how often each resample drew each, (draws, images)."""
        self.seed, self.counts = seed, counts
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
        return average_precisions(self.seed.ranked, self.counts)

    def tally(self, cut: Cut) -> Tally:
        """Return what the decisions at a cut-off come to."""
        if cut not in self._tallies:
            carried = self.seed.truth.carried
            self._tallies[cut] = Tally.of(self.seed.decided(cut), carried, self.counts)
        return self._tallies[cut]

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sum values of each image, (images, …), in every resample, (draws, …)."""
        summed: np.ndarray = self._weights @ values
        return summed

    @cached_property
    def _weights(self) -> np.ndarray:
        return self.counts.astype(np.float64)

    @property
    def images(self) -> np.ndarray:
        """How many images each resample drew, (draws,)."""
        number: np.ndarray = self.counts.sum(1).astype(np.float64)
        return number


Formula = Callable[[Weighed, Cut], np.ndarray]
"""A metric in every resample, (draws,)."""
