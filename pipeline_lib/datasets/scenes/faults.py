"""Tags as somebody in a hurry would give them: some are missing, some are wrong."""

from collections.abc import Sequence

from numpy.random import Generator

from pipeline_lib.datasets.scenes.catalogue import Catalogue
from pipeline_lib.params.scenes import Difficulty


def faulty(
    catalogue: Catalogue, names: Sequence[str], difficulty: Difficulty, rng: Generator
) -> tuple[str, ...]:
    """Return the tags of a picture that shows ``names``, faults included.

    Each object that is seen in training loses its tag by the chance ``missing``, and brings along a
    tag of what is seen in training and not in the picture by the chance ``wrong``, whichever with
    equal chances. Objects that are unseen have no part in it.
    """
    unseen = catalogue.unseen()
    there = [name for name in dict.fromkeys(names) if name not in unseen]
    absent = [name for name in catalogue.objects if name not in unseen and name not in there]
    kept = [name for name in there if rng.random() >= difficulty.missing]
    count = sum(rng.random() < difficulty.wrong for _ in there)
    wrong = rng.choice(len(absent), min(count, len(absent)), replace=False)
    return (*kept, *(absent[i] for i in wrong.tolist()))
