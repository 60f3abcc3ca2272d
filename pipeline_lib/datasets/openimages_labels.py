"""The lists of labels of Open Images: what each is called, which are trainable, which are unseen.

Read as they are published: a byte order mark, CR LF, quoted names that hold commas. 107 names of
the trainable labels belong to several of them ("Bun", "Kite"): of equal names only the first
stands alone, the others carry their machine name, "Bun (/m/…)".

``top_400_unseen.csv`` holds no labels but numbers: places in LESA's ``unseen_labels.pkl``, the
2,594 labels outside the trainable ones that it tests on, which has to lie beside it. A text file
``unseen_labels.txt`` with a machine name a line serves as well, and so do machine names in place
of the numbers.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from pipeline_lib.datasets.names import clean
from pipeline_lib.datasets.pickles import read_strings
from pipeline_lib.datasets.text_lists import read_lines, read_text
from pipeline_lib.errors import InputError

DESCRIPTIONS = "class-descriptions.csv"
TRAINABLE = "classes-trainable.txt"
UNSEEN = "top_400_unseen.csv"
HEADER = ["LabelName", "DisplayName"]  # of the descriptions since version 6
NUMBERED = ("unseen_labels.txt", "unseen_labels.pkl")


@dataclass(frozen=True)
class Labels:
    """The vocabulary; the first ``seen`` labels are the trainable ones."""

    machine: tuple[str, ...]  # e.g. /m/0bt9lr
    names: tuple[str, ...]  # e.g. Dog; all different
    seen: int


def read_labels(descriptions: Path, trainable: Path, *, unseen: bool) -> Labels:
    """Read the vocabulary from its lists; that of the unseen labels lies beside the trainable ones.

    Raises:
        InputError: a list is missing, is empty or contradicts another.
    """
    described = dict(_described(descriptions))
    seen = read_lines(trainable)
    if not seen:
        raise InputError(
            f"{trainable}: is empty, expected a label (/m/0bt9lr) a line; download the list again"
        )
    chosen = [*seen, *(_unseen(trainable.parent / UNSEEN) if unseen else [])]
    unknown = next((label for label in chosen if label not in described), None)
    if unknown is not None:
        raise InputError(
            f"{descriptions}: has no line for the label '{unknown}', expected one for every label "
            f"of {TRAINABLE} and {UNSEEN}; take all lists from one release"
        )
    if len(set(chosen)) < len(chosen):
        twice = next(label for label in chosen if chosen.count(label) > 1)
        raise InputError(
            f"{trainable}, {UNSEEN}: label '{twice}' is listed twice, expected no unseen label "
            "among the trainable ones; take the lists from one release, or set "
            "dataset.openimages.unseen to none (LESA's labels are those of version 4)"
        )
    return Labels(tuple(chosen), tuple(_distinct(chosen, described)), len(seen))


def _distinct(labels: list[str], described: dict[str, str]) -> Iterator[str]:
    taken: set[str] = set()
    for label in labels:
        name = described[label]
        yield f"{name} ({label})" if name in taken else name
        taken.add(name)


def _described(path: Path) -> Iterator[tuple[str, str]]:
    rows = csv.reader(StringIO(read_text(path), newline=""))
    try:
        for cells in filter(None, rows):
            if len(cells) != 2 or not cells[1].strip():
                raise InputError(
                    f"{path}: line {rows.line_num}, {cells}, is no pair of label and name; "
                    "expected '/m/0bt9lr,Dog'; download the list again"
                )
            if cells != HEADER:
                yield cells[0].strip(), clean(cells[1])
    except csv.Error as error:
        raise InputError(
            f"{path}: line {rows.line_num}: {error}, expected '/m/0bt9lr,Dog'; download the list "
            "again"
        ) from error


def _unseen(path: Path) -> list[str]:
    """Return the machine names that the list means."""
    lines = read_lines(path)
    if not lines or not all(line.isdecimal() for line in lines):
        return lines
    numbers, known = [int(line) for line in lines], _numbered(path)
    if max(numbers) >= len(known):
        raise InputError(
            f"{path}: number {max(numbers)} is beyond the {len(known)} labels that it counts, "
            f"expected LESA's {NUMBERED[1]} beside it; take both from one release"
        )
    return [known[number] for number in numbers]


def _numbered(path: Path) -> list[str]:
    lines, pickled = (path.parent / name for name in NUMBERED)
    if lines.is_file():
        return read_lines(lines)
    if pickled.is_file():
        return read_strings(pickled)
    raise InputError(
        f"{path}: holds numbers, which count the labels of LESA's {NUMBERED[1]}, and neither it "
        f"nor {NUMBERED[0]} lies beside it; put it there, or write the 400 labels (/m/…) into "
        f"{UNSEEN}, or set dataset.openimages.unseen to none"
    )
