"""One tag for each training image: what is left of full labels under single-positive supervision.

Cole et al., *Multi-Label Learning from Single Positive Labels*, CVPR 2021, Sec. 4.1: one positive,
drawn uniformly, once for all epochs. Every published comparison uses the draws of its authors'
`generate_observed_labels.py`: ``numpy.random.RandomState(1200)``; image by image, in the order of
the data, the places of the positives are shuffled and the first is kept, then the places of the
negatives are shuffled, of which none is kept. The second shuffle is made here too, because it moves
the generator on.

Deviation: val stays fully labelled, and the order of images is that of samples.parquet, by key; the
authors' is that of their files.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pipeline_lib.artifacts.samples import TRAIN
from pipeline_lib.datasets.reader import Vocabulary
from pipeline_lib.datasets.sample_tables import Sample
from pipeline_lib.datasets.unseen import with_tags


def one_tag_each(samples: Sequence[Sample], vocabulary: Vocabulary, *, seed: int) -> list[Sample]:
    """Keep one tag of every training image, and what belongs to it; `Item.all_tags` keeps all.

    Difficult and unknown tags are kept: they say that nothing is known.

    Args:
        samples: in the order of their keys, without labels of unseen tags in train.
        vocabulary: the seen tags in index order are what is drawn from.
        seed: of the draws.
    """
    seen = [name for name in vocabulary.tags if name not in vocabulary.unseen]
    place = {name: number for number, name in enumerate(seen)}
    rng = np.random.RandomState(seed)
    reduced = []
    for sample in samples:
        if sample.split == TRAIN:
            carried = np.zeros(len(seen), bool)
            carried[[place[name] for name in sample.item.tags]] = True
            sample = _keeping(sample, {seen[number] for number in observed(carried, rng)})
        reduced.append(sample)
    return reduced


def _keeping(sample: Sample, chosen: set[str]) -> Sample:
    item = sample.item
    every = item.tags if item.all_tags is None else item.all_tags
    return replace(sample, item=replace(with_tags(item, chosen | item.left_open), all_tags=every))


def observed(carried: np.ndarray, rng: np.random.RandomState) -> list[int]:
    """Draw the place of one positive of an image, bool (tags,); of none there is none."""
    positives, negatives = np.flatnonzero(carried), np.flatnonzero(~carried)
    rng.shuffle(positives)
    rng.shuffle(negatives)
    kept: list[int] = positives[:1].tolist()
    return kept
