"""Lists of a large JSON object, read as streams, also where the file is not quite JSON."""

import codecs
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import ijson

from pipeline_lib.errors import InputError

# Python and JavaScript write what JSON has no word for (RFC 8259, section 6).
NO_NUMBER = re.compile(rb"([\[,:]\s*)(?:NaN|-?Infinity)(?=\s*[\],}])")
OPEN_END = re.compile(rb"[\s\[,:a-zA-Z-]")  # after which such a word may go on
# The one in C ends the process where a number has more digits than Python reads (ijson 3.6).
LENIENT = ijson.get_backend("python")
Found = TypeVar("Found")
Entries = Callable[[str], Iterator[Any]]
"""Given the name of a list, yields its entries; nothing where there is no such list."""


def read_entries(path: Path, collect: Callable[[Entries], Found], expected: str) -> Found:
    """Return what ``collect`` makes of the lists of one file; each list is a pass over the file.

    A byte order mark is skipped. A file with NaN, or with numbers beyond 64 bits, is read again by
    a slower way, with null in place of what is no number.

    Args:
        path: the file.
        collect: called with the lists; for a file that is not quite JSON, once more.
        expected: what the file should be, for the message.

    Raises:
        InputError: the file is no JSON, or is cut short.
    """
    try:
        return collect(lambda section: _entries(path, section, strict=True))
    except (ijson.JSONError, UnicodeDecodeError):  # the one in C raises either for odd bytes
        pass
    try:
        return collect(lambda section: _entries(path, section, strict=False))
    except InputError:
        raise
    except (ijson.JSONError, ValueError) as error:  # bytes that are no UTF-8
        raise InputError(
            f"{path}: not complete JSON ({_said(error)}); expected {expected}; unpack or download "
            "it again"
        ) from error


class _Numbers:
    """A file that says null for what is no number."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        while chunk and size and OPEN_END.match(chunk[-1:]) and (more := self._file.read(1)):
            chunk += more  # so that no such word is cut in two
        return NO_NUMBER.sub(rb"\1null", chunk)


def _entries(path: Path, section: str, *, strict: bool) -> Iterator[Any]:
    with path.open("rb") as file:
        if file.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
            file.seek(0)
        if strict:
            yield from ijson.items(file, f"{section}.item", use_float=True)
        else:
            yield from LENIENT.items(_Numbers(file), f"{section}.item")


def _said(error: Exception) -> str:
    """Return the parser's words without the drawing below them."""
    text = error.args[0] if error.args else error
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    short = " ".join(words.split())
    return short if len(short) <= 120 else f"{short[:60]} … {short[-60:]}"
