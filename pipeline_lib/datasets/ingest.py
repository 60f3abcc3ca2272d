"""From an opened data set to samples, categories and pixels: every image is decoded once, here."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline_lib.datasets.acceptance import Labelled, check_rejected, read_labels, reject_frame
from pipeline_lib.datasets.balance import check_classes, check_splits, check_tags
from pipeline_lib.datasets.decoding import Decoded, PixelStore, Storage, decode_all
from pipeline_lib.datasets.reader import Reader, Rejection
from pipeline_lib.datasets.single_positive import one_tag_each
from pipeline_lib.datasets.tables import Sample, category_frame, sample_frame
from pipeline_lib.datasets.unseen import take_out, with_unseen
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.progress import Track


@dataclass(frozen=True)
class Ingested:
    """A data set as the other stages see it."""

    samples: pl.DataFrame  # as SAMPLES, sorted by key
    categories: pl.DataFrame  # as CATEGORIES
    rejected: pl.DataFrame  # as REJECTED
    pixels: np.ndarray | None  # (images, height, width, 3) uint8 in the order of samples, or None
    storage: Storage


def ingest(reader: Reader, params: Dataset, *, track: Track) -> Ingested:
    """Read the labels, decode the images, fill the splits, and check what came out.

    Raises:
        InputError: the data set has no items, too many bad ones (then it is TooManyRejected, with
            the table of them), an empty train or test split, a class without training images, or
            ``dataset.unseen`` names what is no tag.
    """
    vocabulary = with_unseen(reader.vocabulary(), params.unseen)
    labelled = read_labels(reader, vocabulary, params)
    total = len(labelled.items) + len(labelled.rejections)
    if not total:
        raise InputError(
            f"dataset.path: '{params.path}' lists no items, expected images; set dataset.path to a "
            "data set that holds some"
        )
    store = PixelStore(params.storage, len(labelled.items))
    samples, failed = _decode(reader, labelled, store, params, track)
    rejections = labelled.rejections + failed
    check_rejected(rejections, total, max_rejected=params.max_rejected)
    check_splits(samples, params)
    check_classes(samples, vocabulary)
    samples = take_out(samples, vocabulary)
    check_tags(samples, vocabulary)
    if params.single_positive.enabled:
        samples = one_tag_each(samples, vocabulary, seed=params.single_positive.seed)
    pixels = store.rows([sample.slot for sample in samples])
    return Ingested(
        samples=sample_frame(samples, vocabulary),
        categories=category_frame(samples, vocabulary),
        rejected=reject_frame(rejections),
        pixels=pixels,
        storage="references" if pixels is None else "pixels",
    )


def _decode(
    reader: Reader, labelled: Labelled, store: PixelStore, params: Dataset, track: Track
) -> tuple[list[Sample], list[Rejection]]:
    """Return the samples in the order of their keys, and the images that cannot be decoded."""
    samples: list[Sample] = []
    failed: list[Rejection] = []
    slots = _ranks([item.key for item in labelled.items])
    images = decode_all(reader, labelled.items, params, track)
    for item, split, slot, image in zip(
        labelled.items, labelled.splits, slots, images, strict=True
    ):
        if isinstance(image, Decoded):
            store.add(slot, image)
            samples.append(Sample(item, split, slot, image.width, image.height, image.sha256))
        else:
            failed.append(Rejection(item.key, image.reason, image.detail, split))
    return sorted(samples, key=lambda sample: sample.slot), failed


def _ranks(keys: list[str]) -> list[int]:
    """Return the place of every key in the sorted list, which is its row in samples.parquet."""
    rank = {key: place for place, key in enumerate(sorted(keys))}
    return [rank[key] for key in keys]
