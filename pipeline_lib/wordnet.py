"""The nouns of a WordNet: what names mean, and how meanings hang together.

A WordNet is read from a file in the format WN-LMF, as Open English WordNet and the Open
Multilingual Wordnet publish it, by the library `wn` and without its database.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import inf
from pathlib import Path
from typing import Any

from pipeline_lib.errors import InputError
from pipeline_lib.fingerprint import file_digest

NOUN = "n"
UP = ("hypernym", "instance_hypernym")
PARTS = tuple(
    f"{side}_{kind}" for side in ("mero", "holo") for kind in ("part", "member", "substance")
)


@dataclass(frozen=True)
class Lexicon:
    """The nouns of a WordNet."""

    synsets: dict[str, list[str]]  # by lemma in lower case, the commonest sense first
    up: dict[str, list[str]]  # synset to its hypernyms
    parts: dict[str, set[str]]  # synset to its parts and wholes
    label: dict[str, str]  # a word for each synset
    irregular: dict[str, list[str]]  # plurals that no rule makes ("men") to their lemmas

    def lemmas(self, form: str) -> list[str]:
        """Return the lemmas that a word in small letters may be a form of, the likeliest first."""
        regular = [lemma for lemma in singulars(form) if lemma in self.synsets]
        return list(dict.fromkeys([*self.irregular.get(form, ()), *regular]))

    def of(self, name: str, senses: int) -> list[str]:
        """Return the first synsets of a name, also of its singular."""
        lemma = " ".join(name.replace("_", " ").lower().split())
        return next((self.synsets[f][:senses] for f in self.lemmas(lemma)), [])

    def ancestors(self, synsets: Sequence[str], steps: float = inf) -> dict[str, int]:
        """Return every hypernym within ``steps`` and how far it is, the synsets themselves too."""
        distance = dict.fromkeys(synsets, 0)
        queue = deque(synsets)
        while queue:
            synset = queue.popleft()
            if distance[synset] < steps:
                for above in self.up.get(synset, ()):
                    if above not in distance:
                        distance[above] = distance[synset] + 1
                        queue.append(above)
        return distance


def singulars(form: str) -> list[str]:
    """Return what a word may be the plural of by WordNet's rules (morphy), itself first."""
    return [form, *sorted(_rules()(form, pos=NOUN).get(NOUN, set()) - {form})]


@cache
def _rules() -> Any:
    from wn.morphy import Morphy

    return Morphy()


def read_lexicon(path: Path | None, parameter: str) -> Lexicon:
    """Read the nouns of every lexicon at ``path``, which stands at ``parameter``.

    Raises:
        InputError: the path holds no WN-LMF, or no noun.
    """
    from wn import Error

    if path is None or not path.exists():
        raise _unfit(path, parameter, "is not there")
    try:
        lexicon = _read(path, file_digest(path))
    except (Error, OSError, SyntaxError, KeyError) as error:  # SyntaxError: not XML
        raise _unfit(path, parameter, str(error)) from error
    if not lexicon.synsets:
        raise _unfit(path, parameter, "holds no nouns")
    return lexicon


@lru_cache(maxsize=1)
def _read(path: Path, _: str) -> Lexicon:
    """Read a WordNet once, which several parameters may name; the digest tells it from others."""
    from wn import lmf
    from wn.project import iterpackages

    lexicon = Lexicon({}, {}, {}, {}, {})
    for package in iterpackages(path):
        for part in lmf.load(package.resource_file(), progress_handler=None)["lexicons"]:
            _add(lexicon, part)
    return lexicon


def _add(lexicon: Lexicon, part: Any) -> None:
    """Take over the nouns; of spellings that differ in case the small letters come first.

    So a cat is the animal before it is CAT, a tomography, and a crab before the zodiac's Crab.
    """
    entries = [e for e in part.get("entries", ()) if e["lemma"]["partOfSpeech"] == NOUN]
    lemmas = {e["id"]: e["lemma"]["writtenForm"].replace("_", " ") for e in entries}
    for entry in sorted(entries, key=lambda e: not lemmas[e["id"]].islower()):
        lemma = lemmas[entry["id"]]
        synsets = lexicon.synsets.setdefault(lemma.lower(), [])
        for sense in entry.get("senses", ()):
            synsets.append(sense["synset"])
            lexicon.label.setdefault(sense["synset"], lemma)
        for form in entry.get("forms", ()):
            lexicon.irregular.setdefault(form["writtenForm"].lower(), []).append(lemma.lower())
    for synset in part.get("synsets", ()):
        if synset.get("partOfSpeech", NOUN) == NOUN:
            _relate(lexicon, synset)
            named = [lemmas[m] for m in synset.get("members", ()) if m in lemmas]
            if named:  # their order is the lexicon's own, the commonest word first
                lexicon.label[synset["id"]] = named[0]


def _relate(lexicon: Lexicon, synset: Any) -> None:
    lexicon.label.setdefault(synset["id"], synset["id"])
    for kind, target in _relations(synset):
        if kind in UP:
            lexicon.up.setdefault(synset["id"], []).append(target)
        elif kind in PARTS:
            lexicon.parts.setdefault(synset["id"], set()).add(target)
            lexicon.parts.setdefault(target, set()).add(synset["id"])


def _relations(synset: Any) -> Iterator[tuple[str, str]]:
    for relation in synset.get("relations", ()):
        yield relation["relType"], relation["target"]


def _unfit(path: Path | None, parameter: str, found: str) -> InputError:
    return InputError(
        f"{path} ({parameter}): {found}; expected a WordNet in the format WN-LMF (.xml, .xml.gz, "
        ".xml.xz, .tar.xz or a folder), such as Open English WordNet; mend the path"
    )
