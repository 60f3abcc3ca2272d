"""params.yaml as lines, so that a section is edited and every other byte stays as it is."""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ruamel.yaml import YAML

KEY = re.compile(
    r"^(?P<indent> *)(?P<quote>['\"]?)(?P<name>[^\s'\"#:-][^'\":]*?)(?P=quote) *:(?=\s|$)"
)
EMPTY = re.compile(r":[ \t]*\{[ \t]*\}")
LIST = re.compile(r":[ \t]*\[[^\]]*\]")


def commented(*, width: int = 100) -> YAML:
    """Return what reads and writes YAML with its comments and quotes, in lines of some width."""
    yaml = YAML()
    yaml.width, yaml.preserve_quotes = width, True
    return yaml


@dataclass
class Part:
    """A key with the lines below it, and the comments and blank lines above it."""

    name: str
    lines: list[str]
    above: list[str] = field(default_factory=list)


def split(lines: Iterable[str], indent: int = 0) -> tuple[list[Part], list[str]]:
    """Split lines at the keys of one indent; return the parts and the comments after the last."""
    found, above = list[Part](), list[str]()
    for line in lines:
        content, match = line.strip(), KEY.match(line)
        if match and len(match["indent"]) == indent:
            found.append(Part(match["name"], [line], above))
        elif not content or content.startswith("#") or not found:
            above.append(line)
            continue
        else:
            found[-1].lines += [*above, line]
        above = []
    return found, above


def join(parts: Iterable[Part], after: Iterable[str] = ()) -> str:
    """Return the text of parts, the inverse of `split`."""
    return "".join(line for part in parts for line in (*part.above, *part.lines)) + "".join(after)


def entries(section: Part) -> list[Part]:
    """Return the entries of a section, each with what lies below it."""
    first = next((match for line in section.lines[1:] if (match := KEY.match(line))), None)
    return split(section.lines[1:], len(first["indent"]))[0] if first else []


def with_entries(section: Part, found: list[Part]) -> Part:
    """Return the section with these entries; without any it is ``{}``."""
    head = EMPTY.sub(":", section.lines[0], count=1)
    if not found:
        head = head.replace(":", ": {}", 1)
    below = [line for entry in found for line in (*entry.above, *entry.lines)]
    return Part(section.name, [head, *below], section.above)


def with_list(entry: Part, values: Iterable[str]) -> Part:
    """Return ``name: [a, b]`` with other values, its comment kept."""
    listed = f": [{', '.join(values)}]"
    return Part(entry.name, [LIST.sub(listed, entry.lines[0], count=1)], entry.above)


def spaced(text: str) -> str:
    """Return the text with one blank line above and below each section of several lines."""
    parts, after = split(text.splitlines(keepends=True))
    for part in parts:
        part.lines = [line for line in part.lines if line.strip()]
    for before, part in itertools.pairwise(parts):
        comments = [line for line in part.above if line.strip()]
        apart = len(comments) < len(part.above) or len(before.lines) + len(part.lines) > 2
        part.above = ["\n", *comments] if apart else comments
    return join(parts, after)
