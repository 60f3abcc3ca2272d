"""What a file of another version means: docs/artifacts.md has the rule."""

from collections.abc import Mapping
from typing import Any


def remedy(stage: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> str:
    """Return what to do about a file whose ``artifact`` or ``version`` is not the expected one.

    What an older version wrote is made anew; of a newer one, it is the reader that is old.
    """
    version = found.get("version")
    same = found.get("artifact") == expected["artifact"] and isinstance(version, int)
    if same and version > expected["version"]:
        return "a newer version wrote it: update this one, in a checkout with `git pull`"
    return f"re-run `dvc repro {stage}`"
