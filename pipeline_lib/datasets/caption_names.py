"""What the captions of an image say of names: said, left open, or nothing.

A caption says a name by the word itself, in singular or plural, or by another word of the same
meaning: the first that WordNet lists. It leaves a name open where it says a kind of it ("puppy" for
"dog"), or the name as a part of another one ("baseball bat" for "bat", unless WordNet knows it for
a kind of it, as a "tennis ball" is a ball). Without a WordNet words are taken as they are.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline_lib.datasets.caption_words import Noun, Nouns, plain, words_of
from pipeline_lib.wordnet import Lexicon


@dataclass(frozen=True)
class Said:
    """What the captions of an image come to."""

    captions: Counter[str]  # how many say each name
    left_open: frozenset[str]  # names of which a caption says a kind or a part, said or not


@dataclass(frozen=True)
class Names:
    """The names that are looked for."""

    names: tuple[str, ...]
    lexicon: Lexicon | None

    def said(self, captions: Iterable[str]) -> Said:
        """Tell what the captions of an image say."""
        count, left_open = Counter[str](), set[str]()
        for caption in captions:
            says, leaves = set[str](), set[str]()
            for noun in self._nouns.of(words_of(caption)):
                self._judge(noun, says, leaves)
            count.update(says)
            left_open |= leaves
        return Said(count, frozenset(left_open))

    def _judge(self, noun: Noun, says: set[str], leaves: set[str]) -> None:
        own = next((form for form in noun.forms if form in self._by_form), None)
        meaning = self._meaning(own or noun.forms[0])
        above = self._above(meaning)
        says |= self._by_form.get(own, set()) if own else set()
        says |= self._by_meaning.get(meaning, set())
        for other in above:
            leaves |= self._by_meaning.get(other, set())
        for form in noun.head:
            for name in self._by_form.get(form, ()):
                is_kind = self._meaning(plain(name)) in above
                (says if is_kind else leaves).add(name)

    @cached_property
    def _nouns(self) -> Nouns:
        return Nouns(frozenset(self._by_form), self.lexicon)

    @cached_property
    def _by_form(self) -> dict[str, set[str]]:
        found = defaultdict[str, set[str]](set)
        for name in self.names:
            found[plain(name)].add(name)
        return dict(found)

    @cached_property
    def _by_meaning(self) -> dict[str | None, set[str]]:
        found = defaultdict[str | None, set[str]](set)
        for name in self.names:
            if meaning := self._meaning(plain(name)):
                found[meaning].add(name)
        return dict(found)

    def _meaning(self, form: str) -> str | None:
        return meaning_of(form, self.lexicon)

    def _above(self, meaning: str | None) -> Sequence[str]:
        if meaning not in self._closures:
            known = [] if meaning is None or self.lexicon is None else [meaning]
            found = self.lexicon.ancestors(known) if self.lexicon else {}
            self._closures[meaning] = [synset for synset in found if synset != meaning]
        return self._closures[meaning]

    @cached_property
    def _closures(self) -> dict[str | None, list[str]]:
        return {}


def meaning_of(form: str, lexicon: Lexicon | None) -> str | None:
    """Return the first synset of a form, of its singular if need be; None where none is known."""
    if lexicon is None:
        return None
    return next((lexicon.synsets[lemma][0] for lemma in lexicon.lemmas(form)), None)
