"""One spelling for names: of classes and tags, in folders, lists, columns and annotations."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable

# Beside white space: what editors and web pages leave at the ends of a line, and nobody sees.
UNSEEN = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060"


def strip(name: str) -> str:
    """Return a name without blanks at its ends, of the kinds that nobody sees too."""
    while (shorter := name.strip().strip(UNSEEN)) != name:
        name = shorter
    return name


def clean(name: str) -> str:
    """Return a label's name in NFC (Unicode Standard Annex 15), stripped.

    macOS writes file names in NFD: "café" in four letters and an accent is the same name. A path
    is not for this function, since other systems know a file under the very bytes of its name.
    """
    return strip(unicodedata.normalize("NFC", writable(name)))


def writable(text: str) -> str:
    """Return a text with half characters, which JSON may hold and no file may, spelt out."""
    return text.encode("utf-8", "backslashreplace").decode()


def twins(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the groups of different names that differ only in case, width or inner blanks.

    Such names are kept apart, since "Polish" and "polish" are two things; but somebody should look.
    """
    groups: dict[str, set[str]] = defaultdict(set)
    for name in names:
        groups["".join(unicodedata.normalize("NFKC", name).casefold().split())].add(name)
    return sorted(tuple(sorted(group)) for group in groups.values() if len(group) > 1)
