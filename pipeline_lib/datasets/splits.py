"""Names of splits as data sets spell them, and images held out where a data set ships no split.

One rule serves folders, split columns, lists and file names. A spelling is known when nothing but
one of the words below is left of it without separators, numbers, and words that say nothing, as in
"training_set", "seg_train" and "val2017". The words are those of Hugging Face's ``datasets``
(``SPLIT_KEYWORDS``, where "eval" is a test split), and what is met in data sets beside them.
"""

import hashlib
import re
from collections.abc import Collection, Sequence
from pathlib import PurePath

from pipeline_lib.artifacts.samples import TEST, TRAIN, VAL
from pipeline_lib.datasets.names import clean

NAME = re.compile(r"[a-z][a-z0-9_]*")  # as in the schema of samples.parquet
WORDS = {
    TRAIN: r"train|training|trainval|trainvalid|valminusminival",  # minival: COCO 2014's last 5,000
    VAL: r"val|valid|validate|validation|dev|development|minival",
    TEST: r"test|testing|eval|evaluate|evaluation|holdout|heldout",
}
EITHER = "eval"  # words with it mean validation where something else is tested on
# "seg_train" is how Intel's scenes are shipped.
SILENT = r"(?:data|dataset|set|sets|split|images?|imgs?|pictures|photos|pics|files|seg|\d+)*"
SPELLINGS = {split: re.compile(rf"{SILENT}(?:{words}){SILENT}") for split, words in WORDS.items()}
UUID = r"[0-9a-f]{8}(?:_[0-9a-f]{4}){3}_[0-9a-f]{12}"
HASH = rf"(?:{UUID}|(?=[a-f]*\d)[0-9a-f]{{8,}})"  # a word of the letters a to f is a name
SHARD = re.compile(
    rf"(?:^|_)(?:part_\d+.*"  # Spark: part-00000-<uuid>-c000.snappy
    rf"|\d+_of_\d+(?:_[0-9a-f]{{8,}})?"  # push_to_hub wrote the hash for years
    rf"|(?:shard|part|chunk)?_?\d+|{HASH})$"
)
PACKED = re.compile(r"\.(?:snappy|gz|gzip|zst|zstd|lz4|br|brotli)$")


def split_name(spelling: str) -> str:
    """Return train, val or test for their spellings, else the name in lower case."""
    name = _plain(spelling)
    return _known(_without_shard(name)) or name


def split_names(spellings: Collection[str]) -> dict[str, str | None]:
    """Return the split of each of several spellings that belong together; None of what is none.

    Words that all of them share say nothing ("intel_train", "intel_test"), and "eval" beside
    "test" is a val split.
    """
    words = {spelling: _plain(spelling).split("_") for spelling in spellings}
    common = set.intersection(*map(set, words.values())) if len(words) > 1 else set()
    silent = {word for word in common if not _known(word)}
    own = {s: "_".join(word for word in kept if word not in silent) for s, kept in words.items()}
    found = {s: split_name(name) if is_split(name) else None for s, name in own.items()}
    either = {s for s, name in own.items() if found[s] == TEST and EITHER in name}
    tested = any(split == TEST for s, split in found.items() if s not in either)
    return found | (dict.fromkeys(either, VAL) if tested else {})


def is_split(spelling: str) -> bool:
    """Tell whether a folder or file of that name is a split; ``test_shift`` is one of its own."""
    name = split_name(spelling)
    return name in SPELLINGS or name.startswith(f"{TEST}_")


def split_of_file(file: str) -> str | None:
    """Return the split that a file name announces: ``train-00000-of-00003.parquet``.

    ``test-shift-00000-of-00001.parquet`` is a shard of a split of its own; other names may hold
    further words: ``cifar_train.parquet``.
    """
    name = _without_shard(_plain(PACKED.sub("", PurePath(file).stem)))
    if is_split(name):
        return split_name(name)
    words = name.split("_")
    return next((known for word in words if (known := _known(word))), None)


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
    held out; without a val split, then ``val_share`` of train. An image without a split beside a
    shipped test split is for training: what is tested on stays as it was shipped. An image's place
    depends on its key and the seed alone, so new images move no other. Where nothing is to be held
    out for testing, a shipped val split is what is tested on, as is usual with MS-COCO.
    """
    if TEST not in splits and test_share == 0:
        splits = [TEST if split == VAL else split for split in splits]
    open_to_test = () if TEST in splits else (None, TRAIN)
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


def _plain(spelling: str) -> str:
    return re.sub(r"[\s\-_.]+", "_", clean(spelling).lower()).strip("_")


def _without_shard(name: str) -> str:
    while (shorter := SHARD.sub("", name)) not in (name, ""):
        name = shorter
    return name


def _known(name: str) -> str | None:
    whole = name.replace("_", "")
    return next((split for split, form in SPELLINGS.items() if form.fullmatch(whole)), None)


def _lot(seed: int, purpose: str, key: str) -> float:
    """Return a number in 0..1 that is the image's own."""
    digest = hashlib.sha256(f"{seed}/{purpose}/{key}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64
