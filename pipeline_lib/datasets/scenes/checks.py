"""Read the catalogue, and refuse one whose entries do not go together."""

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from string import Formatter

from pipeline_lib.datasets.scenes.backgrounds import BACKGROUNDS
from pipeline_lib.datasets.scenes.catalogue import REMEDY, Catalogue, parse
from pipeline_lib.datasets.scenes.drawings import DRAWINGS
from pipeline_lib.errors import InputError
from pipeline_lib.params.nearest import nearest
from pipeline_lib.params.section import read_yaml

FIELDS = {"objects", "where", "scene", "when"}  # of a caption template


def read_catalogue(path: Path) -> Catalogue:
    """Read and check a catalogue.

    Raises:
        InputError: it is missing, malformed, or names something that there is not.
    """
    if not path.is_file():
        raise InputError(
            f"{path}: missing; expected the catalogue of the 'scenes' data set; set dataset.path "
            "to its folder, or restore it with `git checkout`"
        )
    catalogue = parse(read_yaml(path), path)
    faults = [f"{path}: {fault}" for fault in _faults(catalogue)]
    if faults:
        raise InputError("\n".join([*faults, REMEDY]))
    return catalogue


def _faults(catalogue: Catalogue) -> Iterator[str]:
    yield from _things(catalogue)
    yield from _scenes(catalogue)
    yield from _look_alikes(catalogue)
    yield from _exclusions(catalogue)
    yield from _captions(catalogue)


def _things(catalogue: Catalogue) -> Iterator[str]:
    for name, thing in catalogue.objects.items():
        drawn = DRAWINGS.get(name, {})
        if not drawn:
            yield f"objects.{name}: there is no drawing of it{nearest(name, DRAWINGS)}"
            continue
        for variant in thing.variants:
            if variant not in drawn:
                yield (
                    f"objects.{name}.variants: there is no drawing of '{variant}'"
                    f"{nearest(variant, drawn)}"
                )
        if len(set(thing.variants)) < len(thing.variants):
            yield f"objects.{name}.variants: {list(thing.variants)} names one twice"
        if thing.height[0] > thing.height[1]:
            yield f"objects.{name}.height: {list(thing.height)}, expected least, greatest"


def _scenes(catalogue: Catalogue) -> Iterator[str]:
    for name, scene in catalogue.scenes.items():
        kinds = {"signature": scene.signature, "shared": scene.shared}
        kinds |= {f"sets.{key}": objects for key, objects in scene.sets.items()}
        for kind, objects in kinds.items():
            for thing in objects:
                if thing not in catalogue.objects:
                    yield (
                        f"scenes.{name}.{kind}: there is no object '{thing}'"
                        f"{nearest(thing, catalogue.objects)}"
                    )
        for thing in sorted(scene.shared.keys() & scene.signature.keys()):
            yield f"scenes.{name}.shared: '{thing}' is in the signature already; remove one of them"
        for key, objects in scene.sets.items():
            for thing in sorted(objects.keys() & {*scene.signature, *scene.shared}):
                yield f"scenes.{name}.sets.{key}: '{thing}' occurs there anyway; remove one of them"
        for thing in sorted(catalogue.unseen() & scene.signature.keys()):
            yield f"scenes.{name}.signature: '{thing}' is unseen, so it cannot tell the class"
        yield from _patterns(catalogue, name)


def _patterns(catalogue: Catalogue, scene: str) -> Iterator[str]:
    for name, pattern in catalogue.scenes[scene].patterns.items():
        where = f"scenes.{scene}.patterns.{name}"
        if pattern.background not in BACKGROUNDS:
            yield (
                f"{where}.background: there is no '{pattern.background}'"
                f"{nearest(pattern.background, BACKGROUNDS)}"
            )
        if pattern.light not in catalogue.lights:
            yield (
                f"{where}.light: there is no '{pattern.light}'"
                f"{nearest(pattern.light, catalogue.lights)}"
            )


def _look_alikes(catalogue: Catalogue) -> Iterator[str]:
    """Two scenes may resemble each other, but not so much that no one could tell them apart."""
    for (one, a), (other, b) in permutations(catalogue.scenes.items(), 2):
        both = sorted(a.signature.keys() & b.signature.keys())
        if len(both) > 1 and one < other:
            yield (
                f"scenes.{one}.signature: has {both} in common with scenes.{other}, expected at "
                "most one object, so that any two of them tell the class"
            )
        if a.backgrounds() <= b.backgrounds():
            yield (
                f"scenes.{one}.patterns: has only the backgrounds {sorted(a.backgrounds())} of "
                f"scenes.{other}, expected at least one that does not go with scenes.{other}"
            )


def _exclusions(catalogue: Catalogue) -> Iterator[str]:
    for pair in catalogue.exclusions:
        for thing in pair:
            if thing not in catalogue.objects:
                yield f"exclusions: there is no object '{thing}'{nearest(thing, catalogue.objects)}"
        for name, scene in catalogue.scenes.items():
            if scene.signature.keys() >= set(pair):
                yield f"exclusions: {list(pair)} are both in the signature of scenes.{name}"


def _captions(catalogue: Catalogue) -> Iterator[str]:
    for template in catalogue.captions:
        try:
            fields = {field for _, field, _, _ in Formatter().parse(template) if field is not None}
        except ValueError as error:
            yield f"captions: '{template}': {error}"
            continue
        if not {"objects"} <= fields <= FIELDS:
            yield (
                f"captions: '{template}' has the fields {sorted(fields)}; expected objects, "
                "perhaps scene, where and when"
            )
