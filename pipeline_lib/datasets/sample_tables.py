"""The tables of samples and categories, from labelled and decoded images."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from pipeline_lib.artifacts.samples import CATEGORIES, SAMPLES, TRAIN
from pipeline_lib.datasets.reader import Item, Vocabulary


@dataclass(frozen=True, slots=True)  # there may be millions
class Sample:
    """One usable image."""

    item: Item
    split: str
    slot: int  # its row in the array of pixels, before rejected images are taken out
    width: int  # pixels
    height: int
    sha256: str


def sample_frame(samples: Sequence[Sample], vocabulary: Vocabulary) -> pl.DataFrame:
    """Return the table of samples in the given order; labels become indices of ``vocabulary``."""
    classes, tags = _indices(vocabulary.classes), _indices(vocabulary.tags)
    rows = [_row(sample, classes, tags) for sample in samples]
    return pl.DataFrame(rows, schema=SAMPLES.dtypes, orient="row")


def category_frame(samples: Sequence[Sample], vocabulary: Vocabulary) -> pl.DataFrame:
    """Return the table of classes and tags, with the number of training images of each."""
    train = [sample.item for sample in samples if sample.split == TRAIN]
    classes = Counter(name for item in train for name in set(item.classes))
    tags = Counter(name for item in train for name in set(item.tags))
    rows = [
        *(("class", i, n, True, classes[n], None) for i, n in enumerate(vocabulary.classes)),
        *(
            ("tag", i, n, n not in vocabulary.unseen, tags[n], far and n in far)
            for far in [vocabulary.far]
            for i, n in enumerate(vocabulary.tags)
        ),
    ]
    return pl.DataFrame(rows, schema=CATEGORIES.dtypes, orient="row")


def _row(sample: Sample, classes: dict[str, int], tags: dict[str, int]) -> tuple[Any, ...]:
    item = sample.item
    boxes = None
    if item.boxes is not None:
        boxes = [asdict(box) | {"tag": tags[box.tag]} for box in item.boxes]
    return (
        item.key,
        sample.split,
        sorted({classes[name] for name in item.classes}),
        sorted({tags[name] for name in item.tags}),
        _open(item.difficult, item, tags),
        None if item.all_tags is None else sorted({tags[name] for name in item.all_tags}),
        _open(item.unknown, item, tags),
        list(item.captions) if item.captions else None,
        boxes,
        sample.width,
        sample.height,
        sample.sha256,
        item.path,
        item.row,
    )


def _open(names: Sequence[str] | None, item: Item, tags: dict[str, int]) -> list[int] | None:
    """Return tags that are neither present nor absent; what is carried is not left open."""
    return None if names is None else sorted(tags[name] for name in {*names} - {*item.tags})


def _indices(names: Sequence[str]) -> dict[str, int]:
    return {name: index for index, name in enumerate(names)}
