"""Tags held back from training: chosen by list, lot, frequency or WordNet, out of train and val."""

from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path

import numpy as np

from pipeline_lib.artifacts.samples import TRAIN, VAL
from pipeline_lib.datasets.far_names import far_names
from pipeline_lib.datasets.names import clean
from pipeline_lib.datasets.reader import Item, Vocabulary
from pipeline_lib.datasets.sample_tables import Sample
from pipeline_lib.datasets.text_lists import read_lines
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import (
    DrawnUnseen,
    ListedUnseen,
    RarestUnseen,
    RareUnseen,
    Unseen,
)
from pipeline_lib.params.nearest import nearest
from pipeline_lib.params.section import optional_path
from pipeline_lib.wordnet import read_lexicon

LABELLED = (TRAIN, VAL)


def with_unseen(
    vocabulary: Vocabulary, items: Sequence[Item], splits: Sequence[str], params: Unseen
) -> Vocabulary:
    """Return the vocabulary with further tags unseen; those that a reader says stay so.

    With a WordNet it also says which tags are far from ImageNet's classes.

    Raises:
        InputError: a list cannot be read, is empty or names no tag; no tag is chosen, or none is
            left seen.
    """
    path = optional_path(params.wordnet)
    if path is not None:
        far = far_names(vocabulary.tags, read_lexicon(path, "dataset.unseen.wordnet"))
        vocabulary = replace(vocabulary, far=far)
    if params.by is None:
        return vocabulary
    seen = [name for name in vocabulary.tags if name not in vocabulary.unseen]
    trained = zip(items, splits, strict=True)
    counts = Counter(name for item, split in trained if split == TRAIN for name in set(item.tags))
    chosen = _chosen(vocabulary, seen, counts, params)
    if not chosen:
        raise InputError(
            f"dataset.unseen.by: {params.by.name} makes none of {len(vocabulary.tags)} tags "
            "unseen, expected some; choose them otherwise, or set it to none"
        )
    if not set(seen) - chosen:
        raise InputError(
            f"dataset.unseen: leaves none of {len(seen)} tags seen, expected some to learn from; "
            "name fewer, or lower what dataset.unseen.by says"
        )
    return replace(vocabulary, unseen=vocabulary.unseen | chosen)


def take_out(samples: Sequence[Sample], vocabulary: Vocabulary) -> list[Sample]:
    """Return the samples without labels and boxes of unseen tags in train and val.

    An image may be left without any tag: it is one on which no seen tag is seen.
    """
    kept = frozenset(vocabulary.tags) - vocabulary.unseen
    return [
        replace(sample, item=with_tags(sample.item, kept)) if sample.split in LABELLED else sample
        for sample in samples
    ]


def with_tags(item: Item, kept: AbstractSet[str]) -> Item:
    """Return the item with those of its tags, open tags and boxes that are ``kept``."""
    named = {*item.tags, *item.left_open, *(item.all_tags or ())}
    if named | {box.tag for box in item.boxes or ()} <= kept:
        return item
    boxes, difficult, unknown = item.boxes, item.difficult, item.unknown
    every = item.all_tags
    return replace(
        item,
        tags=tuple(name for name in item.tags if name in kept),
        boxes=None if boxes is None else tuple(box for box in boxes if box.tag in kept),
        difficult=None if difficult is None else tuple(n for n in difficult if n in kept),
        unknown=None if unknown is None else tuple(n for n in unknown if n in kept),
        all_tags=None if every is None else tuple(name for name in every if name in kept),
    )


def _chosen(
    vocabulary: Vocabulary, seen: Sequence[str], counts: Counter[str], params: Unseen
) -> frozenset[str]:
    match params.by:
        case ListedUnseen():
            return _listed(Path(params.names), vocabulary.tags)
        case DrawnUnseen(share=share, seed=seed):
            return _drawn(seen, share, seed)
        case RarestUnseen(count=count):
            return frozenset(sorted(seen, key=lambda name: (counts[name], name))[:count])
        case RareUnseen(images=images):
            return frozenset(name for name in seen if counts[name] < images)
        case _:
            return (vocabulary.far or frozenset()) & {*seen}


def _drawn(seen: Sequence[str], share: float, seed: int) -> frozenset[str]:
    """Draw the share among the names in alphabetical order, whatever order the reader has."""
    if not seen:
        return frozenset()
    count = max(1, round(share * len(seen)))
    rng = np.random.default_rng(seed)
    return frozenset(rng.choice(sorted(seen), count, replace=False).tolist())


def _listed(path: Path, tags: Sequence[str]) -> frozenset[str]:
    names = [clean(line) for line in read_lines(path, named="dataset.unseen.names")]
    if not names:
        raise InputError(
            f"{path} (dataset.unseen.names): is empty, expected one tag a line; name some, or set "
            "dataset.unseen.by to none"
        )
    known = frozenset(tags)
    strange = next((name for name in names if name not in known), None)
    if strange is not None:
        raise InputError(
            f"{path} (dataset.unseen.names): '{strange}' is none of the {len(tags)} tags of the "
            f"data set{nearest(strange, tags)}; one tag a line, as the data set spells it"
        )
    return frozenset(names)
