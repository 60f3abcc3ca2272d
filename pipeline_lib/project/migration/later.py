"""Keys of methods that came after a params.yaml was written, at what was done before them."""

from collections.abc import Mapping
from typing import Any

from pipeline_lib.project.migration.keys import Keys

LATER: Mapping[str, Mapping[str, Any]] = {
    "dlsa": {
        "labels.output": "linear",
        "prior.placebo": "none",
        "decoupling.placebo": "none",
        "reasoning.scale": "root",
        "reasoning.placebo": "none",
    },
}
"""By method and dotted key. A group that is off gets none of its keys."""


def add_later(section: Keys, method: str) -> None:
    """Add to a run's section the keys of its method that it lacks."""
    for place, value in LATER.get(method, {}).items():
        *above, key = place.split(".")
        inner: Keys | None = section
        for name in above:
            inner = inner.inside(name) if inner is not None and name in inner else None
        if inner is not None and isinstance(inner.values, dict) and key not in inner:
            inner.put(key, value)
            inner.notes.append(f"{inner.where}.{key}: {value}, as it was before there was a choice")
