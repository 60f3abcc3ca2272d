"""Entries of an answer in words, drafts that count for nothing, and answers that name nothing."""

import re
from collections.abc import Iterator
from typing import Any

from pipeline_lib.knowledge.categories.llm.strength import LEVEL, strength

DRAFT = r"(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection|analysis|scratchpad|draft)"
OPEN, CLOSE = rf"[<\[◁]\s*{DRAFT}\b[^<>\[\]◁▷]*[>\]▷]", rf"[<\[◁]\s*/\s*{DRAFT}\s*[>\]▷]"
DRAFTS = (  # whole ones, then what precedes an end or follows a start that stands alone
    re.compile(rf"{OPEN}.*?{CLOSE}", re.I | re.S),
    re.compile(rf"^.*{CLOSE}", re.I | re.S),
    re.compile(rf"{OPEN}.*$", re.I | re.S),
)

NAMED = re.compile(
    r"^\W*(?:\d+\W+)?(?:related\s+)?category\W*\d*\W*?[:.\-–—]\s*(?P<rest>[^\n]+)", re.I | re.M
)
LISTED = re.compile(
    r"^\s*(?:(?P<number>\(?\d+[.):])\s*|[-*•+]\s+|#+\s+|(?=\*\*|__)|\|\s*(?:\d+\s*\|)?)"
    r"(?P<rest>[^\n]+)", re.M,
)  # fmt: skip
BARE = re.compile(rf"^\w[^:,|{{}}\n]*[:,|]\s*(?:{LEVEL})\b[^\n]*", re.I | re.M)
FIELDS = {
    "relation": re.compile(
        r"(?:type of relationship|relation(?:ship)?(?: type)?|type)\s*:\s*([^\n;]+)", re.I
    ),
    "strength": re.compile(r"strength\s*:\s*([^\n]+)", re.I),
    "explanation": re.compile(r"(?:explanation|reason)\s*:\s*([^\n]+)", re.I),
}
FIELD = re.compile(
    r"^\W*(?:type of relationship|relationship|relation|type|(?:association )?strength|explanation"
    r"|reason)\b[^:\n]{0,12}:", re.I,
)  # fmt: skip
PARTS = re.compile(r"\s+[-–—]+>?\s+|\s*[:|;,()–—]\s*")

NOTHING = re.compile(
    r"^\W*(?:(?:answer|related categories)\s*:\s*)?(?:(?:none|nothing|n/a|not applicable|no)\W*$"
    r"|none of (?:the|these|those|them)\b[^.\n]*(?:categor|relat|list|seen|known)"
    r"|(?:there (?:are|is) )?no (?:\w+ ){0,4}(?:categor|relat)[^\n]*"
    r"|(?:there (?:are|is)|i (?:do|did|could|can))(?:n['’]t| ?not) (?:(?:see|find|identify) )?any "
    r"(?:\w+ ){0,3}(?:categor|relat)[^\n]*)", re.I,
)  # fmt: skip
REFUSAL = re.compile(
    r"\b(?:can(?:no|')t|can’t|cannot|(?:am|was|be) (?:not able|unable)|won['’]t|will not|sorry"
    r"|apologi[sz]e|as an ai)\b", re.I,
)  # fmt: skip


def without_drafts(text: str) -> str:
    """Return what is left of an answer without what its model thought before it."""
    for draft in DRAFTS:
        text = draft.sub("", text)
    return text


def says_nothing(text: str) -> bool:
    """Tell whether the answer is that no category is related; a refusal is none."""
    return bool(NOTHING.search(_unmarked(text))) and not REFUSAL.search(text)


def word_entries(text: str) -> list[dict[str, Any]]:
    """Return the entries of an answer in the paper's form, or in a list or table of names.

    Numbered entries and those of the paper's form count also where they give no strength.
    """
    heads = list(_heads(text)) or list(_bare_heads(text))
    entries = []
    for place, (_, begin, rest, counts) in enumerate(heads):
        end = heads[place + 1][0] if place + 1 < len(heads) else len(text)
        entry = _item(rest)
        body = _unmarked(text[begin:end])
        found = {role: pattern.search(body) for role, pattern in FIELDS.items()}
        entry |= {role: match[1] for role, match in found.items() if match}
        if counts or "strength" in entry:
            entries.append(entry)
    return entries


def _heads(text: str) -> Iterator[tuple[int, int, str, bool]]:
    """Yield where an entry starts, where its head ends, its head, and whether it counts as one."""
    place = 0
    for line in text.splitlines(keepends=True):
        named, listed = NAMED.match(_unmarked(line)), LISTED.match(line)
        if named:
            yield place, place + len(line), named["rest"], True
        elif listed and not FIELD.match(_unmarked(line)):
            rest, row = _unmarked(listed["rest"]), "|" in listed[0]
            counts = bool(listed["number"]) or (len(PARTS.split(rest)) > 1 and not row)
            yield place, place + len(line), rest, counts
        place += len(line)


def _bare_heads(text: str) -> Iterator[tuple[int, int, str, bool]]:
    """Yield the lines without any mark that give a name and its strength."""
    for match in BARE.finditer(text):
        if not FIELD.match(match[0]):
            yield match.start(), match.end(), match[0], True


def _item(head: str) -> dict[str, Any]:
    """Read "dog (High): why", "dog - High", "dog | Part-Whole | High": a name and what follows."""
    name, *parts = (part for part in PARTS.split(head.strip()) if part)
    level = next((i for i, part in enumerate(parts) if strength(part) is not None), None)
    if level is None:
        return {"category": head.strip()}
    others = parts[:level] + parts[level + 1 :]
    return {
        "category": name,
        "strength": parts[level],
        "relation": others[0] if others else "",
        "explanation": others[-1] if others else "",
    }


def _unmarked(text: str) -> str:
    return re.sub(r"[*`#]+|__+", "", text)
