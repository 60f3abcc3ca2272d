"""Images with equal pixels: none that is tested on may be trained on.

Images are equal when their digests are (``decode.fingerprint``): the same picture in another format
or size is another image here.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from pipeline_lib.artifacts.samples import DUPLICATES, TRAIN, VAL
from pipeline_lib.datasets.accounting import Ignored
from pipeline_lib.datasets.sample_tables import Sample
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset

SHOWN = 3  # pairs in a message
LEARNS = {TRAIN: 0, VAL: 1}  # what is fitted and what is chosen on; every other split is tested on
TESTS = 2


class DuplicatesFound(InputError):
    """Images of a test split are trained on; ``table`` lists all equal images."""

    def __init__(self, message: str, table: pl.DataFrame) -> None:
        super().__init__(message)
        self.table = table


@dataclass(frozen=True)
class Group:
    """Images with equal pixels, by key."""

    samples: tuple[Sample, ...]

    @property
    def across(self) -> bool:
        """Whether something is tested on that something learns from."""
        return len({_rank(sample) for sample in self.samples}) > 1

    @property
    def differ(self) -> bool:
        """Whether equal pixels carry different labels."""
        labels = {(frozenset(s.item.classes), frozenset(s.item.tags)) for s in self.samples}
        return len(labels) > 1

    @property
    def kept(self) -> Sample:
        """The image that stays where copies are dropped: the one that is tested on."""
        return max(self.samples, key=_rank)

    def text(self) -> str:
        """Name two of the images, of different splits where there are any."""
        first = self.kept
        other = min((s for s in self.samples if s is not first), key=_rank)
        return f"'{other.item.key}' ({other.split}) and '{first.item.key}' ({first.split})"


def held_together(samples: Sequence[Sample]) -> list[Sample]:
    """Return the samples with equal images in one split where the data set does not part them.

    What is held out by lot would else be trained on; of several lots that of the first key counts.
    """
    split = {
        sample.item.key: group.samples[0].split
        for group in groups([sample for sample in samples if sample.item.split in (None, TRAIN)])
        for sample in group.samples
    }
    return [replace(s, split=split.get(s.item.key, s.split)) for s in samples]


def groups(samples: Sequence[Sample]) -> list[Group]:
    """Return the groups of equal images, in the order of their first keys."""
    equal: dict[str, list[Sample]] = defaultdict(list)
    for sample in sorted(samples, key=lambda sample: sample.item.key):
        equal[sample.sha256].append(sample)
    return [Group(tuple(found)) for found in equal.values() if len(found) > 1]


def copies(found: Sequence[Group], params: Dataset) -> dict[str, Sample]:
    """Return the images to leave out, by key, with the equal one that stays.

    Raises:
        DuplicatesFound: there are images of a test split to learn from, and ``dataset.duplicates``
            does not say what to do with them.
    """
    across = [group for group in found if group.across]
    if across and params.duplicates == "refuse":
        pairs = "; ".join(group.text() for group in across[:SHOWN])
        raise DuplicatesFound(
            f"dataset: {len(across)} pictures lie in several splits with equal pixels: {pairs}"
            f"{'; …' if len(across) > SHOWN else ''}; expected none to learn from that is tested "
            "on; duplicates.parquet lists them all; take the copies out, or set "
            "dataset.duplicates to drop (out of train and val) or to report",
            duplicate_frame(found, {}),
        )
    if params.duplicates != "drop":
        return {}
    return {
        sample.item.key: group.kept
        for group in across
        for sample in group.samples
        if _rank(sample) < _rank(group.kept)
    }


def left_out(dropped: dict[str, Sample]) -> list[Ignored]:
    """Return the images that are left out, for the table of what is ignored."""
    return [
        Ignored(key, f"equal to an image of {kept.split}", detail=kept.item.key)
        for key, kept in dropped.items()
    ]


def duplicate_frame(found: Sequence[Group], dropped: dict[str, Sample]) -> pl.DataFrame:
    """Return the table of equal images."""
    rows = [
        (
            sample.sha256,
            sample.item.key,
            sample.split,
            list(sample.item.classes),
            list(sample.item.tags),
            group.across,
            group.differ,
            sample.item.key in dropped,
        )
        for group in found
        for sample in group.samples
    ]
    return pl.DataFrame(rows, schema=DUPLICATES.dtypes, orient="row")


def _rank(sample: Sample) -> int:
    return LEARNS.get(sample.split, TESTS)
