"""A params.yaml whose stages do what the user's do, a few times instead of many."""

import copy
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline_lib.params.section import NOTHING
from pipeline_lib.project.paths import DATA_SET, named_files
from pipeline_lib.project.selection import RUNS
from pipeline_lib.project.stages import ARTIFACTS, value

EPOCHS = 2  # of the probe: the second is what all others cost


def shrunk(document: dict[str, Any], root: Path) -> dict[str, Any]:
    """Return a document of few epochs and one seed, which reads the user's files where they lie.

    Published weights are left out: what they are does not change how long anything takes.
    """
    found = copy.deepcopy(document)
    for key, path in list(named_files(document)):
        if key != DATA_SET and path != NOTHING and not _is_artifact(path):
            *parents, last = key.split(".")
            value(found, ".".join(parents))[last] = os.path.abspath(root / path)
    for section in found.values():
        for group in _groups(section):
            _shrink(group)
    if "csnet" in found:
        found["csnet"]["folds"] = 0  # `epochs_of` counts them
    for name in found[RUNS]:
        found[name]["seeds"] = found[name]["seeds"][:1]
    return found


def epochs_of(document: dict[str, Any], stage: str, item: str) -> int:
    """Return how many epochs a stage trains; 1 where it trains nothing.

    Args:
        document: params.yaml.
        stage: without its item.
        item: the run of `train`, the target of others.
    """
    section = document.get(item if stage == "train" else stage, {})
    section = section.get(item, section) if stage == "baseline" else section
    recipes = [
        group["recipe"] for group in _groups(section) if isinstance(group.get("recipe"), dict)
    ]
    once = max((int(recipe["epochs"]) for recipe in recipes), default=1)
    crossed = stage == "csnet" or (stage == "regions" and of_pixels(document))
    # K networks of 1 - 1/K of the images and one of all take as long as K of all
    return once * max(1, document["csnet"]["folds"]) if crossed else once


def of_pixels(document: dict[str, Any]) -> bool:
    """Say whether `regions` encodes cut-outs of pictures, on all workers, and trains on them."""
    return bool(value(document, "regions.source.name") == "pixels")


def seeds_of(document: dict[str, Any], stage: str, item: str) -> int:
    """Return how many seeds a stage trains."""
    return len(document[item]["seeds"]) if stage == "train" else 1


def _shrink(group: dict[str, Any]) -> None:
    if group.get("pretrained") is True:
        group["pretrained"] = False
    recipe = group.get("recipe")
    if isinstance(recipe, dict) and "epochs" in recipe:
        recipe["epochs"] = EPOCHS
        schedule = recipe.get("schedule", {})
        if "warmup_epochs" in schedule:
            schedule["warmup_epochs"] = min(schedule["warmup_epochs"], EPOCHS - 1)


def _groups(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _groups(inner)


def _is_artifact(path: str) -> bool:
    return Path(os.path.normpath(path)).is_relative_to(ARTIFACTS)
