"""Names that are far from what a backbone was trained on: no class of ImageNet, nor above or below.

Of such a name a backbone has seen no labelled picture, while of "dog" it has seen 118 breeds.
The classes are the 1,000 of ILSVRC 2012, by the words that timm lists with them. WordNets number
their synsets differently, so that a class is found by its words: it is the synset that most of them
share, and all of several that as many share ("crane", the bird and the machine). A name means its
first synset. What WordNet does not know is not called far.
"""

from collections import Counter
from collections.abc import Iterable
from functools import cache

from pipeline_lib.datasets.caption_words import plain
from pipeline_lib.wordnet import Lexicon

CLASSES = "imagenet-1k"


def far_names(names: Iterable[str], lexicon: Lexicon) -> frozenset[str]:
    """Return the names that are neither a class of ImageNet nor above or below one."""
    classes = {synset for words in class_words() for synset in _synsets(words, lexicon)}
    above = lexicon.ancestors(sorted(classes))
    far = set()
    for name in names:
        own = lexicon.of(plain(name), 1)
        if own and own[0] not in above and not classes & lexicon.ancestors(own).keys():
            far.add(name)
    return frozenset(far)


@cache
def class_words() -> tuple[tuple[str, ...], ...]:
    """Return the words of each class, in the order of outputs: ("tench", "Tinca tinca") first."""
    from timm.data import ImageNetInfo  # brings torch

    known = ImageNetInfo(CLASSES)
    described = (str(known.index_to_description(i)) for i in range(known.num_classes()))
    return tuple(tuple(text.split(", ")) for text in described)


def _synsets(words: Iterable[str], lexicon: Lexicon) -> list[str]:
    """Return the synsets that most of the words share."""
    shared = Counter(s for word in words for s in set(lexicon.synsets.get(plain(word), ())))
    most = max(shared.values(), default=0)
    return [synset for synset, count in shared.items() if count == most]
