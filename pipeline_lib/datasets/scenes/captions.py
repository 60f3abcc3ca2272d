"""One short English sentence about a picture."""

from collections import Counter

from numpy.random import Generator

from pipeline_lib.datasets.scenes.catalogue import Catalogue

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")
LEAST = 2  # kinds of objects that a caption names


def caption(
    catalogue: Catalogue,
    scene: str,
    names: list[str],
    when: str,
    rng: Generator,
    *,
    unnamed: float = 0.0,
) -> str:
    """Name the scene and its objects; sometimes leave out one that is seen in training.

    An object of ``Vocabulary.unseen`` is always named: captions are all that training has of it.
    Each of the others is left out by the chance ``unnamed``, unless nothing would be left to name.
    """
    counts = Counter(names)
    kinds = [list(counts)[i] for i in rng.permutation(len(counts))]
    template = catalogue.captions[int(rng.integers(len(catalogue.captions)))]
    optional = [kind for kind in kinds if not catalogue.objects[kind].unseen]
    if rng.random() < catalogue.mixture.omit and len(kinds) > LEAST and optional:
        kinds.remove(optional[0])
    if unnamed:
        kinds = [k for k in kinds if k not in optional or rng.random() >= unnamed] or kinds[:1]
    words = template.format(
        objects=_listed([_counted(catalogue, kind, counts[kind]) for kind in kinds]),
        where=catalogue.scenes[scene].where,
        scene=_with_article(scene),
        when=f" {when}" if when else "",
    )
    return words[0].upper() + words[1:]


def _counted(catalogue: Catalogue, name: str, count: int) -> str:
    if count == 1:
        return _with_article(name)
    return f"{NUMBERS[count]} {catalogue.objects[name].plural}"


def _with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _listed(words: list[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
