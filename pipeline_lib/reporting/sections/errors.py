"""Part of each run: its errors by name, those that it is surest of first."""

from dataclasses import dataclass

import numpy as np

from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.reporting.explorer.answers import Answers
from pipeline_lib.reporting.explorer.look import answered
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.runs import Run
from pipeline_lib.reporting.section import Section

LISTED = 25  # of a run: the rest is in the section of pictures


@dataclass(frozen=True)
class Error:
    """An image that was answered wrongly."""

    name: str  # its key
    given: str  # what it is labelled with
    said: str  # the wrong answer: a class, a tag that it lacks, or one that was missed
    missed: bool
    probability: float  # of that class or tag


@dataclass(frozen=True)
class Errors:
    """The part."""

    run: Run
    split: str
    images: int  # that can be answered rightly
    wrong: int  # of them
    listed: list[Error]

    @property
    def left_out(self) -> int:
        """How many are not listed."""
        return self.wrong - len(self.listed)


def errors(found: Answers, names: list[str], ids: list[str]) -> Errors:
    """List what one network got wrong in a split.

    Args:
        found: what it says.
        names: of the classes or tags.
        ids: keys of the images of the split.
    """
    sure = np.nan_to_num(found.sureness, nan=-1)
    wrong = int((sure >= 0).sum())
    worst = np.argsort(-sure, kind="stable")[: min(LISTED, wrong)]
    return Errors(
        run=found.run,
        split=found.split,
        images=int(found.known.sum()),
        wrong=wrong,
        listed=[_error(found, int(image), names, ids[image]) for image in worst],
    )


def _error(found: Answers, image: int, names: list[str], key: str) -> Error:
    against = np.where(found.decided, found.probabilities, 1 - found.probabilities)[image]
    answer = int(np.where(found.mistakes[image], against, -1).argmax())
    given = ", ".join(names[i] for i in np.flatnonzero(found.carried[image]))
    missed = not found.decided[image, answer]
    return Error(key, given, names[answer], missed, float(found.probabilities[image, answer]))


def _build(material: Material, run: Run) -> Errors:
    data = material.collection
    found = answered(material, run)[TEST]
    return errors(found, data.names(run.target), data.ids_of(data.rows(TEST)))


SECTION = Section("errors", "Errors by name", 42, _build, per="part", reads=("train",))
