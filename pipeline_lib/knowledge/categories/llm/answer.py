"""Read an answer, in JSON or in words, and forgive what can be forgiven."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline_lib.knowledge.categories.llm.answer_json import BadJson, json_entries
from pipeline_lib.knowledge.categories.llm.answer_words import (
    says_nothing,
    without_drafts,
    word_entries,
)
from pipeline_lib.knowledge.categories.llm.strength import strength

KINDS = {  # a word in the type of a relationship, and what the table calls it
    "synonym": "synonymy",
    "similar": "synonymy",
    "is-a": "is-a",
    "is a": "is-a",
    "nym": "is-a",  # hypernym, hyponym
    "function": "functional",
    "occur": "co-occurrence",
    "part": "part-whole",
}
OTHER = "other"
SHOWN = 80  # characters of an answer in an error


class Unusable(ValueError):
    """An answer that says nothing about categories: a refusal, half an answer, something else."""


@dataclass(frozen=True)
class Related:
    """One category that an answer names."""

    category: str
    relation: str
    score: int  # 3 High, 2 Medium, 1 Low
    explanation: str


@dataclass(frozen=True)
class Answer:
    """What an answer says, and what had to be dropped of it."""

    related: list[Related]  # each category once, with its highest score
    unknown: int  # entries that name no category of the list
    broken: int  # entries without a strength, or that are no entries


def read_answer(text: str, allowed: Sequence[str], *, about: str = "") -> Answer:
    """Read an answer that may name the ``allowed`` categories.

    An entry that denies a relation, or names the category that was asked ``about``, says nothing.

    Raises:
        Unusable: nothing of it can be read.
    """
    entries = _entries(text)
    names, itself = _Names(allowed), _Names([about])
    best: dict[str, Related] = {}
    unknown = broken = silent = 0
    for entry in entries:
        name, score = _stated(entry)
        known = names.find(name)
        if score is None:
            broken += 1
        elif known is None:
            unknown += 1
            silent += bool(itself.find(name))
        elif score == 0:
            silent += 1
        elif known not in best or score > best[known].score:
            best[known] = _related(known, score, entry)
    if entries and broken == len(entries):
        raise Unusable(f"no entry with a category and a strength in {_start(text)}")
    if entries and not best and not silent:
        raise Unusable(f"no entry names a category of the list in {_start(text)}")
    return Answer(list(best.values()), unknown, broken)


class _Names:
    """The categories that may be named, by spelling; one that two share names neither."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self._exact = set(allowed)
        self._loose: dict[str, str | None] = {}
        for form in (_plain, _bare):
            mine: dict[str, str | None] = {}
            for name in allowed:
                mine[form(name)] = None if form(name) in mine else name
            self._loose = mine | self._loose

    def find(self, name: str) -> str | None:
        """Return the category that is meant."""
        if name in self._exact:
            return name
        without_remark = re.sub(r"\s*\([^()]*\)\s*$", "", name)
        for form in (_plain(name), _bare(name), _bare(without_remark)):
            if found := self._loose.get(form):
                return found
        return None


def _entries(text: str) -> list[dict[str, Any]]:
    """Return the entries of an answer, by role; none where it says that there are none."""
    said, fault = without_drafts(text), "no relations can be read"
    entries: list[dict[str, Any]] | None = None
    try:
        entries = json_entries(said)
    except BadJson as error:
        fault = str(error)
    if entries is not None and (not entries or any(entries)):
        return entries
    words = word_entries(said)
    if any("strength" in entry for entry in words):
        return words
    if says_nothing(said):
        return []
    if entries or words:
        fault = "no entry with a category and a strength"
    raise Unusable(f"{fault} in {_start(said)}")


def _stated(entry: dict[str, Any]) -> tuple[str, int | None]:
    """Return which category an entry names, and how strongly it is related."""
    name = entry.get("category")
    if not isinstance(name, str):
        return "", None
    return name.strip(), strength(entry.get("strength"))


def _related(name: str, score: int, entry: dict[str, Any]) -> Related:
    kind = str(entry.get("relation", "")).lower()
    relation = next((value for word, value in KINDS.items() if word in kind), OTHER)
    explanation = " ".join(str(entry.get("explanation", "")).split())
    return Related(name, relation, score, explanation)


def _plain(name: str) -> str:
    """Return a name without regard to case, hyphens, underscores and composition."""
    name = unicodedata.normalize("NFC", name)
    return re.sub(r"[\s_\-]+", " ", name).strip().casefold()


def _bare(name: str) -> str:
    """Return a plain name also without numbering, marks of a list, quotes and full stops."""
    name = re.sub(r"^\W*\d+[.):]\s+", "", name)
    return _plain(_plain(name).lstrip("#").strip(" \"'`*“”‘’«»[]().,:;"))


def _start(text: str) -> str:
    short = " ".join(text.split())
    return repr(short if len(short) <= SHOWN else f"{short[:SHOWN]}…")
