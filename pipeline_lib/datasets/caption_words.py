"""Nouns in captions: words, and runs of words that are one name, by their singulars."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from pipeline_lib.datasets.english import CLOSED
from pipeline_lib.wordnet import Lexicon, singulars

TOKEN = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*|[.,;:!?()\"]")
LONGEST = 4  # words of one name: "black and white dog" is none, "ferris wheel" one


@dataclass(frozen=True)
class Noun:
    """Where a caption says a noun, and what it may be a form of."""

    start: int  # its first word, …
    end: int  # … and the one after its last
    forms: tuple[str, ...]  # known singulars, the likeliest first; the word itself may be one
    head: tuple[str, ...]  # those of the last of several words: "ball" in "tennis ball"


def words_of(caption: str) -> list[str]:
    """Return the words and marks of a caption in small letters."""
    return TOKEN.findall(caption.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))


def plain(name: str) -> str:
    """Return a name as captions spell it: small letters, one blank between words."""
    return " ".join(name.replace("_", " ").lower().split())


@dataclass(frozen=True)
class Nouns:
    """Finds the nouns of captions: names of a list, and lemmas of a WordNet."""

    names: Collection[str]  # plain
    lexicon: Lexicon | None
    _forms: dict[str, tuple[str, ...]] = field(default_factory=dict, compare=False, repr=False)

    def forms(self, phrase: str) -> tuple[str, ...]:
        """Return what is known that a phrase may be a form of: names first, then lemmas."""
        if phrase not in self._forms:
            lemmas = [] if self.lexicon is None else self.lexicon.lemmas(phrase)
            irregular = lemmas[:1]  # "men" is a form of "man" before it is a word of its own
            named = [f for f in (phrase, *irregular, *singulars(phrase)) if f in self.names]
            self._forms[phrase] = tuple(dict.fromkeys([*named, *lemmas]))
        return self._forms[phrase]

    def of(self, words: Sequence[str]) -> Iterator[Noun]:
        """Yield the nouns of a caption in their order, of several words as many as are one name.

        A word of a closed class neither begins nor ends a noun, unless it does so in a name.
        """
        start = 0
        while start < len(words):
            found = self._longest(words, start)
            if found is not None:
                yield found
            start = found.end if found else start + 1

    @cached_property
    def _beginning(self) -> frozenset[str]:
        """Words that begin a name of several."""
        known = (*self.names, *(self.lexicon.synsets if self.lexicon else ()))
        return frozenset(name.partition(" ")[0] for name in known if " " in name)

    def _longest(self, words: Sequence[str], start: int) -> Noun | None:
        longest = LONGEST if words[start] in self._beginning else 1
        for end in range(min(start + longest, len(words)), start, -1):
            phrase = " ".join(words[start:end])
            is_open = words[start] not in CLOSED and words[end - 1] not in CLOSED
            if (is_open or phrase in self.names) and (forms := self.forms(phrase)):
                head = self.forms(words[end - 1]) if end - start > 1 else ()
                return Noun(start, end, forms, head)
        return None
