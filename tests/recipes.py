"""Recipes of tests: one to start from, and short words for what is changed of it."""

from collections.abc import Mapping
from typing import Any

SGD: dict[str, Any] = {"name": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 0.0}
ADAMW: dict[str, Any] = {"name": "adamw", "lr": 0.01, "weight_decay": 0.0}
CONSTANT: dict[str, Any] = {"name": "step", "factor": 1.0, "every": 1}
COSINE: dict[str, Any] = {"name": "cosine", "warmup_epochs": 0, "min_lr": 0.0}
ONE_CYCLE: dict[str, Any] = {"name": "one_cycle", "rise": 0.3}
PLAIN: dict[str, Any] = {  # of what reads no images
    "epochs": 1,
    "batch_size": 6,
    "optimizer": SGD,
    "schedule": CONSTANT,
    "precision": "no",
}
RECIPE: dict[str, Any] = PLAIN | {"augment": "none"}
OF_OPTIMIZER = ("lr", "momentum", "weight_decay")
OF_SCHEDULE = ("factor", "every", "warmup_epochs", "min_lr", "rise")


def recipe_with(recipe: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Change a recipe; the keys of its optimiser and its schedule may stand beside the others.

    ``optimizer`` and ``schedule`` may be a name alone: what it shares with the one before it keeps.
    """
    out = dict(recipe)
    for key in ("optimizer", "schedule"):
        if key in changes:
            out[key] = _named(out.get(key, {}), changes[key])
    for key, value in changes.items():
        if key in OF_OPTIMIZER:
            out["optimizer"] = out.get("optimizer", {}) | {key: value}
        elif key in OF_SCHEDULE:
            out["schedule"] = out.get("schedule", {}) | {key: value}
        elif key not in ("optimizer", "schedule"):
            out[key] = value
    return out


def _named(before: Mapping[str, Any], wanted: Any) -> dict[str, Any]:
    if isinstance(wanted, Mapping):
        same = wanted.get("name", before.get("name")) == before.get("name")
        return {**before, **wanted} if same else dict(wanted)
    known = (SGD, ADAMW, CONSTANT, COSINE, ONE_CYCLE)
    usual = next(one for one in known if one["name"] == wanted)
    return usual | {k: v for k, v in before.items() if k in usual and k != "name"}
