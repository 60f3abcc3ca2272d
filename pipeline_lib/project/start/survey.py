"""What a folder holds, by the readers that `ingest` uses; of its pictures a sample is decoded."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipeline_lib.artifacts.samples import TEST, TRAIN
from pipeline_lib.datasets import accounting
from pipeline_lib.datasets.acceptance import Labelled, read_labels
from pipeline_lib.datasets.accounting import Account
from pipeline_lib.datasets.balance import check_classes, check_splits, check_tags
from pipeline_lib.datasets.decoding import Decoded, Failure, decode_all
from pipeline_lib.datasets.location import locate
from pipeline_lib.datasets.reader import Item, Reader, Vocabulary
from pipeline_lib.datasets.registry import open_reader
from pipeline_lib.datasets.remarks import Remarks
from pipeline_lib.datasets.sample_tables import Sample
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.progress import silent
from pipeline_lib.steps.ingest import unused

DECODED = 128  # pictures at most, which takes a second or two of photographs
FEW = 5  # training images of a class, below which little can be learnt of it


@dataclass(frozen=True)
class Survey:
    """A data set before it is ingested."""

    format: str  # name of its layout
    items: Sequence[Item]
    splits: Sequence[str]  # of the items, held out ones among them
    shipped: frozenset[str]  # splits that the data set itself names
    vocabulary: Vocabulary
    sides: np.ndarray  # (decoded, 2) width and height in pixels of the sample
    failures: Sequence[tuple[Item, Failure]]  # pictures of the sample that cannot be used
    account: Account  # of all but what decoding would still reject
    remarks: Remarks

    @property
    def tests_on_val(self) -> bool:
        """Whether the data set ships a val split and none to test on, as MS-COCO does."""
        return "val" in self.shipped and TEST not in self.shipped

    @property
    def bad(self) -> float:
        """The share of images that cannot be used: by their labels, and of the sample."""
        lost = sum(self.account.rejected.values())
        return lost / (lost + len(self.items)) + len(self.failures) / self.decoded

    @property
    def decoded(self) -> int:
        """How many pictures were looked at."""
        return len(self.sides) + len(self.failures)

    @property
    def side(self) -> float:
        """The median of the shorter sides in pixels."""
        return float(np.median(self.sides.min(1)))

    @property
    def uniform(self) -> bool:
        """Whether all pictures of the sample are of one size."""
        return len(np.unique(self.sides, axis=0)) == 1

    @cached_property
    def counts(self) -> dict[str, int]:
        """Images by split, sorted."""
        return dict(sorted(Counter(self.splits).items()))

    @property
    def has_classes(self) -> bool:
        """Whether classes can be predicted."""
        return len(self.vocabulary.classes) > 1

    @property
    def has_tags(self) -> bool:
        """Whether tags can be predicted."""
        return bool(self.vocabulary.tags)

    @property
    def captions(self) -> int:
        """Training images with a caption."""
        return sum(bool(item.captions) for item in self._trained())

    @property
    def sentences(self) -> int:
        """Captions of the training images."""
        return sum(len(item.captions or ()) for item in self._trained())

    @property
    def boxes(self) -> int:
        """Images with boxes."""
        return sum(bool(item.boxes) for item in self.items)

    @cached_property
    def per_class(self) -> Counter[str]:
        """Training images of each class."""
        return Counter(name for item in self._trained() for name in set(item.classes))

    @cached_property
    def per_tag(self) -> Counter[str]:
        """Training images of each tag."""
        return Counter(name for item in self._trained() for name in set(item.tags))

    def _trained(self) -> Iterator[Item]:
        return (i for i, split in zip(self.items, self.splits, strict=True) if split == TRAIN)


def survey(params: Dataset, *, most: int = DECODED) -> Survey:
    """Look at the data set of a section ``dataset``, as `ingest` will.

    Args:
        params: the section.
        most: pictures to decode, evenly chosen.

    Raises:
        InputError: what `ingest` would refuse, as far as labels show it; or none of the sample
            can be decoded.
    """
    found, reader = open_reader(params)
    labelled = read_labels(reader, params)
    vocabulary = labelled.vocabulary
    _check_items(labelled, params)
    samples = [
        Sample(item, split, slot, 0, 0, "")
        for slot, (item, split) in enumerate(zip(labelled.items, labelled.splits, strict=True))
    ]
    check_splits(samples, params)
    check_classes(samples, vocabulary)
    check_tags(samples, vocabulary)
    sides, failures = _look(reader, evenly(labelled.items, most), params)
    root = locate(params.path)
    return Survey(
        format=found,
        items=labelled.items,
        splits=labelled.splits,
        shipped=frozenset(item.split for item in labelled.items if item.split is not None),
        vocabulary=vocabulary,
        sides=sides,
        failures=failures,
        account=accounting.account(
            samples,
            labelled.rejections,
            unused(reader, labelled, root),
            len(set(reader.sources())),
        ),
        remarks=Remarks.of(labelled.rejections, [], vocabulary, reader, samples),
    )


def evenly(items: Sequence[Item], most: int) -> list[Item]:
    """Return some items in their order, at even steps, the first and the last among them."""
    places = np.linspace(0, len(items) - 1, min(most, len(items))).round().astype(int)
    return [items[place] for place in places.tolist()]


def described(found: Survey) -> Iterator[tuple[str, str]]:
    """Yield what was found as pairs of a name and words."""
    yield "layout", found.format
    yield "images", ", ".join(f"{split} {count:,}" for split, count in found.counts.items())
    held = [s for s in found.counts if s not in {TRAIN, *found.shipped}]
    if held:
        yield "splits", f"{', '.join(held)}: held out here, as the data set ships none"
    yield "sizes", _sizes(found)
    for kind, names, counts in (
        ("classes", found.vocabulary.classes, found.per_class),
        ("tags", found.vocabulary.tags, found.per_tag),
    ):
        if names:
            yield kind, _labels([n for n in names if n not in found.vocabulary.unseen], counts)
    if found.vocabulary.unseen:
        yield "unseen tags", f"{len(found.vocabulary.unseen):,}, of which no training label is used"
    if found.captions:
        yield "captions", f"{found.sentences:,} of {found.captions:,} training images"
    if found.boxes:
        yield "boxes", f"{found.boxes:,} images: regions are compared with them, nothing else"
    if found.failures:
        item, why = found.failures[0]
        yield (
            "unreadable",
            f"{len(found.failures)} of {found.decoded} looked at, e.g. {item.key}: {why.reason}",
        )
    yield "account", found.account.text()
    for line in found.remarks.lines():
        yield "remark", line


def _check_items(labelled: Labelled, params: Dataset) -> None:
    if not labelled.items:
        lost = labelled.rejections
        why = f" ({len(lost)} rejected, e.g. {lost[0].item}: {lost[0].reason})" if lost else ""
        raise InputError(
            f"dataset.path: '{params.path}' lists no items{why}, expected images; name the folder "
            "of a data set that holds some"
        )


def _look(
    reader: Reader, items: Sequence[Item], params: Dataset
) -> tuple[np.ndarray, list[tuple[Item, Failure]]]:
    """Decode some pictures; return their widths and heights, and those that cannot be used."""
    looked = list(zip(items, decode_all(reader, items, params, silent), strict=True))
    sides = [(f.width, f.height) for _, f in looked if isinstance(f, Decoded)]
    failures = [(item, f) for item, f in looked if isinstance(f, Failure)]
    if not sides:
        item, why = failures[0]
        raise InputError(
            f"dataset.path: none of {len(items)} pictures that were looked at can be decoded, e.g. "
            f"{item.key}: {why.reason} ({why.detail}); expected pictures; mend or fetch the files"
        )
    return np.array(sides), failures


def _sizes(found: Survey) -> str:
    if found.uniform:
        width, height = found.sides[0]
        return f"{width} x {height} pixels, all {found.decoded} that were looked at"
    short = found.sides.min(1)
    return (
        f"shorter side {short.min()} to {short.max()} pixels, median {found.side:.0f} "
        f"({found.decoded} looked at)"
    )


def _labels(names: Sequence[str], counts: Counter[str]) -> str:
    ranked = sorted(((counts[name], name) for name in names), reverse=True)
    (most, first), (least, last) = ranked[0], ranked[-1]
    few = sum(count < FEW for count, _ in ranked)
    rare = f"; {few} have fewer than {FEW}" if few else ""
    return f"{len(names):,}, of {least:,} ('{last}') to {most:,} ('{first}') training images{rare}"
