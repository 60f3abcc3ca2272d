"""All labels of a column, file by file, and their names: one name is one label in all files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline_lib.datasets.label_names import (
    ONE,
    Naming,
    Raw,
    apart,
    labels_of,
    numbered,
    places_of,
    some,
)
from pipeline_lib.datasets.separators import Separator, find_separator
from pipeline_lib.errors import InputError

# -1: absent, as in CelebA's lists, or not known; a program that knows only texts quotes them.
BITS = {None, -1, 0, 1, "-1", "0", "1"}


@dataclass
class Survey:
    """The labels of one column of one file."""

    path: Path
    column: str
    known: Mapping[Raw, str] = field(
        default_factory=dict
    )  # names of integers, as the file has them
    labels: set[Raw] = field(default_factory=set)  # that occur
    values: set[Any] = field(default_factory=set)  # that occur in lists, no labels too
    lengths: set[int] = field(default_factory=set)  # of lists
    repeats: bool = False  # a list holds a label twice, or what is none
    places: set[int] = field(default_factory=set)  # of the ones, read as a vector
    single: bool = False  # a cell is no list
    separator: Separator = ONE  # of the labels of a text

    def add(self, cell: Any) -> None:
        """Take in one cell.

        Raises:
            InputError: a number in it is not whole.
        """
        try:
            labels = labels_of(cell)
        except ValueError as error:
            raise InputError(
                f"{self.path}: column '{self.column}' holds {error}, expected labels as strings or "
                "whole numbers; name another column in dataset.columns, or '' for none"
            ) from error
        self.labels.update(labels)
        if isinstance(cell, list):
            self.values.update(cell)
            self.lengths.add(len(cell))
            self.repeats |= len(set(labels)) < len(cell)
            self.places.update(places_of(cell))
        else:
            self.single |= cell is not None

    def whole(self) -> list[int]:
        """Return the labels that are integers."""
        return [label for label in self.labels if isinstance(label, int)]


def are_vectors(surveys: Sequence[Survey]) -> bool:
    """Tell vectors of 0 and 1 from lists of labels.

    All are of one length, and some hold a value twice, which labels need not do.
    Two different values may be either; they are labels where these have names or some image none.
    """
    values = set().union(*(survey.values for survey in surveys))
    lengths = set().union(*(survey.lengths for survey in surveys))
    if not values or values - BITS or any(survey.single for survey in surveys):
        return False
    repeats = any(survey.repeats for survey in surveys)
    named = any(survey.known for survey in surveys)
    return len(lengths - {0}) == 1 and (repeats or (lengths == {2} and not named))


def separate(surveys: Sequence[Survey], wanted: str, *, words: bool) -> bool:
    """Tell the labels of texts apart, and return whether there are any; in lists each is one.

    Args:
        surveys: one for each file.
        wanted: ``dataset.columns.separator``.
        words: whether a blank may separate, as it does tags and not classes.

    Raises:
        InputError: some texts are lists, as another program printed them, and some are not.
    """
    texts = [survey for survey in surveys if not survey.lengths]
    cells = {label for survey in texts for label in survey.labels if isinstance(label, str)}
    if not cells:
        return False
    where = f"{surveys[0].path.parent}: column '{surveys[0].column}'"
    separator = find_separator(cells, wanted, words=words, where=where)
    for survey in texts:
        survey.separator = separator
        survey.labels = set(apart(survey.labels, separator))
    return True


def name_files(
    surveys: Sequence[Survey],
    *,
    vectors: bool,
    others: Iterable[Survey] = (),
    stem: str,
    width: int,
) -> list[Naming]:
    """Name the labels of each file: by themselves, by its own names, or as ``stem_007``.

    Args:
        surveys: one for each file.
        vectors: the cells are vectors of 0 and 1.
        others: of a column with the same labels.
        stem: first part of the name of an integer where no file has names.
        width: least number of its digits.

    Raises:
        InputError: a file has fewer names than labels, or none where another has some.
    """
    every = [*surveys, *others]
    named = next((s for s in every if s.known or len(s.whole()) < len(s.labels)), None)
    if vectors:
        return [_by_place(survey) for survey in surveys]
    if named is None:
        names = numbered((label for s in every for label in s.whole()), stem=stem, width=width)
        return [Naming({label: names[label] for label in sorted(s.labels)}) for s in surveys]
    return [Naming(_own_names(s, named), separator=s.separator) for s in surveys]


def _by_place(survey: Survey) -> Naming:
    length = max(survey.lengths, default=0)
    if length and length != len(survey.known):
        raise InputError(
            f"{survey.path}: column '{survey.column}' holds vectors of {length} numbers 0 and 1, "
            f"and the file has {len(survey.known)} names for them, expected one for each place; "
            "write lists of the labels' names into it, or ClassLabel names as Hugging Face does"
        )
    return Naming({place: survey.known[place] for place in sorted(survey.places)}, vectors=True)


def _own_names(survey: Survey, named: Survey) -> dict[Raw, str]:
    """Return the names of a file's labels, which have to be in the file itself."""
    missing = sorted(label for label in survey.whole() if label not in survey.known)
    if missing and survey.known:
        raise InputError(
            f"{survey.path}: column '{survey.column}' holds label {missing[0]}, and the file has "
            f"{len(survey.known)} names ({some(survey.known.values())}), expected one for each "
            "label; mend the labels or the names"
        )
    if missing:
        raise InputError(
            f"{survey.path}: column '{survey.column}' holds integers without names, while "
            f"{named.path} has names in '{named.column}'; expected names in each file, since each "
            "may number them differently; write them into this file too, or name a column of "
            "names in dataset.columns"
        )
    return {
        label: survey.known[label] if isinstance(label, int) else label
        for label in sorted(survey.labels, key=lambda label: (isinstance(label, str), label))
    }
