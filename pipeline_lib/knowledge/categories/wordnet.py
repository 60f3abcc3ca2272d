"""What WordNet says: categories that are kinds of each other, of one kind, or parts.

A WordNet is read from a file in the format WN-LMF, as Open English WordNet and the Open
Multilingual Wordnet publish it, by the library `wn` and without its database.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.categories.edges import Categories, edge_frame

UP = ("hypernym", "instance_hypernym")
PARTS = tuple(
    f"{side}_{kind}" for side in ("mero", "holo") for kind in ("part", "member", "substance")
)
SYNONYMY, IS_A, PART_WHOLE, SIMILARITY = "synonymy", "is-a", "part-whole", "similarity"


@dataclass(frozen=True)
class Lexicon:
    """The nouns of a WordNet."""

    synsets: dict[str, list[str]]  # by lemma in lower case, the commonest sense first
    up: dict[str, list[str]]  # synset to its hypernyms
    parts: dict[str, set[str]]  # synset to its parts and wholes
    label: dict[str, str]  # a word for each synset

    def of(self, name: str, senses: int) -> list[str]:
        """Return the first synsets of a name, also of its singular."""
        from wn.morphy import Morphy

        lemma = " ".join(name.replace("_", " ").lower().split())
        forms = [lemma, *sorted(Morphy()(lemma, pos="n").get("n", set()))]
        return next((self.synsets[f][:senses] for f in forms if f in self.synsets), [])

    def ancestors(self, synsets: Sequence[str], steps: int) -> dict[str, int]:
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


def read_lexicon(path: Path | None) -> Lexicon:
    """Read the nouns of every lexicon at ``path``.

    Raises:
        InputError: the library is missing, or the path holds no WN-LMF.
    """
    try:
        from wn import Error, lmf
        from wn.project import iterpackages
    except ImportError as error:
        raise InputError(
            "category_graph.sources: 'wordnet' needs the package wn, which is not installed; "
            "pip install -e '.[wordnet]', or take it out of the list"
        ) from error
    if path is None or not path.exists():
        raise _unfit(path, "is not there")
    lexicon = Lexicon({}, {}, {}, {})
    try:
        for package in iterpackages(path):
            for part in lmf.load(package.resource_file(), progress_handler=None)["lexicons"]:
                _add(lexicon, part)
    except (Error, OSError, SyntaxError, KeyError) as error:  # SyntaxError: not XML
        raise _unfit(path, str(error)) from error
    if not lexicon.synsets:
        raise _unfit(path, "holds no nouns")
    return lexicon


def related(
    categories: Categories, lexicon: Lexicon, *, senses: int, at_least: float
) -> tuple[pl.DataFrame, list[str]]:
    """Return the related pairs, and the names that WordNet does not know.

    The strength is the path similarity 1 / (1 + steps), with the fewest steps over hypernyms
    between any senses of the two, and 1/2 for a direct part or whole.
    """
    steps = int(1 / at_least - 1 + 1e-9)
    own = [lexicon.of(name, senses) for name in categories.names]
    above = [lexicon.ancestors(synsets, steps) for synsets in own]
    holders: dict[str, list[tuple[int, int]]] = {}
    for place, ancestors in enumerate(above):
        if categories.seen[place]:
            for synset, distance in ancestors.items():
                holders.setdefault(synset, []).append((place, distance))
    rows = [
        (target, source, *best)
        for target in range(len(own))
        for source, best in sorted(_pairs(target, own, above, holders, lexicon, steps).items())
        if best[0] >= at_least
    ]
    targets, sources, strengths, relations, texts = zip(*rows, strict=True) if rows else [()] * 5
    edges = edge_frame(
        categories.names, np.array(targets, np.int64), np.array(sources, np.int64),
        np.array(strengths, float), provenance="wordnet", relation=relations, explanation=texts,
    )  # fmt: skip
    return edges, [name for name, synsets in zip(categories.names, own, strict=True) if not synsets]


def _pairs(
    target: int,
    own: list[list[str]],
    above: list[dict[str, int]],
    holders: dict[str, list[tuple[int, int]]],
    lexicon: Lexicon,
    steps: int,
) -> dict[int, tuple[float, str, str]]:
    """Return strength, relation and explanation of every category related to ``target``."""
    found: dict[int, tuple[float, str, str]] = {}
    for synset, up in above[target].items():
        for source, down in holders.get(synset, ()):
            strength = 1 / (1 + up + down)
            if source != target and up + down <= steps and strength > found.get(source, (0,))[0]:
                found[source] = (strength, *_named(lexicon.label[synset], up, down))
    wholes = {other for synset in own[target] for other in lexicon.parts.get(synset, ())}
    for synset in sorted(wholes):
        for source, distance in holders.get(synset, ()):
            if distance == 0 and source != target and found.get(source, (0,))[0] < 1 / 2:
                found[source] = (
                    1 / 2,
                    PART_WHOLE,
                    f"one is a part of the other: {lexicon.label[synset]}",
                )
    return found


def _named(ancestor: str, up: int, down: int) -> tuple[str, str]:
    if up == down == 0:
        return SYNONYMY, f"both mean {ancestor}"
    if up == 0 or down == 0:
        return IS_A, f"one is a kind of the other, {max(up, down)} steps up: {ancestor}"
    return SIMILARITY, f"both are kinds of {ancestor}"


def _add(lexicon: Lexicon, part: Any) -> None:
    for entry in part.get("entries", ()):
        if entry["lemma"]["partOfSpeech"] == "n":
            lemma = entry["lemma"]["writtenForm"]
            synsets = lexicon.synsets.setdefault(lemma.lower().replace("_", " "), [])
            for sense in entry.get("senses", ()):
                synsets.append(sense["synset"])
                lexicon.label.setdefault(sense["synset"], lemma)
    for synset in part.get("synsets", ()):
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


def _unfit(path: Path | None, found: str) -> InputError:
    return InputError(
        f"{path} (category_graph.paths.wordnet): {found}; expected a WordNet in the format WN-LMF "
        "(.xml, .xml.gz, .tar.xz or a folder), such as Open English WordNet; mend the path, or "
        "take 'wordnet' out of category_graph.sources"
    )
