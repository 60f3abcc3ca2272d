"""Tell a params.yaml that an older version of this project wrote."""

from collections.abc import Mapping
from typing import Any

RECIPE = "recipe"


def older_place(document: Mapping[str, Any], where: str = "") -> str | None:
    """Name the first key of an older shape: one of a recipe that is no mapping by name yet."""
    for key, value in document.items():
        place = f"{where}.{key}" if where else str(key)
        if not isinstance(value, Mapping):
            continue
        if key == RECIPE and isinstance(value.get("optimizer"), str):
            return f"{place}.optimizer is {value['optimizer']!r}"
        if found := older_place(value, place):
            return found
    return None
