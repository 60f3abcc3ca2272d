"""What the page knows of its images, in columns of integers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline_lib.methods.registry import METHODS
from pipeline_lib.reporting.collection import Collection
from pipeline_lib.reporting.explorer.answers import Answers
from pipeline_lib.reporting.explorer.chosen import Chosen
from pipeline_lib.reporting.explorer.explained import WHOLE, whole
from pipeline_lib.reporting.pictures import Picture
from pipeline_lib.reporting.runs import Run

LISTED = 5  # names of an image and run, besides those that were decided for or are carried
MOST = 15  # of them
DECIDED, CARRIED, UNJUDGED = 1, 2, 4  # marks of a name
UNKNOWN = -1  # in place of how sure a run is of a wrong answer, where nothing is known to be right


@dataclass(frozen=True)
class Told:
    """What a run said of the images that are shown: by split, and where they are in it."""

    run: Run
    answers: Mapping[str, Answers]
    places: Mapping[str, np.ndarray]  # by split: positions of the shown images in it

    @property
    def cuts(self) -> np.ndarray:
        """The probability above which each tag is decided for, (names,); of classes nothing."""
        return next(iter(self.answers.values())).cuts

    def wrong(self) -> list[int]:
        """Say of each judged image how sure the run is of its worst answer; 0 where all is right.

        In thousandths, at least 1 of a wrong answer.
        """
        found: list[int] = []
        for split, places in self.places.items():
            if split in self.answers:
                one = self.answers[split]
                sure, known = one.sureness[places], one.known[places]
                worst = np.maximum(np.array(whole(np.nan_to_num(sure))), 1)
                found += np.where(known, np.where(np.isnan(sure), 0, worst), UNKNOWN).tolist()
            else:
                found += [UNKNOWN] * len(places)
        return found

    def first(self) -> list[int]:
        """Return the likeliest class of each judged image, or -1."""
        found: list[int] = []
        for split, places in self.places.items():
            known = split in self.answers
            found += self.answers[split].order[places, 0].tolist() if known else [-1] * len(places)
        return found

    def names(self) -> list[list[int]]:
        """Return names of each judged image: which, in how many thousandths, marks."""
        found: list[list[int]] = []
        for split, places in self.places.items():
            known = split in self.answers
            found += _names(self.answers[split], places) if known else [[] for _ in places]
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


def told(
    runs: Sequence[Run],
    answers: Mapping[str, Mapping[str, Answers]],
    shown: Chosen,
    data: Collection,
) -> list[Told]:
    """Find the images that are shown among those of each split."""
    judged = shown.rows[: shown.judged]
    places = {
        split: np.searchsorted(rows := data.rows(split), rows[np.isin(rows, judged)])
        for split in shown.splits
        if split in data.evaluation_splits
    }
    return [Told(run, answers[run.name], places) for run in runs]


def described(run: Run, runs: Sequence[Run], sees: str, cuts: list[int]) -> dict[str, Any]:
    """Describe a run.

    Args:
        run: the run.
        runs: all of them, to which it is compared by place.
        sees: what it explains its answers with: "regions", "patches" or "".
        cuts: the probability above which each tag is decided for; of classes nothing.
    """
    names = [one.name for one in runs]
    references = [names.index(name) for name in run.references if name in names]
    title = METHODS[run.header["method"]].title
    about = {"name": run.name, "title": title, "target": run.target, "sees": sees}
    return about | {"to": references, "cuts": cuts}


def columns(data: Collection, shown: Chosen, pictures: Sequence[Picture]) -> dict[str, Any]:
    """Return what is known of every image that is shown, without runs."""
    samples = data.samples[shown.rows]
    files = [_file(*file) for file in samples.select("sample_id", "path", "row").iter_rows()]
    return {
        "ids": samples["sample_id"].to_list(),
        "files": files,
        "splits": list(shown.splits.items()),
        "of": [len(data.rows(split)) for split in shown.splits],
        "classes": samples["classes"].to_list(),
        "tags": samples["tags"].to_list(),
        "names": {"classes": data.class_names, "tags": data.tag_names},
        "unseen": [int(not seen) for seen in data.of("tags")["seen"]],
        "pictures": [[picture.link, picture.width, picture.height] for picture in pictures],
    }


def _file(sample_id: str, path: str, row: int | None) -> str:
    """Say where an image is, unless its key does."""
    return ("" if path == sample_id else path) if row is None else f"{path}, row {row}"
