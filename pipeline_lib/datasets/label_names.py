"""Names for the labels of a column: its strings, or names for its integers."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any

from pipeline_lib.datasets.names import clean
from pipeline_lib.datasets.separators import Separator

Raw = int | str
ONE = Separator("")  # a text is one label


@dataclass(frozen=True)
class Naming:
    """What the labels of one column of one file are called."""

    names: Mapping[Raw, str]
    vectors: bool = False  # a cell is a vector with a 1 at the place of every label
    separator: Separator = ONE  # of the labels of a text

    def __call__(self, value: Any) -> tuple[str, ...]:
        """Return the names of one cell, which holds nothing, one label or a list of them."""
        labels = places_of(value) if self.vectors else apart(labels_of(value), self.separator)
        return tuple(dict.fromkeys(self.names[label] for label in labels))

    def name_of(self, value: Any) -> str | None:
        """Return the name of a single label; None where the value is no label."""
        return next((self.names.get(label) for label in labels_of(value)), None)


def labels_of(value: Any) -> list[Raw]:
    """Return the labels of one cell, strings in their one spelling (``names.clean``).

    Nulls, NaN, blank strings and negative integers are no labels.

    Raises:
        ValueError: a number is not whole; the text says which.
    """
    cells = value if isinstance(value, list) else [value]
    labels = (_label(cell) for cell in cells)
    return [label for label in labels if label is not None]


def apart(labels: Iterable[Raw], separator: Separator) -> list[Raw]:
    """Return the labels that texts hold."""
    found: list[Raw] = []
    for label in labels:
        found += separator.labels(label) if isinstance(label, str) else [label]
    return found


def _label(cell: Any) -> Raw | None:
    if isinstance(cell, str):
        return clean(cell) or None
    if cell is None or cell < 0 or (isinstance(cell, float) and isnan(cell)):
        return None
    if isinstance(cell, float) and not cell.is_integer():
        raise ValueError(f"{cell}")
    return int(cell)


def places_of(value: list[Raw | None] | None) -> list[int]:
    """Return the places of the ones in a vector; other values say that there is no label."""
    return [place for place, cell in enumerate(value or ()) if cell in (1, "1")]


def vocabulary(namings: Iterable[Naming]) -> tuple[str, ...]:
    """Return the names of several files, each once.

    They are in the order of their integers; where files number a name differently, its smallest
    integer counts. Names of strings follow in alphabetical order.
    """
    least: dict[str, tuple[bool, int]] = {}
    for naming in namings:
        for label, name in naming.names.items():
            place = (True, 0) if isinstance(label, str) else (False, label)
            least[name] = min(least.get(name, place), place)
    return tuple(sorted(least, key=lambda name: (least[name], name)))


def numbered(labels: Iterable[int], *, stem: str, width: int) -> dict[Raw, str]:
    """Name integers that nothing names ``stem_007``, with as many digits as the largest needs."""
    present = sorted(set(labels))
    width = max(width, len(str(max(present, default=0))))
    return {label: f"{stem}_{label:0{width}d}" for label in present}


def doubled(names: Iterable[str]) -> list[str]:
    """Return the names that occur more than once, sorted."""
    return sorted(name for name, count in Counter(names).items() if count > 1)


def some(names: Iterable[str]) -> str:
    """Return the first names for a message, and whether there are more."""
    listed = list(names)
    return ", ".join(listed[:5]) + (", …" if len(listed) > 5 else "")
