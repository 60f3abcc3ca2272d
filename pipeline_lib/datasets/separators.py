"""What separates the labels of a cell, told from the column as a whole.

A ``;`` or a ``|`` anywhere separates. A comma does where its pieces recur in other cells, as tags
do ("cat,dog", "cat") and the parts of a name do not ("tench, Tinca tinca"). A blank does where
every word also stands alone, or words are few against cells ("hot dog" beside "dog" is a name).
Cells that are all lists, as pandas, JSON or NumPy print them, are read as lists.
"""

import ast
import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from pipeline_lib.datasets.names import clean
from pipeline_lib.errors import InputError

USUAL = ";"
LISTS = "[]"  # in place of a separator
LIST = re.compile(r"[\[({].*[\])}]", re.DOTALL)
OBJECT = re.compile(r"""\{\s*(['"])[^'"]*\1\s*:""")
MARKS = re.compile(r"[\s,;|'\"\[\](){}]+")  # of a list, however it is written
BIT = re.compile(r"0(?:\.0*)?|-?1(?:\.0*)?")
QUOTED = re.compile(r"""(['"])(.*?)\1""")
UNSEPARATED = re.compile(r"""['"]\s+['"]""")  # NumPy: ['cat' 'dog'], one string for Python


@dataclass(frozen=True)
class Separator:
    """How the labels of a column are told apart."""

    text: str  # "" where a cell is one label
    doubt: str = ""  # a character that may separate too
    example: str = ""  # a cell that holds it

    def labels(self, cell: str) -> tuple[str, ...]:
        """Return the labels of a cell, cleaned, each once."""
        if self.text == LISTS:
            pieces = _list(cell)
        else:
            pieces = cell.split(self.text) if self.text else [cell]
        names = (clean(piece) for piece in pieces)
        return tuple(dict.fromkeys(name for name in names if name))

    def remark(self, column: str) -> str | None:
        """Say what is not as documented, if anything."""
        if self.doubt:
            return (
                f"{column}: cells such as '{self.example}' are one label each; if '{self.doubt}' "
                f"separates several, set dataset.columns.separator to '{self.doubt}'"
            )
        if self.text in ("", USUAL):
            return None
        read = "read as lists" if self.text == LISTS else f"separated at '{self.text}'"
        return f"{column}: labels are {read}; dataset.columns.separator would say otherwise"


def find_separator(cells: Iterable[str], wanted: str, *, words: bool, where: str) -> Separator:
    """Return the separator of a column.

    Args:
        cells: the column.
        wanted: ``dataset.columns.separator``: "auto", or what separates.
        words: whether a blank may separate, as it does tags and not classes.
        where: the column, for the message.

    Raises:
        InputError: some cells are lists and some are not, or what they hold names no labels.
    """
    distinct = {cell for cell in cells if cell}
    _refuse_objects(distinct, where)
    _refuse_vectors(distinct, where)
    return _found(distinct, words, where) if wanted == "auto" else Separator(wanted)


def _found(distinct: Collection[str], words: bool, where: str) -> Separator:
    lists = [cell for cell in distinct if LIST.fullmatch(cell)]
    if lists and len(lists) == len(distinct):
        return Separator(LISTS)
    if lists:
        other = min(set(distinct) - set(lists))
        raise InputError(
            f"{where}: holds lists such as '{min(lists)}' and others such as '{other}', expected "
            "one form; write all cells alike, labels separated by ';', or set "
            "dataset.columns.separator to what separates them"
        )
    plain = next((mark for mark in ";|" if any(mark in cell for cell in distinct)), None)
    return Separator(plain) if plain else _told(distinct, words=words)


def _refuse_objects(cells: Collection[str], where: str) -> None:
    """Refuse cells that are objects of JSON or of Python, whose keys would pass for labels."""
    found = sorted(cell for cell in cells if LIST.fullmatch(cell) and OBJECT.search(cell))
    if found:
        raise InputError(
            f"{where}: holds objects such as '{found[0][:60]}', expected labels; write their names "
            "into a column of their own, boxes as COCO's JSON or in Parquet, or set the column's "
            "key in dataset.columns to ''"
        )


def _refuse_vectors(cells: Collection[str], where: str) -> None:
    """Refuse vectors of 0 and 1: what their places are called, nobody says."""
    vectors = [[piece for piece in MARKS.split(cell) if piece] for cell in cells]
    lengths = set(map(len, vectors))
    if (
        len(lengths) == 1
        and lengths != {1}
        and all(BIT.fullmatch(piece) for vector in vectors for piece in vector)
    ):
        raise InputError(
            f"{where}: holds vectors of {lengths.pop()} numbers 0 and 1 such as '{min(cells)}', "
            "which name no labels; write the names of the labels, separated by ';'"
        )


def _told(cells: Collection[str], *, words: bool) -> Separator:
    """Tell by what the pieces of the cells are."""
    commas, held = _pieces(cells, ",")
    recurring = sum(held[piece] > 1 for piece in commas)
    if commas and 2 * recurring >= len(commas):
        return Separator(",")
    if recurring:
        return Separator("", ",", min(cell for cell in cells if "," in cell))
    blanks, held = _pieces(cells, " ")
    if not words or not blanks or commas:
        return Separator("")
    if blanks <= set(cells) or 2 * len(held) <= len(cells):
        return Separator(" ")
    doubtful = any(held[word] > 1 for word in blanks)
    example = min(cell for cell in cells if " " in cell)
    return Separator("", " ", example) if doubtful else Separator("")


def _pieces(cells: Collection[str], mark: str) -> tuple[set[str], Counter[str]]:
    """Return the pieces of the cells that hold a mark, and in how many cells each piece is."""
    split = [{piece.strip() for piece in cell.split(mark)} - {""} for cell in cells]
    several = set().union(*(pieces for pieces in split if len(pieces) > 1))
    return several, Counter(piece for pieces in split for piece in pieces)


def _list(cell: str) -> list[str]:
    if not cell:
        return []
    if not UNSEPARATED.search(cell):
        try:
            found = ast.literal_eval(cell)
        except (ValueError, SyntaxError):
            found = None  # names without quotes, null of JSON
        if isinstance(found, list | tuple | set):
            return [str(name) for name in found if name is not None]
    quoted = [name for _, name in QUOTED.findall(cell)]
    return quoted or cell[1:-1].split(",")
