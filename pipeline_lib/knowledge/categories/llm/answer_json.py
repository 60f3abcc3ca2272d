"""Entries of an answer in JSON, wherever it stands in the text and however it is written."""

import json
import re
from collections.abc import Iterator
from typing import Any

import json_repair

from pipeline_lib.knowledge.categories.llm.strength import strength

START = re.compile(r"""\{\s*(?:["'“‘}]|\w+\s*:)|\[\s*(?:["'“‘{\[\]])""")
STRING = re.compile(r'"(?:\\.|[^"\\])*"', re.S)
BRACKETS = {"{": 1, "[": 1, "}": -1, "]": -1}
ROLES = {  # a word in the key of an entry, and what the entry says there
    "category": "category",
    "name": "category",
    "strength": "strength",
    "relation": "relation",
    "type": "relation",
    "explanation": "explanation",
    "reason": "explanation",
}
LISTS = ("relat", "categor", "result", "answer")  # what the key of the list begins with


class BadJson(ValueError):
    """JSON that is begun and not ended, or lists nothing."""


def json_entries(text: str) -> list[dict[str, Any]] | None:
    """Return the entries of an answer by role; None where no JSON lists any.

    Of several lists the last counts: a model corrects itself. Single objects, one a line, are
    entries of one list. What is no object becomes an entry that says nothing.

    Raises:
        BadJson: the text ends inside of it, it lists nothing, or is nested too deeply.
    """
    try:
        values = list(_values(_unquoted(text)))
    except RecursionError:
        raise BadJson("JSON that is nested too deeply") from None
    lists = [listed for value in values if (listed := _listed(value)) is not None]
    loose = [value for value in values if isinstance(value, dict) and "category" in _by_role(value)]
    if values and not lists and not loose:
        raise BadJson("JSON without a list 'related'")
    if not values:
        return None
    entries = lists[-1] if lists else loose
    return [_by_role(entry) if isinstance(entry, dict) else {} for entry in entries]


def _unquoted(text: str) -> str:
    """Return what a text says that is a whole a string of JSON: JSON within JSON."""
    if not text.lstrip().startswith('"'):
        return text
    try:
        said = json.loads(text)
    except ValueError:
        return text
    return said if isinstance(said, str) else text


def _values(text: str) -> Iterator[Any]:
    """Yield every JSON value of the text; nearly JSON (quotes, commas, comments) is mended."""
    decoder, position = json.JSONDecoder(), 0
    while match := START.search(text, position):
        start = match.start()
        try:
            value, position = decoder.raw_decode(text, start)
        except ValueError:
            position = _end(text, start)
            value = json_repair.loads(text[start:position])
        yield value


def _end(text: str, start: int) -> int:
    """Return where the bracket at ``start`` is closed; brackets in strings do not count."""
    bare = STRING.sub(lambda string: "_" * len(string[0]), text[start:])
    depth = 0
    for place, letter in enumerate(bare):
        depth += BRACKETS.get(letter, 0)
        if depth == 0:
            return start + place + 1
    raise BadJson("not complete JSON")


def _listed(value: Any) -> list[Any] | None:
    """Return the list of an answer: the value itself, or what it holds under a fitting key."""
    if isinstance(value, list):
        nested = [_listed(item) if isinstance(item, dict) else None for item in value]
        return [
            entry
            for item, inner in zip(value, nested, strict=True)
            for entry in (inner if inner is not None else [item])
        ]
    if not isinstance(value, dict) or {"category", "strength"} <= _by_role(value).keys():
        return None
    for key, content in value.items():
        if _letters(key).startswith(LISTS):
            if content is None:
                return []
            if isinstance(content, list):
                return content
            if isinstance(content, dict):
                inside = _listed(content)
                return _by_name(content) if inside is None else inside
    if (within := _within(value)) is not None:
        return within
    levels = (isinstance(said, str) and strength(said) is not None for said in value.values())
    return _by_name(value) if value and all(levels) else None


def _within(value: dict[str, Any]) -> list[Any] | None:
    """Return the entries that stand under another key, as in the arguments of a tool's call."""
    for content in value.values():
        if isinstance(content, list) and any(
            isinstance(entry, dict) and {"category", "strength"} <= _by_role(entry).keys()
            for entry in content
        ):
            return content
        if isinstance(content, dict) and (inside := _within(content)) is not None:
            return inside
    return None


def _by_name(content: dict[str, Any]) -> list[Any]:
    """Return the entries of {name: strength} or {name: entry}."""
    return [
        {"category": name} | (said if isinstance(said, dict) else {"strength": said})
        for name, said in content.items()
    ]


def _by_role(entry: dict[str, Any]) -> dict[str, Any]:
    """Name the keys of an entry by what they say: "Type of Relationship" is the relation."""
    found: dict[str, Any] = {}
    for key, value in entry.items():
        role = next((role for word, role in ROLES.items() if word in _letters(key)), None)
        if role:
            found.setdefault(role, value)
    return found


def _letters(key: object) -> str:
    return "".join(letter for letter in str(key).casefold() if letter.isalpha())
