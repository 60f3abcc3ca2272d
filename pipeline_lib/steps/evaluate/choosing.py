"""Thresholds and temperatures of one run, chosen on the val split for each of its seeds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline_lib.artifacts.labelled import Labelled
from pipeline_lib.artifacts.samples import VAL
from pipeline_lib.artifacts.thresholds import Choice, Thresholds
from pipeline_lib.evaluation.choice import (
    LEAST_POSITIVES,
    choose_temperature,
    choose_thresholds,
)
from pipeline_lib.evaluation.ranking import validate
from pipeline_lib.evaluation.resampled import Truth
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.steps.evaluate.scored import Scored
from pipeline_lib.steps.evaluate.tables import settled
from pipeline_lib.targets import Target

RULES: dict[Target, str] = {
    "tags": "the threshold of largest F1 over all pairs of an image and a tag that training "
    f"knows; for each tag that at least {LEAST_POSITIVES} images carry also one over its own "
    "pairs, the others take the common one",
    "classes": "the temperature of least negative log-likelihood over the images of one class",
}
NO_SPLIT = f"the data set has no split '{VAL}' (`dataset.val_share` holds one out of training)"


@dataclass(frozen=True)
class _Val:
    """The images that are looked at; none of a data set without the split."""

    scores: Sequence[np.ndarray]  # of each seed, (images, classes or tags)
    truth: Truth
    seen: np.ndarray  # indices of the classes or tags that training knows of

    def refused(self, table: Labelled, target: Target) -> str:
        """Say why nothing can be chosen; "" where something can."""
        other = (table.targets(target, table.train).sum(1) != 1).sum()
        if target == "classes" and other:
            return (
                f"{other} of {len(table.train)} training images do not carry exactly one class, "
                "so that scores are sigmoids, and a temperature is that of a softmax"
            )
        if VAL not in table.splits:
            return NO_SPLIT
        if not self.truth.carried[:, self.seen].any():
            return f"no image of '{VAL}' carries {target} that training knows of"
        return ""

    def chosen(self, seed: np.ndarray, target: Target) -> Choice:
        """Choose for the scores of one seed."""
        if target == "tags":
            return choose_thresholds(seed, self.truth, self.seen)
        return choose_temperature(seed, self.truth.carried.argmax(1))


def choose(
    splits: Iterable[Scored],
    header: dict[str, Any],
    table: Labelled,
    params: Evaluation,
    target: Target,
) -> Thresholds:
    """Choose on the scores of the val split; where that cannot be, the result says why.

    Raises:
        InputError: the scores do not fit the labels.
    """
    val = _val(splits, table, params, target)
    refused = val.refused(table, target)
    seeds = [] if refused else zip(header["seeds"], val.scores, strict=True)
    return Thresholds(
        run=header["run"],
        target=target,
        rule=RULES[target],
        names=tuple(table.predicted_names(target)),
        split=VAL,
        images=len(val.truth.carried),
        positives=tuple(val.truth.carried.sum(0).tolist()),
        least_positives=LEAST_POSITIVES if target == "tags" else 0,
        refused=refused,
        seeds={seed: val.chosen(scores, target) for seed, scores in seeds},
    )


def _val(splits: Iterable[Scored], table: Labelled, params: Evaluation, target: Target) -> _Val:
    kinds = table.predicted(target)
    seen = kinds.filter(seen=True)["index"].to_numpy()
    split = next((split for split in splits if split.name == VAL), None)
    if split is None:
        none = np.zeros((0, len(kinds)), bool)
        return _Val([], Truth(none, none), seen)
    truth = settled(split, params)
    for scores in split.scores:
        validate(scores, truth.carried)
    if target == "tags":
        return _Val(split.scores, truth, seen)
    one = truth.carried.sum(1) == 1
    of_one = [scores[one] for scores in split.scores]
    return _Val(of_one, Truth(truth.carried[one], truth.ignored[one]), seen)
