"""Section ``text``: what turns the names of categories into vectors."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from pipeline_lib.params.section import NOTHING, Section
from pipeline_lib.settings.only import Only, only, only_if

IMAGENET = "imagenet"  # instead of a prompt: CLIP's 80 templates
PROMPTS = ["There is a {} in the scene", "A photo of a {}", "a {}"]  # of the default preset


class Vlp(Section):
    """The text tower of a vision-language model."""

    path: str  # the folder that stage `vlp` wrote, or data/none


class Words(Section):
    """Word vectors."""

    path: str  # GloVe text file, or npz with names and vectors, or data/none


class Sentence(Section):
    """A sentence encoder."""

    path: str  # a local folder of Sentence-Transformers, or data/none


class Ngrams(Section):
    """Hashed character n-grams."""

    dims: Annotated[int, Field(ge=8, le=65_536)]
    shortest: Annotated[int, Field(ge=1, le=10)]  # letters of a piece
    longest: Annotated[int, Field(ge=1, le=10)]


class Text(Section):
    """One source; the settings of the others are kept for when they are chosen."""

    source: Literal["vlp", "words", "sentence", "ngrams"]
    prompts: Annotated[list[str], Field(min_length=1)]  # vlp, sentence; several are averaged
    normalise: bool  # scale every vector to length 1
    vlp: Vlp
    words: Words
    sentence: Sentence
    ngrams: Ngrams

    ONLY: ClassVar[tuple[Only, ...]] = (
        *only({"prompts": PROMPTS}, "source", "vlp", "sentence"),
        *only_if(
            {"vlp.path": "data/artifacts/vlp/towers"},
            lambda s: s.source == "vlp" or s.vlp.path == NOTHING,
            "source is vlp",
        ),
        *only({"words.path": NOTHING}, "source", "words"),
        *only({"sentence.path": NOTHING}, "source", "sentence"),
        *only({"ngrams.dims": 512, "ngrams.shortest": 3, "ngrams.longest": 5}, "source", "ngrams"),
    )

    @field_validator("prompts")
    @classmethod
    def _with_one_place(cls, prompts: list[str]) -> list[str]:
        for prompt in prompts:
            if prompt != IMAGENET and prompt.count("{}") != 1:
                raise ValueError(
                    f"prompt '{prompt}' should hold {{}} once, where the name goes, or be the word "
                    f"'{IMAGENET}' for CLIP's 80 templates"
                )
        return prompts
