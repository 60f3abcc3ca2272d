"""The catalogue: which scenes and objects there are, and how they go together."""

from itertools import chain
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline_lib.datasets.scenes.backgrounds.background import Place
from pipeline_lib.datasets.scenes.light import Hex, Light
from pipeline_lib.errors import InputError

FILE = "catalogue.yaml"
Chance = Annotated[float, Field(gt=0, le=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Size = Annotated[float, Field(gt=0, le=1)]
Colours = Annotated[tuple[Hex, ...], Field(min_length=1)]


class Entry(BaseModel):
    """A part of the catalogue; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Thing(Entry):
    """An object that pictures show."""

    variants: Annotated[tuple[str, ...], Field(min_length=2)]  # names of its drawings
    height: tuple[Size, Size]  # least and greatest, in heights of the picture
    stands: Place
    colours: Colours
    plural: str
    group: Annotated[int, Field(ge=1, le=4)] = 1  # at most so many in one picture
    tilt: Annotated[float, Field(ge=0, le=180)] = 0.0  # degrees, at most, either way
    flip: bool = True  # may be mirrored
    unseen: bool = False  # never tagged or boxed in train and val


class Pattern(Entry):
    """One way that a scene looks."""

    background: str
    light: str
    colours: Colours  # of its walls, grass, sand …


class Scene(Entry):
    """A class of pictures, told by its signature: any two of those objects occur nowhere else."""

    where: str  # the preposition: "on" a farm
    patterns: Annotated[dict[str, Pattern], Field(min_length=1)]
    signature: Annotated[dict[str, Chance], Field(min_length=2)]  # at least two are drawn
    shared: dict[str, Chance] = {}
    # each picture draws one of these, so that its objects occur with each other
    sets: dict[str, Annotated[dict[str, Chance], Field(min_length=1)]] = {}

    def objects(self) -> frozenset[str]:
        """Return every object that belongs here."""
        return frozenset({*self.signature, *self.shared, *chain(*self.sets.values())})

    def backgrounds(self) -> frozenset[str]:
        """Return every background that goes with the class."""
        return frozenset(pattern.background for pattern in self.patterns.values())


class Mixture(Entry):
    """Chances that hold in every scene."""

    most: Annotated[int, Field(ge=2, le=8)]  # objects in a picture
    distractor: Share  # of pictures with an object from elsewhere
    repeat: Share  # of the objects that may form a group and do
    omit: Share  # of captions that leave one object out


class Catalogue(Entry):
    """The whole file; the order of scenes and objects is the order of the labels."""

    lights: dict[str, Light]
    objects: dict[str, Thing]
    scenes: Annotated[dict[str, Scene], Field(min_length=2)]
    exclusions: tuple[tuple[str, str], ...]  # pairs that never meet
    mixture: Mixture
    captions: Annotated[tuple[str, ...], Field(min_length=1)]

    def unseen(self) -> frozenset[str]:
        """Return the objects that are never tagged in train and val."""
        return frozenset(name for name, thing in self.objects.items() if thing.unseen)


def parse(document: dict[str, Any], path: Path) -> Catalogue:
    """Check types, ranges and keys; ``checks`` looks at how the entries go together.

    Raises:
        InputError: every fault, one line each.
    """
    try:
        return Catalogue.model_validate(document)
    except ValidationError as error:
        faults = [
            f"{path}: {'.'.join(map(str, e['loc']))}: found {_short(e['input'])}; {e['msg']}"
            for e in error.errors()
        ]
        raise InputError("\n".join([*faults, REMEDY])) from None


REMEDY = "Edit the file, or restore it with `git checkout`; docs/datasets.md explains its keys."


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
