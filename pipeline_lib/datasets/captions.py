"""What people wrote of an image: one sentence or several, in one spelling."""

import ast
import json
from collections.abc import Iterable

from pipeline_lib.datasets.names import clean

LIST = "[", "]"


def captions_of(cell: str | Iterable[str | None] | None) -> tuple[str, ...] | None:
    """Return the captions of a text or a list of texts, cleaned; None where there is none."""
    texts = [cell] if isinstance(cell, str) else cell or ()
    cleaned = (clean(text) for text in texts if text is not None)
    return tuple(text for text in cleaned if text) or None


def captions_in(cell: str) -> tuple[str, ...] | None:
    """Return the captions of a table's cell: a text, or a list of them as JSON or Python write it.

    What stands in brackets and is no such list is a text.
    """
    return captions_of(_listed(cell) or cell)


def _listed(cell: str) -> list[str | None] | None:
    if not (cell.startswith(LIST[0]) and cell.endswith(LIST[1])):
        return None
    for read in (json.loads, ast.literal_eval):
        try:
            found = read(cell)
        except (ValueError, SyntaxError):
            continue
        if isinstance(found, list) and all(text is None or isinstance(text, str) for text in found):
            return found
    return None
