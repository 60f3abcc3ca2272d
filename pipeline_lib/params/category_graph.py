"""Section ``category_graph``: where the knowledge of which category informs which comes from."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self, TypeVar

from pydantic import Field, field_validator, model_validator

from pipeline_lib.errors import InputError
from pipeline_lib.params.section import NOTHING, Section
from pipeline_lib.settings.markers import OrNone
from pipeline_lib.settings.only import Only, only, only_if

Source = Literal["cooccurrence", "similarity", "llm", "wordnet", "random", "file"]
Count = Annotated[int, Field(ge=1, le=1000)]
Share = Annotated[float, Field(ge=0, le=1)]
WITH_SETTINGS = ("similarity", "llm", "wordnet", "random")
T = TypeVar("T")


class Exclusion(Section):
    """Categories that co-occur less than chance."""

    expected: Annotated[float, Field(gt=0)]  # images that chance would give; below, no verdict


class Similarity(Section):
    """Cosine of text embeddings."""

    most: Count  # sources per category
    at_least: Share  # cosine


class Llm(Section):
    """A language model (C2SRT, Supplement B.3); its address and key come from the environment."""

    name: Literal["asked"]
    model: Annotated[str, Field(min_length=1)]
    queries: Annotated[int, Field(ge=1, le=100)]  # per category; their strengths are averaged
    temperature: Annotated[float, Field(ge=0, le=2)]
    max_tokens: Annotated[int, Field(ge=16)]  # of one answer


class Recorded(Section):
    """Answers of a language model that somebody recorded, in a file at ``paths.answers``."""

    name: Literal["recorded"]
    queries: Annotated[int, Field(ge=1, le=100)]  # per category, of those that the file holds


Answered = Annotated[Llm | Recorded, Field(discriminator="name")]


class Wordnet(Section):
    """WordNet in the format WN-LMF."""

    senses: Annotated[int, Field(ge=1, le=20)]  # of a name, the first ones in the file
    at_least: Annotated[float, Field(gt=0, le=1)]  # path similarity 1/(1 + steps)


class Random(Section):
    """Sources drawn by lot, to compare with (C2SRT Table 4)."""

    most: Count  # sources per category
    seed: int


class Paths(Section):
    """The files of sources that have one; data/none where such a source is not named."""

    wordnet: str  # an XML file, also compressed, or a folder of one
    file: str  # .csv or .graphml: edges from the user
    answers: str  # .jsonl: recorded answers of a language model

    def below(self, root: Path) -> Self:
        """Return the same files, found from anywhere; relative paths are of a checkout."""
        found = {k: p if p == NOTHING else str(root / p) for k, p in self.model_dump().items()}
        return self.model_copy(update=found)


class CategoryGraph(Section):
    """The sources that are merged, and the settings of each."""

    sources: Annotated[list[Source], Field(min_length=1)]  # merged into one graph
    beside: list[Source]  # mined too, each for a list of neighbours of its own, and not merged
    merge: Literal["mean", "max"]  # of the strengths of a pair over the sources
    neighbours: Count  # C2SRT: 16 (NUS-WIDE), 4 (Open Images)
    exclusion: Annotated[Exclusion | None, OrNone()]
    similarity: Annotated[Similarity | None, OrNone()]
    llm: Annotated[Answered | None, OrNone()]
    wordnet: Annotated[Wordnet | None, OrNone()]
    random: Annotated[Random | None, OrNone()]
    paths: Paths

    ONLY: ClassVar[tuple[Only, ...]] = (
        *only_if({"merge": "mean"}, lambda s: len(s.sources) > 1, "several sources are merged"),
        *only_if(
            {"paths.wordnet": NOTHING},
            lambda s: "wordnet" in s.mined,
            "sources or beside name wordnet",
        ),
        *only_if(
            {"paths.file": NOTHING}, lambda s: "file" in s.mined, "sources or beside name file"
        ),
        *only({"paths.answers": NOTHING}, "llm.name", "recorded"),
        *only_if(
            {"exclusion.expected": 5.0},
            lambda s: s.exclusion is None or "cooccurrence" in s.sources,
            "sources name cooccurrence",
        ),
    )

    @model_validator(mode="after")
    def _what_is_asked_has_settings(self) -> Self:
        for name in WITH_SETTINGS:
            is_on, is_asked = getattr(self, name) is not None, name in self.mined
            if is_asked and not is_on:
                raise ValueError(
                    f"{name} is none, and sources or beside name it; give its settings "
                    "(docs/category_graphs.md), or leave it out there"
                )
            if is_on and not is_asked:
                raise ValueError(
                    f"{name} has settings, and neither sources nor beside name it; name it there, "
                    "or set it to none"
                )
        return self

    @model_validator(mode="after")
    def _exclusion_is_told(self) -> Self:
        if self.exclusion is not None and not {"cooccurrence", "file"} & set(self.sources):
            raise ValueError(
                f"exclusion is on and sources are {', '.join(self.sources)}, none of which says "
                "what excludes what; expected cooccurrence or file among them (beside is not "
                "merged); add one, or set exclusion to none"
            )
        return self

    @property
    def language_model(self) -> Llm | Recorded:
        """The settings of the source ``llm``.

        Raises:
            InputError: it is not named, so that it has none.
        """
        if self.llm is None:
            raise _untold("llm")
        return self.llm

    @property
    def mined(self) -> list[Source]:
        """Every source that is asked, once."""
        return list(dict.fromkeys([*self.sources, *self.beside]))

    @field_validator("sources", "beside")
    @classmethod
    def _each_once(cls, sources: list[Source]) -> list[Source]:
        if len(set(sources)) < len(sources):
            raise ValueError("each source should be named once")
        return sources


def told(settings: T | None, source: str) -> T:
    """Return the settings of a source that is asked.

    Raises:
        InputError: it is not named, so that it has none.
    """
    if settings is None:
        raise _untold(source)
    return settings


def _untold(source: str) -> InputError:
    return InputError(
        f"category_graph.{source} is none, expected its settings (docs/category_graphs.md); "
        f"give them, and name {source} among category_graph.sources or category_graph.beside"
    )
