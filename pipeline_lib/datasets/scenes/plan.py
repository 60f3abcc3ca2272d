"""What a picture shows, decided from (seed, split, index) alone, before anything is drawn."""

from numpy.random import Generator, SeedSequence, default_rng

from pipeline_lib.artifacts.samples import TRAIN
from pipeline_lib.datasets.scenes.backgrounds import BACKGROUNDS
from pipeline_lib.datasets.scenes.captions import caption
from pipeline_lib.datasets.scenes.catalogue import Catalogue
from pipeline_lib.datasets.scenes.choice import choose
from pipeline_lib.datasets.scenes.covers import covered
from pipeline_lib.datasets.scenes.faults import faulty
from pipeline_lib.datasets.scenes.picture import Backdrop, Picture, Placed
from pipeline_lib.datasets.scenes.placement import arrange, gain
from pipeline_lib.params.scenes import Difficulty

SHIFTED = "test_shift"  # the split in which no background fits
LABELLED_IN_FULL = ("test", SHIFTED)  # elsewhere unseen objects carry no tag and no box
EASY = Difficulty(scale=1.0, hidden=0.0, missing=0.0, wrong=0.0, unnamed=0.0)
SPLITS = ("train", "val", "test", SHIFTED)  # a split's place here is part of its pictures' seeds


def plan(
    catalogue: Catalogue,
    *,
    seed: int,
    split: str,
    index: int,
    background_match: float,
    difficulty: Difficulty | None = None,
) -> Picture:
    """Return picture ``index`` of ``split``: the same one however many there are, in any order."""
    entropy = (seed % 2**64, SPLITS.index(split), index)
    hard = difficulty or EASY
    # One stream for each decision, so that a change of one of them leaves the others alone.
    streams = [default_rng(child) for child in SeedSequence(entropy).spawn(6)]
    scenes = list(catalogue.scenes)
    scene = scenes[index % len(scenes)]
    match = 0.0 if split == SHIFTED else background_match
    backdrop = _backdrop(catalogue, scene, match, streams[0])
    pattern = catalogue.scenes[backdrop.scene].patterns[backdrop.pattern]
    needed, others = choose(catalogue, scene, streams[1])
    background = BACKGROUNDS[pattern.background]
    objects = arrange(needed, others, catalogue.objects, background, streams[2], scale=hard.scale)
    names = [placed.name for placed in objects]
    objects = covered(sorted(objects, key=lambda placed: placed.foot), hard.hidden, streams[4])
    when = catalogue.lights[pattern.light].when
    told = caption(catalogue, scene, names, when, streams[3], unnamed=hard.unnamed)
    return Picture(
        scene=scene,
        backdrop=backdrop,
        objects=tuple(objects),
        caption=told,
        tags=_tags(catalogue, objects, hard, split, streams[5]),
    )


def _tags(
    catalogue: Catalogue, objects: list[Placed], hard: Difficulty, split: str, rng: Generator
) -> tuple[str, ...]:
    """Return the tags of a picture: in training those of seen objects, with faults."""
    names = tuple(dict.fromkeys(placed.name for placed in objects))
    if split in LABELLED_IN_FULL:
        return names
    names = tuple(name for name in names if name not in catalogue.unseen())
    return faulty(catalogue, names, hard, rng) if split == TRAIN else names


def _backdrop(catalogue: Catalogue, scene: str, match: float, rng: Generator) -> Backdrop:
    fits = rng.random() < match
    others = [name for name in catalogue.scenes if name != scene]
    other = others[int(rng.integers(len(others)))]
    owner = scene if fits else other
    patterns = _patterns(catalogue, owner, avoid=None if fits else scene)
    name = patterns[int(rng.integers(len(patterns)))]
    colours = catalogue.scenes[owner].patterns[name].colours
    colour = colours[int(rng.integers(len(colours)))]
    return Backdrop(owner, name, colour, gain(rng), int(rng.integers(2**32)))


def _patterns(catalogue: Catalogue, owner: str, *, avoid: str | None) -> list[str]:
    """Return the owner's patterns, without those whose background ``avoid`` has as well."""
    taken = catalogue.scenes[avoid].backgrounds() if avoid else frozenset()
    patterns = catalogue.scenes[owner].patterns
    return [name for name, pattern in patterns.items() if pattern.background not in taken]
