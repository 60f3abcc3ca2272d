"""Answers of a language model that somebody recorded: one JSON object a line.

The first line says of which model, when, and to which question; each other one holds what it said
about one category, ``{"category": …, "query": 0, "related": [{"category": …, "relation": …,
"strength": …, "explanation": …}]}``. Which names the model was shown may differ from those of a
data set: entries that name no category of the data are dropped, as those of a model's own are.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline_lib.artifacts.category_graph import ANSWERS
from pipeline_lib.errors import InputError
from pipeline_lib.fingerprint import digest
from pipeline_lib.knowledge.categories.llm.question import About

ENDING = ".jsonl"
SHOWN = 5  # categories in an error


class Source(BaseModel):
    """Where answers come from: the first line."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    model: str = Field(min_length=1)
    date: str
    question: str


class Line(BaseModel):
    """What the model said about one category."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    category: str = Field(min_length=1)
    query: int = Field(ge=0)
    related: list[dict[str, str]]


@dataclass(frozen=True)
class Recording:
    """A file of answers."""

    path: Path
    source: Source
    answers: Mapping[tuple[str, int], str]  # JSON as a model would have given it

    @classmethod
    def read(cls, path: Path) -> "Recording":
        """Read all answers.

        Raises:
            InputError: the file is missing, a line is no answer, or answers a question again.
        """
        try:
            first, *lines = path.read_text(encoding="utf-8").splitlines()
            source = Source.model_validate_json(first)
        except (OSError, ValueError) as error:
            raise InputError(
                f"{path}: {_first(error)}; expected recorded answers of a language model, whose "
                "first line says their model, date and question (docs/category_graphs.md); mend "
                "category_graph.paths.answers"
            ) from error
        answers: dict[tuple[str, int], str] = {}
        for number, text in enumerate(lines, 2):
            line = _line(path, number, text)
            key = line.category, line.query
            if key in answers:
                raise InputError(
                    f"{path} line {number}: query {line.query} about '{line.category}' is answered "
                    "before, expected one answer; leave one out"
                )
            answers[key] = json.dumps({"related": line.related}, ensure_ascii=False)
        return cls(path, source, answers)

    def get(self, about: About) -> str | None:
        """Return the text of an answer, or None."""
        return self.answers.get((about.category, about.query))

    def check(self, wanted: Iterable[About]) -> None:
        """Compare with what is wanted.

        Raises:
            InputError: some of it is not answered.
        """
        wanted = list(wanted)
        missing = [one for one in wanted if self.get(one) is None]
        if missing:
            names = list(dict.fromkeys(one.category for one in missing))
            more = ", …" if len(names) > SHOWN else ""
            raise InputError(
                f"{self.path}: {len(missing)} of {len(wanted)} answers are not there, first query "
                f"{missing[0].query} about {', '.join(names[:SHOWN])}{more}, expected one to each "
                "query about each category; lower category_graph.llm.queries, name another file "
                "in category_graph.paths.answers, or ask a model (llm.name: asked)"
            )

    def table(self, wanted: Sequence[About]) -> pl.DataFrame:
        """Return the answers as the artifact holds them."""
        model, question = self.source.model, self.source.question
        rows = [
            (one.category, one.query, model, digest([model, question, one.category]), self.get(one))
            for one in wanted
        ]
        return pl.DataFrame(rows, schema=ANSWERS.dtypes, orient="row")


def _line(path: Path, number: int, text: str) -> Line:
    try:
        return Line.model_validate_json(text)
    except ValidationError as error:
        raise InputError(
            f"{path} line {number}: {_first(error)}; expected category, query and related, whose "
            "entries are texts by name; mend the line"
        ) from error


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        found = error.errors()[0]
        place = ".".join(map(str, found["loc"]))
        return f"{place}: {found['msg']}" if place else found["msg"]
    return getattr(error, "strerror", None) or str(error) or "it is empty"
