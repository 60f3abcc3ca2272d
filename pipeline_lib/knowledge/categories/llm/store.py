"""Every answer that was paid for, one file each, written before the next question is asked.

``<folder>/<key>/<query>.json``; the key covers model, settings and prompt. Files appear whole or
not at all, so a kill loses no answer.
"""

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.artifacts.category_graph import ANSWERS
from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.categories.llm.answer import Unusable, read_answer
from pipeline_lib.knowledge.categories.llm.question import Question


@dataclass(frozen=True)
class AnswerStore:
    """A folder of answers, outside the artifacts."""

    folder: Path

    @property
    def renewed(self) -> "AnswerStore":
        """Where a refresh collects its answers until it has all of them."""
        return AnswerStore(self.folder.with_name(f"{self.folder.name}-refresh"))

    def get(self, question: Question) -> str | None:
        """Return the answer, or None; a damaged file is deleted."""
        path = self._path(question.key, question.query)
        try:
            return str(json.loads(path.read_text(encoding="utf-8"))["answer"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            path.unlink()
            return None

    def put(self, question: Question, answer: str) -> None:
        """Keep an answer."""
        self._write(question.key, question.query, question.category, answer)

    def missing(self, asked: Iterable[Question]) -> list[Question]:
        """Return the questions that have no answer, or one that cannot be read."""
        return [question for question in asked if not self._usable(question)]

    def take_over(self, asked: Iterable[Question]) -> None:
        """Replace answers by those of a finished refresh."""
        for question in asked:
            answer = self.renewed.get(question)
            if answer is not None:
                self.put(question, answer)
        shutil.rmtree(self.renewed.folder, ignore_errors=True)

    def add_table(self, table: Path) -> int:
        """Keep the answers of an artifact that somebody else paid for; return how many.

        Raises:
            InputError: it is no table of answers.
        """
        rows = ANSWERS.read(table)
        for row in rows.iter_rows(named=True):
            self._write(row["key"], row["query"], row["category"], row["answer"])
        return len(rows)

    def table(self, asked: Iterable[Question]) -> pl.DataFrame:
        """Return the answers as the artifact holds them.

        Raises:
            InputError: one is missing.
        """
        rows = []
        for question in asked:
            answer = self.get(question)
            if answer is None:
                raise InputError(
                    f"{self.folder}: the answer about '{question.category}' is gone, expected it "
                    "to stay during the stage; run again"
                )
            model = question.settings.model
            rows.append((question.category, question.query, model, question.key, answer))
        return pl.DataFrame(rows, schema=ANSWERS.dtypes, orient="row")

    def _usable(self, question: Question) -> bool:
        answer = self.get(question)
        try:
            return answer is not None and bool(
                read_answer(answer, question.seen, about=question.category)
            )
        except Unusable:
            return False

    def _write(self, key: str, query: int, category: str, answer: str) -> None:
        content = {"answer": answer, "category": category}  # the category for people who look
        text = json.dumps(content, ensure_ascii=False, indent=1)
        write_bytes(self._path(key, query), text.encode())

    def _path(self, key: str, query: int) -> Path:
        return self.folder / key / f"{query}.json"
