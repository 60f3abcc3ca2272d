"""Settings of SPARC."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pipeline_lib.families.open_vocabulary.settings import PLACE, ZeroShot
from pipeline_lib.settings.markers import Bound

Relation = Literal["merged", "cooccurrence", "similarity", "llm", "wordnet", "random", "file"]


@dataclass(frozen=True, kw_only=True)
class Settings(ZeroShot):
    """Standardised scores of labels, alone and beside those that the category graph names."""

    relation: Relation = "llm"  # who occurs with whom: a source of the category graph
    neighbours: Annotated[int, Bound(ge=2)] = 4  # compound prompts of a label
    sentence: str = "A photo of a {} and a {}"  # around a label and another
    fusion: Literal["components", "second", "maximum"] = "components"  # of compound scores

    def __post_init__(self) -> None:
        """Refuse a sentence without both places."""
        super().__post_init__()
        if self.sentence.count(PLACE) != 2:
            raise ValueError(
                f"sentence is {self.sentence!r}, expected two places {PLACE}, of a label and of "
                'another, e.g. "A photo of a {} and a {}"'
            )
