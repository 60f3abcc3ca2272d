"""Which objects a picture shows."""

from numpy.random import Generator

from pipeline_lib.datasets.scenes.catalogue import Catalogue

LEAST = 2  # objects of the signature in a picture: any two of them tell the class


def choose(catalogue: Catalogue, scene: str, rng: Generator) -> tuple[list[str], list[str]]:
    """Return the objects that tell the class, and those that may be left out for want of room.

    The class is the scene of whose signature most objects are there, and no other scene has as
    many. A name among the others that occurred before makes a group.
    """
    needed = _signature(catalogue, scene, rng)
    names = list(needed)
    others = [*_set(catalogue, scene, rng), *_shared(catalogue, scene, rng)]
    for name in [*others, *_distractor(catalogue, scene, rng)]:
        if len(names) < catalogue.mixture.most and _may_join(catalogue, scene, names, name):
            names.append(name)
    names += _repeats(catalogue, names, rng)
    return needed, names[len(needed) :]


def _signature(catalogue: Catalogue, scene: str, rng: Generator) -> list[str]:
    """Return each object by its chance, and at least the two that came nearest to it."""
    chances = catalogue.scenes[scene].signature
    luck = {name: rng.random() / chance for name, chance in chances.items()}
    ranked = sorted(chances, key=luck.__getitem__)
    drawn = sum(luck[name] < 1 for name in ranked)
    return ranked[: min(max(drawn, LEAST), catalogue.mixture.most)]


def _set(catalogue: Catalogue, scene: str, rng: Generator) -> list[str]:
    """Return objects of one of the scene's sets, each by its chance."""
    sets = list(catalogue.scenes[scene].sets.values())
    if not sets:
        return []
    chosen = sets[int(rng.integers(len(sets)))]
    return [name for name, chance in chosen.items() if rng.random() < chance]


def _shared(catalogue: Catalogue, scene: str, rng: Generator) -> list[str]:
    chances = catalogue.scenes[scene].shared
    drawn = [name for name, chance in chances.items() if rng.random() < chance]
    return [drawn[i] for i in rng.permutation(len(drawn))]


def _distractor(catalogue: Catalogue, scene: str, rng: Generator) -> list[str]:
    """Return an object that does not belong here, or none."""
    here = catalogue.scenes[scene].objects()
    others = [o for o in catalogue.objects if o not in here]
    wanted = rng.random() < catalogue.mixture.distractor
    return [others[int(rng.integers(len(others)))]] if wanted and others else []


def _may_join(catalogue: Catalogue, scene: str, names: list[str], name: str) -> bool:
    """Tell whether ``name`` neither meets what it excludes nor makes the class doubtful."""
    if any({name, other} == set(pair) for pair in catalogue.exclusions for other in names):
        return False
    told = {key: len(s.signature.keys() & {*names, name}) for key, s in catalogue.scenes.items()}
    return all(count < told[scene] for key, count in told.items() if key != scene)


def _repeats(catalogue: Catalogue, names: list[str], rng: Generator) -> list[str]:
    repeats: list[str] = []
    for name in names:
        more = int(rng.integers(1, max(2, catalogue.objects[name].group)))
        wanted = rng.random() < catalogue.mixture.repeat
        if wanted and catalogue.objects[name].group > 1:
            repeats += [name] * more
    return repeats[: catalogue.mixture.most - len(names)]
