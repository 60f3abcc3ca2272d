"""Names that were misspelt."""

import difflib
from typing import Any

LISTED = 60  # known names in a message, at most


def nearest(name: Any, known: Any) -> str:
    """Return '; did you mean …?' for a misspelt name, or a list of what there is.

    YAML makes numbers and truth values of some names.
    """
    names = sorted(str(k) for k in known)
    close = difflib.get_close_matches(str(name), names, n=1)
    if close:
        return f"; did you mean '{close[0]}'?"
    others = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return f"; known: {', '.join(names[:LISTED])}{others}"
