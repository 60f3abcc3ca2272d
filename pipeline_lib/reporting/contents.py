"""The list of contents: sections of the page, and the headings inside each."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from markupsafe import Markup

HEADING = re.compile(r'<h3 id="([^"]+)">(.*?)</h3>', re.DOTALL)
ASIDE = re.compile(r"<small>.*?</small>", re.DOTALL)  # numbers beside a heading


@dataclass(frozen=True)
class Entry:
    """A place of the page."""

    anchor: str
    title: Markup
    run: str = ""  # that it is of
    entries: list["Entry"] = field(default_factory=list)  # inside it


def headings(shown: str) -> list[Entry]:
    """Return the headings of a section as it is shown, those that have an anchor."""
    return [
        Entry(anchor, Markup(ASIDE.sub("", title).strip()))
        for anchor, title in HEADING.findall(shown)
        if title  # a script fills empty ones
    ]


def listed(sections: Iterable[tuple[str, str, str, str]]) -> list[Entry]:
    """Return the entries of sections, each given as its anchor, title, run and HTML."""
    return [
        Entry(anchor, Markup.escape(title), run, headings(shown))
        for anchor, title, run, shown in sections
    ]
