"""What decides for a tag, and how sure a class is: what `evaluate` chose on val, or the user."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline_lib.api.predictions import THRESHOLD
from pipeline_lib.api.scorer import Scorer
from pipeline_lib.artifacts.thresholds import Thresholds, read_thresholds
from pipeline_lib.errors import InputError


@dataclass(frozen=True)
class Decision:
    """Of one run and seed."""

    cuts: np.ndarray | None  # (names,) float32: a tag is named where its score is above; of classes
    # None, of which the likeliest are
    temperature: float  # that scores are divided by before the softmax
    remark: str  # where both come from


def decide(run: Scorer, threshold: float | None) -> Decision:
    """Take the user's threshold, else what was chosen on val, else 0.5.

    Args:
        run: the recogniser.
        threshold: of a tag's probability, 0…1; None where the user says nothing.

    Raises:
        InputError: a threshold is out of range or for classes, or the chosen ones are of other
            names.
    """
    if threshold is not None:
        return Decision(_same(run, threshold), 1.0, f"threshold {threshold:g}")
    if run.together and list(run.names) != list(run.trained_names):
        return _usual(
            run, "those of val are of scores beside the trained names, on which they depend"
        )
    path = run.thresholds
    if not path.exists():
        return _usual(run, f"{path} is not there")
    chosen = read_thresholds(path)
    if chosen.refused:
        return _usual(run, chosen.refused)
    return _chosen(run, chosen, path)


def _chosen(run: Scorer, chosen: Thresholds, path: Path) -> Decision:
    if set(chosen.names) != set(run.trained_names) or run.seed not in chosen.seeds:
        raise InputError(
            f"{path}: is of {len(chosen.names)} names and seeds "
            f"{', '.join(map(str, chosen.seeds))}, expected seed {run.seed} and the "
            f"{len(run.trained_names)} names of run '{run.run}'; re-run `dvc repro evaluate`"
        )
    choice = chosen.of(run.seed)
    if run.target == "classes":
        return Decision(None, choice.temperature, f"temperature {choice.temperature:.3g}, of val")
    common = choice.threshold
    own = dict(zip(chosen.names, choice.by_label, strict=True)) if choice.by_label else {}
    cuts = np.array([own.get(name, common) for name in run.names], np.float32)
    new = sum(name not in own for name in run.names)
    beside = f", of {new} others the common one" * bool(own and new)
    return Decision(cuts, 1.0, f"thresholds of each tag, of val{beside}")


def _usual(run: Scorer, why: str) -> Decision:
    if run.target == "classes":
        return Decision(None, 1.0, f"no temperature: {why}")
    return Decision(_same(run, THRESHOLD), 1.0, f"threshold {THRESHOLD:g}: {why}")


def _same(run: Scorer, threshold: float) -> np.ndarray:
    if run.target == "classes":
        raise InputError(
            f"threshold is {threshold:g}, and run '{run.run}' predicts classes, expected one for "
            "tags alone; leave it out, or name a run that predicts tags"
        )
    if not 0 < threshold < 1:
        raise InputError(
            f"threshold is {threshold:g}, expected a probability between 0 and 1; mend it"
        )
    score = np.log(threshold) - np.log1p(-threshold)  # whose sigmoid it is
    return np.full(len(run.names), score, np.float32)
