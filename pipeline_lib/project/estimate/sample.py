"""A data set of a few images out of a large one, as `ingest` would have left it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.artifacts.samples import (
    CATEGORIES,
    DUPLICATES,
    IGNORED,
    REJECTED,
    SAMPLES,
    TRAIN,
)
from pipeline_lib.datasets import accounting, duplicates
from pipeline_lib.datasets.acceptance import Labelled, read_labels, reject_frame
from pipeline_lib.datasets.decoding import PixelStore
from pipeline_lib.datasets.images import write_images
from pipeline_lib.datasets.reader import Reader
from pipeline_lib.datasets.registry import open_reader
from pipeline_lib.datasets.remarks import Remarks
from pipeline_lib.datasets.sample_tables import Sample, category_frame
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.progress import silent
from pipeline_lib.steps.ingest import decode, tables

TOGETHER = 8  # images of equal labels in one block: methods look for pairs of a class
MOST = 3  # times as many images to test on as to train on, at most


@dataclass(frozen=True)
class Opened:
    """A data set whose labels were read."""

    params: Dataset
    reader: Reader
    labelled: Labelled

    @property
    def counts(self) -> dict[str, int]:
        """Images by split."""
        names, counts = np.unique(self.labelled.splits, return_counts=True)
        return dict(zip(names.tolist(), counts.tolist(), strict=True))


def opened(params: Dataset) -> Opened:
    """Read all labels of a data set, and no picture.

    Raises:
        InputError: as ``open_reader`` and ``read_labels``.
    """
    _, reader = open_reader(params)
    return Opened(params, reader, read_labels(reader, params))


def chosen(found: Opened, train: int) -> Labelled:
    """Return ``train`` training images, and of the other splits as large a share."""
    labelled, counts = found.labelled, found.counts
    share = min(1.0, train / max(1, counts[TRAIN]))
    places: list[int] = []
    for split, count in counts.items():
        wanted = min(max(2, round(share * count)), MOST * train, count)
        own = [place for place, name in enumerate(labelled.splits) if name == split]
        own.sort(key=lambda place: (labelled.items[place].classes, labelled.items[place].key))
        places += [own[place] for place in _blocks(len(own), wanted)]
    places.sort()
    return Labelled(
        labelled.vocabulary,
        [labelled.items[place] for place in places],
        [labelled.splits[place] for place in places],
        [],
        [],
    )


def write(found: Opened, some: Labelled, folder: Path) -> int:
    """Write the artifacts of `ingest` for some images, and return how many could be decoded."""
    store = PixelStore(found.params.storage, len(some.items))
    samples, failed = decode(found.reader, some, store, found.params, silent)
    made = tables(samples, some.vocabulary, store, found.params)
    everything = zip(found.labelled.items, found.labelled.splits, strict=True)
    categories = category_frame(
        [Sample(item, split, 0, 0, 0, "") for item, split in everything], some.vocabulary
    )
    SAMPLES.write(made["samples"], folder / "samples.parquet")
    CATEGORIES.write(categories, folder / "categories.parquet")
    REJECTED.write(reject_frame(failed), folder / "rejected.parquet")
    IGNORED.write(accounting.ignored_frame([]), folder / "ignored.parquet")
    DUPLICATES.write(duplicates.duplicate_frame([], {}), folder / "duplicates.parquet")
    account = accounting.account(samples, failed, [], 0)
    remarks = Remarks.of(failed, [], some.vocabulary, found.reader, samples)
    write_json(folder / "accounting.json", account.document() | {"remarks": remarks.document()})
    write_images(folder / "images.safetensors", made["pixels"], found.params)
    return len(samples)


def _blocks(count: int, wanted: int) -> Sequence[int]:
    """Return ``wanted`` of the places 0 … count - 1, in blocks at even steps."""
    blocks = -(-wanted // TOGETHER)
    starts = np.linspace(0, max(0, count - TOGETHER), blocks).astype(int)
    places = sorted({s + n for s in starts.tolist() for n in range(TOGETHER) if s + n < count})
    rest = [place for place in range(count) if place not in set(places)]
    return sorted((places + rest)[:wanted]) if len(places) < wanted else places[:wanted]
