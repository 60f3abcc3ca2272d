"""What WordNet says: categories that are kinds of each other, of one kind, or parts."""

import numpy as np
import polars as pl

from pipeline_lib.knowledge.categories.edges import Categories, edge_frame
from pipeline_lib.wordnet import Lexicon

SYNONYMY, IS_A, PART_WHOLE, SIMILARITY = "synonymy", "is-a", "part-whole", "similarity"


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
