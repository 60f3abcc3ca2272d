"""Section ``category_graph``: where the knowledge of which category informs which comes from."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from pipeline_lib.params.section import NOTHING, Section
from pipeline_lib.settings.only import Only, only_if

Source = Literal["cooccurrence", "similarity", "llm", "wordnet", "random", "file"]
Count = Annotated[int, Field(ge=1, le=1000)]
Share = Annotated[float, Field(ge=0, le=1)]


class Exclusion(Section):
    """Categories that co-occur less than chance."""

    enabled: bool
    expected: Annotated[float, Field(gt=0)]  # images that chance would give; below, no verdict


class Similarity(Section):
    """Cosine of text embeddings."""

    most: Count  # sources per category
    at_least: Share  # cosine


class Llm(Section):
    """A language model (C2SRT, Supplement B.3); its address and key come from the environment."""

    model: Annotated[str, Field(min_length=1)]
    queries: Annotated[int, Field(ge=1, le=100)]  # per category; their strengths are averaged
    temperature: Annotated[float, Field(ge=0, le=2)]
    max_tokens: Annotated[int, Field(ge=16)]  # of one answer


class Wordnet(Section):
    """WordNet in the format WN-LMF."""

    path: str  # an XML file, also compressed, or a folder of one; or data/none
    senses: Annotated[int, Field(ge=1, le=20)]  # of a name, the first ones in the file
    at_least: Annotated[float, Field(gt=0, le=1)]  # path similarity 1/(1 + steps)


class Random(Section):
    """Sources drawn by lot, to compare with (C2SRT Table 4)."""

    most: Count  # sources per category
    seed: int


class File(Section):
    """Edges from the user."""

    path: str  # .csv or .graphml, or data/none


def _of(source: str, **rests: Any) -> tuple[Only, ...]:
    """Say that settings of a source are read where it is asked."""
    return only_if(
        {f"{source}.{key}": rest for key, rest in rests.items()},
        lambda section: source in section.mined,
        f"sources or beside name {source}",
    )


class CategoryGraph(Section):
    """The sources that are merged, and the settings of each."""

    sources: Annotated[list[Source], Field(min_length=1)]  # merged into one graph
    beside: list[Source]  # mined too, each for a list of neighbours of its own, and not merged
    merge: Literal["mean", "max"]  # of the strengths of a pair over the sources
    neighbours: Count  # C2SRT: 16 (NUS-WIDE), 4 (Open Images)
    exclusion: Exclusion
    similarity: Similarity
    llm: Llm
    wordnet: Wordnet
    random: Random
    file: File

    ONLY: ClassVar[tuple[Only, ...]] = (
        *only_if({"merge": "mean"}, lambda s: len(s.sources) > 1, "several sources are merged"),
        *_of("similarity", most=16, at_least=0.0),
        *_of("llm", model="gpt-4o-mini", queries=3, temperature=0.7, max_tokens=4096),
        *_of("wordnet", path=NOTHING, senses=1, at_least=0.2),
        *_of("random", most=16, seed=0),
        *_of("file", path=NOTHING),
        *only_if(
            {"exclusion.expected": 5.0},
            lambda s: s.exclusion.enabled and "cooccurrence" in s.sources,
            "exclusion.enabled is true and sources name cooccurrence",
        ),
    )

    @model_validator(mode="after")
    def _exclusion_is_told(self) -> Self:
        if self.exclusion.enabled and not {"cooccurrence", "file"} & set(self.sources):
            raise ValueError(
                f"exclusion.enabled is true and sources are {', '.join(self.sources)}, none of "
                "which says what excludes what; expected cooccurrence or file among them (beside "
                "is not merged); add one, or set exclusion.enabled to false"
            )
        return self

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
