"""Keep compiled code between processes, and never code that is out of date.

numba stores what ``cache=True`` compiled beside the source, and compiles it anew when that one file
changes, but not when a file does from which it calls. So only functions that Python calls are
stored; each is made by a function that closes over ``STAMP``, because what a function closes over
is part of its key in the store.
"""

import hashlib
from pathlib import Path


def _stamp() -> int:
    """Return a number, above 0, that changes with every change of this package's source."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return 1 + int.from_bytes(digest.digest()[:6], "big")


STAMP = _stamp()
