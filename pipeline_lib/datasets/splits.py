"""Names of splits as data sets spell them, and images held out where a data set ships no split."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import PurePath

from pipeline_lib.artifacts.samples import TEST, TRAIN, VAL

NAME = re.compile(r"[a-z][a-z0-9_]*")  # as in the schema of samples.parquet
# "train2017" is how COCO and "validation" how Hugging Face spell them.
SPELLINGS = {
    TRAIN: re.compile(r"(train|training)\d*"),
    VAL: re.compile(r"(val|valid|validation|dev)\d*"),
    TEST: re.compile(r"(test|testing)\d*"),
}
SHARD = re.compile(r"_?\d+(_of_\d+)?$")


def split_name(spelling: str) -> str:
    """Return train, val or test for their usual spellings, else the name in lower case."""
    clean = re.sub(r"[\s\-.]+", "_", spelling.strip().lower())
    known = (split for split, pattern in SPELLINGS.items() if pattern.fullmatch(clean))
    return next(known, clean)


def is_split(spelling: str) -> bool:
    """Tell whether a folder or file of that name is a split; ``test_shift`` is one of its own."""
    name = split_name(spelling)
    return name in SPELLINGS or name.startswith(f"{TEST}_")


def split_of_file(file: str) -> str | None:
    """Return the split that a file name announces: ``train-00000-of-00003.parquet``."""
    name = SHARD.sub("", split_name(PurePath(file).stem))
    first = name.partition("_")[0]
    return next((split_name(part) for part in (name, first) if is_split(part)), None)


def fill_splits(
    keys: Sequence[str],
    splits: Sequence[str | None],
    *,
    val_share: float,
    test_share: float,
    seed: int,
) -> list[str]:
    """Return a split for every key, keeping those that the data set ships.

    Without a test split in the data set, ``test_share`` of what is for training or has no split is
    held out; without a val split, then ``val_share`` of train. An image's place depends on its key
    and the seed alone, so new images move no other. Where nothing is to be held out for testing,
    a shipped val split is what is tested on, as is usual with MS-COCO.
    """
    if TEST not in splits and test_share == 0:
        splits = [TEST if split == VAL else split for split in splits]
    open_to_test = (None,) if TEST in splits else (None, TRAIN)
    filled = [
        TEST
        if split in open_to_test and _lot(seed, TEST, key) < test_share
        else TRAIN
        if split is None
        else split
        for key, split in zip(keys, splits, strict=True)
    ]
    if VAL in splits:
        return filled
    return [
        VAL if split == TRAIN and _lot(seed, VAL, key) < val_share else split
        for key, split in zip(keys, filled, strict=True)
    ]


def _lot(seed: int, purpose: str, key: str) -> float:
    """Return a number in 0..1 that is the image's own."""
    digest = hashlib.sha256(f"{seed}/{purpose}/{key}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
