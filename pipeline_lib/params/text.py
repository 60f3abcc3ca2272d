"""Section ``text``: what turns the names of categories into vectors."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from pipeline_lib.params.section import NOTHING, Section
from pipeline_lib.settings.only import Only, only

IMAGENET = "imagenet"  # instead of a prompt: CLIP's 80 templates


class Prompted(Section):
    """A source that reads sentences around the names."""

    prompts: Annotated[list[str], Field(min_length=1)]  # several are averaged

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


class Vlp(Prompted):
    """The text tower of a vision-language model: the folder that stage `vlp` wrote."""

    name: Literal["vlp"]


class Sentence(Prompted):
    """A sentence encoder: a local folder of Sentence-Transformers."""

    name: Literal["sentence"]


class Words(Section):
    """Word vectors: a GloVe text file, or npz with names and vectors."""

    name: Literal["words"]


class Ngrams(Section):
    """Hashed character n-grams, which need no file."""

    name: Literal["ngrams"]
    dims: Annotated[int, Field(ge=8, le=65_536)]
    shortest: Annotated[int, Field(ge=1, le=10)]  # letters of a piece
    longest: Annotated[int, Field(ge=1, le=10)]


class Text(Section):
    """One source, and what it reads."""

    source: Annotated[Vlp | Words | Sentence | Ngrams, Field(discriminator="name")]
    path: str  # the file or folder of the source; data/none of ngrams
    normalise: bool  # scale every vector to length 1

    ONLY: ClassVar[tuple[Only, ...]] = only(
        {"path": NOTHING}, "source.name", "vlp", "words", "sentence"
    )
