"""One way to read a text file of a data set: whatever its byte order mark and its line ends."""

import codecs
import re
from collections import Counter
from pathlib import Path

from pipeline_lib.datasets.names import clean, strip
from pipeline_lib.errors import InputError

# A mark at the head says which encoding a file has; the longer ones begin with the shorter ones.
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
LINE_END = re.compile(r"\r\n|\r|\n")  # str.splitlines would cut names at U+0085 and U+2028 too


def read_lines(path: Path, *, named: str = "") -> list[str]:
    """Return the lines that are not blank, stripped; blanks inside a line stay.

    Lines may be paths, which stay in their Unicode form; ``clean`` brings names of labels to one.

    Args:
        path: a list with one entry a line.
        named: the key of params.yaml that the file comes from, for the message.

    Raises:
        InputError: the file is missing or is no text in UTF-8, with the line where that shows.
    """
    lines = (strip(line) for line in LINE_END.split(read_text(path, named=named)))
    return [line for line in lines if line]


def read_names(path: Path, *, named: str = "") -> tuple[str, ...]:
    """Return the names of labels, one a line.

    Raises:
        InputError: as for ``read_lines``; or there is no name, or one stands there twice.
    """
    names = tuple(clean(line) for line in read_lines(path, named=named))
    if not names:
        raise InputError(f"{path}: is empty, expected a name a line; extract it again")
    if len(set(names)) < len(names):
        twice = next(name for name, count in Counter(names).items() if count > 1)
        raise InputError(
            f"{path}: names '{twice}' twice, expected different names; extract it again"
        )
    return names


def read_text(path: Path, *, named: str = "") -> str:
    """Return a text in UTF-8, or in UTF-16 or UTF-32 where a byte order mark says so.

    Raises:
        InputError: as for ``read_lines``.
    """
    where = f"{path} ({named})" if named else str(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(
            f"{where}: missing, expected a text file in UTF-8; put it there or extract it again"
        ) from error
    except OSError as error:
        raise InputError(
            f"{where}: cannot be read ({error.strerror}), expected a text file in UTF-8; look at "
            "its kind and at its permissions"
        ) from error
    encoding = next((name for mark, name in MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _no_text(where, content, error.start, encoding) from error
    if "\0" in text:  # UTF-16 without its mark, or no text at all
        raise _no_text(where, content, content.index(b"\0"), encoding)
    return text


def _no_text(where: str, content: bytes, place: int, encoding: str) -> InputError:
    line = len(LINE_END.findall(content[:place].decode("latin-1"))) + 1
    at = f"line {line}: " if encoding.startswith("utf-8") else ""
    return InputError(
        f"{where}: {at}byte 0x{content[place]:02x} is no text in {encoding.upper()}, expected "
        "UTF-8; save the file again as UTF-8, or `iconv -f LATIN1 -t UTF-8` it"
    )
