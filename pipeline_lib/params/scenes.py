"""What the ``scenes`` generator draws: how many pictures, and how hard they are."""

from typing import Annotated

from pydantic import Field

from pipeline_lib.params.section import Section
from pipeline_lib.settings.markers import OrNone

Count = Annotated[int, Field(ge=0)]
Chance = Annotated[float, Field(ge=0, lt=1)]


class Difficulty(Section):
    """What is in a picture and hard to see, or true of it and not said.

    The truth is kept: boxes are of whole objects, and `all_tags` are what is there.
    """

    scale: Annotated[float, Field(gt=0, le=1)]  # factor of every height in the catalogue
    hidden: Chance  # of an object to be partly behind something that has no name
    missing: Chance  # of a tag to be left out, in train
    wrong: Chance  # of a tag to bring along one of what is not there, in train
    unnamed: Chance  # of an object that is seen in training to be left out of a caption


class Scenes(Section):
    """How many pictures the ``scenes`` generator draws, and how hard they are."""

    train: Count
    val: Count
    test: Count
    test_shift: Count
    size: Annotated[int, Field(ge=32, le=512)]  # pixels, width = height
    background_match: Annotated[
        float, Field(ge=0, le=1)
    ]  # share of train/val/test backgrounds that fit the class
    seed: int
    difficulty: Annotated[Difficulty | None, OrNone()]  # none: all is in sight, labels are right


DRAWN = {  # by the default preset
    "train": 1600,
    "val": 400,
    "test": 800,
    "test_shift": 800,
    "size": 64,
    "background_match": 0.85,
    "seed": 0,
    "difficulty": None,
}
