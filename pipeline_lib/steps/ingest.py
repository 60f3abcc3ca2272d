"""From an opened data set to samples, categories and pixels: every image is decoded once, here."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.datasets import accounting, duplicates
from pipeline_lib.datasets.acceptance import Labelled, check_rejected, read_labels, reject_frame
from pipeline_lib.datasets.accounting import Account, Ignored
from pipeline_lib.datasets.balance import check_classes, check_splits, check_tags
from pipeline_lib.datasets.decoded_facts import FactStore
from pipeline_lib.datasets.decoding import Decoded, Failure, PixelStore, Storage, decode_all
from pipeline_lib.datasets.location import locate, without_place
from pipeline_lib.datasets.observed_labels import one_tag_each
from pipeline_lib.datasets.placement import placed
from pipeline_lib.datasets.reader import Item, Reader, Rejection, Vocabulary
from pipeline_lib.datasets.remarks import Remarks
from pipeline_lib.datasets.sample_tables import Sample, category_frame, sample_frame
from pipeline_lib.datasets.unseen import take_out
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.progress import Track

NO_AREA = "box without an area"


@dataclass(frozen=True)
class Ingested:
    """A data set as the other stages see it."""

    samples: pl.DataFrame  # as SAMPLES, sorted by key
    categories: pl.DataFrame  # as CATEGORIES
    rejected: pl.DataFrame  # as REJECTED
    ignored: pl.DataFrame  # as IGNORED
    duplicates: pl.DataFrame  # as DUPLICATES
    account: Account
    remarks: Remarks
    pixels: np.ndarray | None  # (images, height, width, 3) uint8 in the order of samples, or None
    storage: Storage


def ingest(
    reader: Reader, params: Dataset, *, track: Track, kept: FactStore | None = None
) -> Ingested:
    """Read the labels, decode the images, fill the splits, and check what came out.

    Args:
        reader: of the data set.
        params: its section.
        track: shows the progress.
        kept: what is known of images that were decoded before; None: nothing is, nor kept.

    Raises:
        InputError: the data set has no items, too many bad ones (then it is TooManyRejected, with
            the table of them), test images to learn from (DuplicatesFound, with the table of equal
            images), a linked folder, an empty train or test split, a class without training images,
            or ``dataset.unseen`` names what is no tag.
    """
    labelled = read_labels(reader, params)
    vocabulary = labelled.vocabulary
    total = len(labelled.items) + sum(rejection.lost for rejection in labelled.rejections)
    if not total:
        raise InputError(
            f"dataset.path: '{params.path}' lists no items, expected images; set dataset.path to a "
            "data set that holds some"
        )
    root = locate(params.path)
    beside = unused(reader, labelled, root)
    store = PixelStore(params.storage, len(labelled.items))
    decoded, failed = decode(reader, labelled, store, params, track, kept)
    rejections = [
        replace(found, detail=without_place(found.detail, root))
        for found in labelled.rejections + failed
    ]
    check_rejected(rejections, total, max_rejected=params.max_rejected)
    samples = duplicates.held_together(decoded)
    equal = duplicates.groups(samples)
    dropped = duplicates.copies(equal, params)
    samples = [sample for sample in samples if sample.item.key not in dropped]
    check_splits(samples, params, dropped=len(dropped))
    check_classes(samples, vocabulary)
    ignored = [*beside, *duplicates.left_out(dropped)]
    account = accounting.account(samples, rejections, ignored, len(set(reader.sources())))
    return Ingested(
        **tables(samples, vocabulary, store, params),
        rejected=reject_frame(rejections),
        ignored=accounting.ignored_frame(ignored),
        duplicates=duplicates.duplicate_frame(equal, dropped),
        account=account,
        remarks=Remarks.of(rejections, equal, vocabulary, reader, samples),
    )


def unused(reader: Reader, labelled: Labelled, root: Path) -> list[Ignored]:
    """Return what the data set holds beside its items and lists."""
    sources = set(reader.sources())
    paths = {item.path for item in labelled.items} | {e.path for e in labelled.left_out}
    refused = {r.path for r in labelled.rejections if r.path is not None}
    taken = sources | paths | refused
    files = accounting.ignored_files(root, taken, listed=bool(sources))
    return [*files, *accounting.left_out(labelled.left_out)]


def tables(
    samples: list[Sample], vocabulary: Vocabulary, store: PixelStore, params: Dataset
) -> dict[str, Any]:
    """Return the tables, the pixels and how these are stored, as `Ingested` names them."""
    samples = take_out(samples, vocabulary)
    check_tags(samples, vocabulary)
    if params.single_positive.enabled:
        samples = one_tag_each(samples, vocabulary, seed=params.single_positive.seed)
    pixels = store.rows([sample.slot for sample in samples])
    return {
        "samples": sample_frame(samples, vocabulary),
        "categories": category_frame(samples, vocabulary),
        "pixels": pixels,
        "storage": "references" if pixels is None else "pixels",
    }


def decode(
    reader: Reader,
    labelled: Labelled,
    store: PixelStore,
    params: Dataset,
    track: Track,
    kept: FactStore | None = None,
) -> tuple[list[Sample], list[Rejection]]:
    """Return the samples in the order of their keys, and the images that cannot be decoded.

    The pixels go into ``store``.
    """
    samples: list[Sample] = []
    failed: list[Rejection] = []
    slots = _ranks([item.key for item in labelled.items])
    images = decode_all(reader, labelled.items, params, track, kept)
    for item, split, slot, image in zip(
        labelled.items, labelled.splits, slots, images, strict=True
    ):
        found = placed(item, image) if isinstance(image, Decoded) else image
        if isinstance(found, Item) and isinstance(image, Decoded):
            store.add(slot, image)
            samples.append(Sample(found, split, slot, image.width, image.height, image.sha256))
            if count := len(item.boxes or ()) - len(found.boxes or ()):
                detail = f"{count} of {len(item.boxes or ())} have none inside the picture"
                failed.append(Rejection(item.key, NO_AREA, detail, split, lost=False))
        elif isinstance(found, Failure):
            failed.append(Rejection(item.key, found.reason, found.detail, split, path=item.path))
    return sorted(samples, key=lambda sample: sample.slot), failed


def _ranks(keys: list[str]) -> list[int]:
    """Return the place of every key in the sorted list, which is its row in samples.parquet."""
    rank = {key: place for place, key in enumerate(sorted(keys))}
    return [rank[key] for key in keys]
