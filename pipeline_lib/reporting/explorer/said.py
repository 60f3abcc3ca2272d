"""What one run says of the images that are shown, as integers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipeline_lib.artifacts.labelled import SampleTable
from pipeline_lib.reporting.explorer.answers import Answers
from pipeline_lib.reporting.explorer.chosen import Chosen
from pipeline_lib.reporting.explorer.explained import WHOLE, whole
from pipeline_lib.reporting.runs import Run

LISTED = 5  # names of an image, besides those that were decided for or are carried
MOST = 15  # of them
DECIDED, CARRIED, UNJUDGED = 1, 2, 4  # marks of a name
UNKNOWN = -1  # where the run scored nothing, or nothing is known to be right


@dataclass(frozen=True)
class Said:
    """A run and lists of one length, in the order of the images; of training images nothing."""

    run: Run
    cuts: list[int]  # the probability above which each tag is decided for; of classes nothing
    wrong: list[int]  # how sure the run is of its worst answer, at least 1; 0 where all is right
    first: list[int]  # the likeliest class or tag
    names: list[list[int]]  # index, probability and marks of each, and how many are left out


def places(shown: Chosen, table: SampleTable) -> dict[str, np.ndarray]:
    """Return by split which of its images are shown, in the order of the page."""
    judged = shown.rows[: shown.judged]
    return {
        split: np.flatnonzero(np.isin(table.rows(split), judged))
        for split in shown.splits
        if split in table.evaluation_splits
    }


def said(run: Run, answers: Mapping[str, Answers], shown: Mapping[str, np.ndarray]) -> Said:
    """Write down what a run says.

    Args:
        run: the run.
        answers: of all images of the splits that it scored.
        shown: as ``places``.
    """
    wrong, first, names = list[int](), list[int](), list[list[int]]()
    for split, images in shown.items():
        known = split in answers
        wrong += _wrong(answers[split], images) if known else [UNKNOWN] * len(images)
        first += answers[split].order[images, 0].tolist() if known else [UNKNOWN] * len(images)
        names += _names(answers[split], images) if known else [[] for _ in images]
    return Said(run, whole(next(iter(answers.values())).cuts), wrong, first, names)


def _wrong(answers: Answers, images: np.ndarray) -> list[int]:
    sure = answers.sureness[images]
    worst = np.maximum(np.array(whole(np.nan_to_num(sure))), 1)
    known = np.where(answers.known[images], np.where(np.isnan(sure), 0, worst), UNKNOWN)
    found: list[int] = known.tolist()
    return found


def _names(answers: Answers, images: np.ndarray) -> list[list[int]]:
    order = answers.order[images]

    def ordered(values: np.ndarray) -> np.ndarray:
        found: np.ndarray = np.take_along_axis(values[images], order, 1)
        return found

    decided, carried = ordered(answers.decided), ordered(answers.carried)
    matters = decided | carried
    matters[:, :LISTED] = True
    kept = matters & (matters.cumsum(1) <= MOST)
    marks = DECIDED * decided + CARRIED * carried + UNJUDGED * ~ordered(answers.judged)
    sure = np.round(ordered(answers.probabilities) * WHOLE).astype(int)
    flat = np.stack([order[kept], sure[kept], marks[kept]], 1).tolist()
    ends = [0, *kept.sum(1).cumsum().tolist()]
    left = (matters & ~kept).sum(1).tolist()
    return [
        [value for name in flat[start:end] for value in name] + [more] * bool(more)
        for start, end, more in zip(ends, ends[1:], left, strict=False)
    ]
