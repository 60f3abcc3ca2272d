"""Which words of captions are nouns, told by where they stand: "a jump" is one, "dogs jump" none.

WordNet knows a noun for nearly every word. One is taken for a noun here if in a quarter of the
places where it stands it ends a phrase that a determiner begins, "a dog", "the red ball": the
next word is of a closed class or a participle, or there is none, and between the two stand only
words that are no nouns by the same rule without anything between. The shares part the nouns of
Flickr8k's captions from other words (docs/log.md).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from pipeline_lib.datasets.caption_words import Noun, Nouns, words_of
from pipeline_lib.datasets.english import CLOSED, DETERMINERS
from pipeline_lib.wordnet import Lexicon

CERTAIN, SHARE = 0.2, 0.25  # of its places: with nothing between, and with other words
OFTEN = 10  # times that a word stands somewhere, below which its places say little
BETWEEN = 2  # words between the determiner and the noun

Caption = tuple[Sequence[str], Sequence[Noun]]


def nouns(captions: Iterable[str], lexicon: Lexicon) -> dict[str, int]:
    """Return the lemmas that are nouns, with how often each is said.

    Args:
        captions: all that are to tell.
        lexicon: of words that may be nouns.
    """
    finder = Nouns((), lexicon)
    read: list[Caption] = []
    for caption in captions:
        words = words_of(caption)
        read.append((words, list(finder.of(words))))
    certain = _ending_phrases(read, frozenset(), between=0, share=CERTAIN)
    return _ending_phrases(read, frozenset(certain), between=BETWEEN, share=SHARE)


def _ending_phrases(
    read: Iterable[Caption], known: Collection[str], *, between: int, share: float
) -> dict[str, int]:
    said, ending = Counter[str](), Counter[str]()
    for words, found in read:
        things = {place for n in found if n.forms[0] in known for place in range(n.start, n.end)}
        for noun in found:
            said[noun.forms[0]] += 1
            ending[noun.forms[0]] += _ends(words, noun, things, between)
    return {w: n for w, n in said.items() if n >= OFTEN and ending[w] >= share * n}


def _ends(words: Sequence[str], noun: Noun, things: Collection[int], between: int) -> bool:
    """Tell whether a noun ends a phrase that a determiner begins."""
    after = words[noun.end] if noun.end < len(words) else "."
    if not (after in CLOSED or not after[0].isalpha() or after.endswith("ing")):
        return False
    place = noun.start - 1
    while place >= 0 and noun.start - place <= between and _describes(words, place, things):
        place -= 1
    return place >= 0 and words[place] in DETERMINERS


def _describes(words: Sequence[str], place: int, things: Collection[int]) -> bool:
    return words[place][0].isalpha() and words[place] not in CLOSED and place not in things
