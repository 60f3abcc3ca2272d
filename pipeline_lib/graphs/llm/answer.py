"""Read an answer, in JSON or in words, and forgive what can be forgiven."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline_lib.graphs.llm.question import STRENGTHS

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
BLOCK = re.compile(r"^\W*related category\s*\d*\s*[:.\-]\s*(?P<name>[^\n]+)", re.I | re.M)
FIELDS = {
    "relation": re.compile(r"type of relationship\s*:\s*([^\n]+)", re.I),
    "strength": re.compile(r"association strength\s*:\s*([^\n]+)", re.I),
    "explanation": re.compile(r"explanation\s*:\s*([^\n]+)", re.I),
}
NOTHING = re.compile(
    r"^\W*(none\b|(there (are|is) )?no (direct(ly)? )?(related )?(categor|relat))", re.I
)
FENCE = re.compile(r"^\s*```\w*\n(.*?)```\s*$", re.S)
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


def read_answer(text: str, allowed: Sequence[str]) -> Answer:
    """Read an answer that may name the ``allowed`` categories.

    Raises:
        Unusable: nothing of it can be read.
    """
    entries = list(_entries(text))
    known = {_plain(name): name for name in allowed} | {name: name for name in allowed}
    best: dict[str, Related] = {}
    unknown = broken = 0
    for entry in entries:
        related = _related(entry)
        if related is None:
            broken += 1
            continue
        name = known.get(related.category, known.get(_plain(related.category)))
        if name is None:
            unknown += 1
        elif name not in best or related.score > best[name].score:
            best[name] = Related(name, related.relation, related.score, related.explanation)
    if entries and broken == len(entries):
        raise Unusable(f"no entry with a category and a strength in {_start(text)}")
    return Answer(list(best.values()), unknown, broken)


def _entries(text: str) -> Iterator[dict[str, Any]]:
    """Yield the entries of an answer as mappings of text."""
    fenced = FENCE.match(text)
    bare = fenced[1] if fenced else text
    if bare.lstrip()[:1] in ("{", "["):
        yield from _json_entries(bare)
    elif BLOCK.search(_unmarked(bare)):
        yield from _blocks(_unmarked(bare))
    elif not NOTHING.search(bare):
        raise Unusable(f"no relations can be read in {_start(text)}")


def _json_entries(text: str) -> Iterable[dict[str, Any]]:
    try:
        content = json.loads(text)
    except ValueError:
        raise Unusable(f"not complete JSON: {_start(text)}") from None
    if isinstance(content, dict):
        content = content.get("related", content.get("related_categories"))
    if not isinstance(content, list):
        raise Unusable(f"JSON without a list 'related': {_start(text)}")
    return (entry if isinstance(entry, dict) else {} for entry in content)


def _blocks(text: str) -> Iterator[dict[str, Any]]:
    starts = [*BLOCK.finditer(text)]
    ends = [match.start() for match in starts[1:]] + [len(text)]
    for match, end in zip(starts, ends, strict=True):
        body = text[match.end() : end]
        found = {name: pattern.search(body) for name, pattern in FIELDS.items()}
        yield {"category": match["name"]} | {k: m[1] for k, m in found.items() if m}


def _related(entry: dict[str, Any]) -> Related | None:
    name, strength = entry.get("category"), entry.get("strength")
    if not isinstance(name, str) or not isinstance(strength, str):
        return None
    score = next((s for word, s in STRENGTHS.items() if word.lower() in strength.lower()), None)
    if score is None:
        return None
    kind = str(entry.get("relation", "")).lower()
    relation = next((value for word, value in KINDS.items() if word in kind), OTHER)
    explanation = " ".join(str(entry.get("explanation", "")).split())
    return Related(name.strip().strip("\"'[]."), relation, score, explanation)


def _plain(name: str) -> str:
    """Return a name without regard to case, hyphens and underscores."""
    return re.sub(r"[\s_\-]+", " ", name.strip()).casefold()


def _unmarked(text: str) -> str:
    return re.sub(r"[*`#]+", "", text)


def _start(text: str) -> str:
    short = " ".join(text.split())
    return repr(short if len(short) <= SHOWN else f"{short[:SHOWN]}…")
