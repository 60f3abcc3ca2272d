"""Keys that came later, and the values under which all is as it was before there was a choice."""

from collections.abc import Callable, Mapping
from typing import Any

from pipeline_lib.project.migration.keys import Keys

Value = Any | Callable[[Any], Any]
"""As it was; or what the section says of it. None: the section does not read the key."""


def _kind(group: str, *names: str) -> Callable[[Any], Any]:
    """Return "none" where a group is of one of some kinds."""
    return lambda section: "none" if section[group].get("name") in names else None


def _paced(section: Any) -> Any:
    return None if section["curriculum"]["name"] == "none" else "none"


def _head(section: Any) -> Any:
    return {"head": "shared" if section["weights"]["positives"] > 0 else "own", "placebo": "none"}


def _distance(section: Any) -> Any:
    read = section["weights"]["nega"] > 0 or section["weights"]["inter"] > 0
    return {"normalise": not read, "theta": 1.0 if read else 0.5}


def _removal(section: Any) -> Any:
    return {"removal": "behind" if section["modules"]["causal"] else "paper", "strata": 0}


OF_METHODS: dict[str, dict[str, Value]] = {
    "base": {"auxiliary_tags": 0.0},
    "c2srt": {
        "isr.placebo": "none",
        "ist.nodes": "paper",
        "ist.residual": False,
        "ist.placebo": "none",
    },
    "sigrl": {
        "correlation.form": "paper",
        "correlation.neighbours": 0,
        "correlation.placebo": "none",
        "decoupling.attention": "paper",
        "decoupling.placebo": "none",
        "reconstruction.attention": "paper",
        "reconstruction.placebo": "none",
    },
    "csrms": {
        "lists": "encode",
        "positives": _head,
        "negatives": {"placebo": "none"},
        "smoothing.placebo": _kind("smoothing", "gcn", "gnn", "tail_gnn"),
        "alignment.placebo": "none",
        "distance": _distance,
        "curriculum.placebo": _paced,
        "curriculum.below": lambda s: 1.0e9 if s["curriculum"]["name"] == "converged" else None,
    },
    "vscnet": {
        "regions": {"boxes": "csnet", "nodes": "all"},
        "masks": _removal,
        "placebo": dict.fromkeys(("knowledge", "graph", "causal", "fusion"), "none"),
    },
    "dlsa": {
        "labels.output": "linear",
        "prior.placebo": "none",
        "decoupling.placebo": "none",
        "reasoning.scale": "root",
        "reasoning.placebo": "none",
    },
}
OF_SECTIONS: dict[str, dict[str, Value]] = {
    "clusters": {"space": "features"},
    "csnet": {"folds": 0},
    "regions": {"lattice": False, "source": {"name": "maps"}},
    "exemplars": {"temperature": "none"},
}


def add(section: Keys, added: Mapping[str, Value]) -> None:
    """Write the keys that a section lacks; none below a group that is off."""
    for key, known in added.items():
        *above, last = key.split(".")
        place = section.values
        for part in above:
            place = place.get(part) if isinstance(place, dict) else None
        if not isinstance(place, dict) or last in place:
            continue
        value = known(section.values) if callable(known) else known
        if value is not None:
            place[last] = dict(value) if isinstance(value, dict) else value
            section.notes.append(f"{section.where}.{key}: added, {value} as it was")
