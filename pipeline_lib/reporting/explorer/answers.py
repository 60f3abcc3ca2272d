"""What one network of a run says of every image of a split, and where it is wrong."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy.special import expit

from pipeline_lib.artifacts.labelled import Labelled
from pipeline_lib.artifacts.scores import SCORES
from pipeline_lib.artifacts.thresholds import Choice
from pipeline_lib.evaluation.beliefs import softmax
from pipeline_lib.evaluation.decisions import above, exceeding
from pipeline_lib.evaluation.ranking import ranking
from pipeline_lib.evaluation.resampled import Truth
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.reporting.runs import Run

USUAL = 0.5  # where a tag is decided for if nothing was chosen on val, as `predict` does


@dataclass(frozen=True)
class Answers:
    """Of the images of a split, in the order of its rows, by the first seed."""

    run: Run
    split: str
    order: np.ndarray  # (images, names), the likeliest first
    probabilities: np.ndarray  # (images, names) 0…1
    decided: np.ndarray  # (images, names) bool: the first class, or the tags above their thresholds
    carried: np.ndarray  # (images, names) bool
    judged: np.ndarray  # (images, names) bool: whether a decision on it can be wrong
    cuts: np.ndarray  # (names,) 0…1, above which a tag is decided for; (0,) of classes

    @cached_property
    def mistakes(self) -> np.ndarray:
        """The decisions that are wrong, bool (images, names)."""
        missed = self.carried if self.run.target == "tags" else np.zeros_like(self.carried)
        wrong: np.ndarray = np.where(self.decided, ~self.carried, missed) & self.judged
        return wrong

    @cached_property
    def sureness(self) -> np.ndarray:
        """How sure the network is of the worst of its wrong answers, (images,) 0…1.

        It is the probability of a name that was decided for, and what a tag that was missed lacks
        to 1. NaN where every answer is right, or nothing is known to be.
        """
        against = np.where(self.decided, self.probabilities, 1 - self.probabilities)
        worst: np.ndarray = np.where(self.mistakes, against, -1).max(1)
        return np.where(worst < 0, np.nan, worst)

    @cached_property
    def known(self) -> np.ndarray:
        """Whether each image can be answered rightly at all, bool (images,)."""
        if self.run.target == "tags":
            return np.ones(len(self.order), bool)
        found: np.ndarray = np.asarray(self.carried.any(1))
        return found


def answers(run: Run, train: Path, data: Labelled, evaluation: Evaluation) -> dict[str, Answers]:
    """Read what the first seed of a run says, by split.

    Args:
        run: the run.
        train: what its training wrote.
        data: the data set.
        evaluation: which tags are judged; those that a run was told by name always are.

    Raises:
        InputError: the scores are missing or damaged.
    """
    with SCORES.opened(train / "scores.safetensors") as (file, header):
        seed, held = header["seeds"][0], set(file.keys())
        logits = {split: file.get_tensor(f"{seed}/{split}/logits") for split in header["splits"]}
        told = {split: f"{seed}/{split}/zsl" in held for split in header["splits"]}
    choice = run.thresholds.seeds.get(seed)
    if run.target == "classes":
        return {split: _of_classes(run, split, of, choice, data) for split, of in logits.items()}
    every = {split: told[split] or evaluation.tags.judged == "all" for split in logits}
    difficult = evaluation.tags.difficult
    return {
        split: _of_tags(run, split, of, choice, data, difficult, every=every[split])
        for split, of in logits.items()
    }


def _of_classes(
    run: Run, split: str, logits: np.ndarray, choice: Choice | None, data: Labelled
) -> Answers:
    order, carried = ranking(logits), data.targets("classes", data.rows(split))
    decided = np.zeros(logits.shape, bool)
    np.put_along_axis(decided, order[:, :1], True, axis=1)
    judged = np.broadcast_to(carried.any(1, keepdims=True), logits.shape)
    beliefs = softmax(logits.astype(np.float64) / (choice.temperature if choice else 1.0))
    return Answers(run, split, order, beliefs, decided, carried, judged, np.empty(0))


def _of_tags(
    run: Run,
    split: str,
    logits: np.ndarray,
    choice: Choice | None,
    data: Labelled,
    difficult: str,
    *,
    every: bool,
) -> Answers:
    rows = data.rows(split)
    truth = Truth.read(data, "tags", rows, difficult)
    judged = (every | data.of("tags")["seen"].to_numpy()) & ~truth.ignored
    cuts, decided = np.full(logits.shape[1], USUAL), above(logits, USUAL)
    if choice:
        least = choice.logits(by_label=bool(choice.by_label))
        cuts, decided = expit(least + np.zeros(logits.shape[1])), exceeding(logits, least)
    beliefs = expit(logits.astype(np.float64))
    return Answers(run, split, ranking(logits), beliefs, decided, truth.carried, judged, cuts)
