"""Tell a params.yaml that an older version of this project wrote."""

from collections.abc import Mapping
from typing import Any

RECIPE, SHARED = "recipe", "shared"
NEWER = "quality"  # the shared stage that came last
# Sections, and the key of theirs that came last and that dvc.yaml reads.
PATHS = {"vlp": "sentences", "dataset": "captions"}


def older_place(document: Mapping[str, Any], where: str = "") -> str | None:
    """Name the first key of an older shape.

    It is of a recipe that is no mapping by name yet, or a stage that dvc.yaml cannot do without.
    """
    for key, value in document.items():
        place = f"{where}.{key}" if where else str(key)
        if not isinstance(value, Mapping):
            continue
        if key == RECIPE and isinstance(value.get("optimizer"), str):
            return f"{place}.optimizer is {value['optimizer']!r}"
        if found := older_place(value, place):
            return found
    stages = document.get(SHARED)
    if isinstance(stages, Mapping) and stages and NEWER not in stages:
        return f"{SHARED}.{NEWER} is missing"
    for section, key in PATHS.items():
        if isinstance(document.get(section), Mapping) and key not in document[section]:
            return f"{section}.{key} is missing"
    return None
