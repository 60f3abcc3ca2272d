"""The shared stages, and what of each other they read: the edges of dvc.yaml between them.

A test compares them with dvc.yaml, which owns them.
"""

import os
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from pipeline_lib.errors import InputError
from pipeline_lib.params.nearest import nearest
from pipeline_lib.targets import TARGETS

INPUTS: dict[str, tuple[str, ...]] = {
    # {item} is the stage's own target, {a.b} a parameter that holds a path
    "baseline": ("{baseline.weights}",),
    "maps": ("{maps.weights}",),
    "csnet": ("data/artifacts/maps/tags",),
    "regions": ("data/artifacts/maps/tags", "data/artifacts/csnet/{item}"),
    "exemplars": ("data/artifacts/regions/{item}",),
    "features": ("{features.weights}",),
    "clusters": ("data/artifacts/features/{item}", "{features.weights}"),
    "relations": ("data/artifacts/features/{item}", "data/artifacts/clusters/{item}"),
    "vlp": ("{vlp.checkpoint}", "{vlp.sentences}", "{vlp.vectors}"),
    "text": ("{text.path}",),
    "category_graph": (
        "data/artifacts/text/{item}/embeddings.safetensors",
        "{category_graph.paths.wordnet}",
        "{category_graph.paths.file}",
        "{category_graph.paths.answers}",
    ),
    "quality": ("{quality.vectors}", "{quality.graph}"),
}
FOLLOWING = {"quality": "quality.vectors"}
"""Stages that run wherever what they read is made anyway, and the parameter that names it."""
SHARED = tuple(INPUTS)  # in the order in which they run
ARTIFACTS = PurePosixPath("data/artifacts")
TRAIN = "train"
OTHERS = ("ingest", TRAIN, "evaluate", "report")  # stages that always run, or once a run
TOWERS = "towers"  # the one thing that stage `vlp` makes
IMAGES = "images"  # what stage `quality` looks at, with classes and tags
ITEMS = {  # of stages that make the same whatever the target: the one place where it is looked for
    "vlp": (TOWERS,),
    "quality": (IMAGES,),
    "maps": ("tags",),  # of one backbone, for all methods
    "features": ("classes",),
    "clusters": ("classes",),
    "relations": ("classes",),  # of CSRMS, which predicts classes
}


def made_by(path: str, where: str) -> tuple[str, str] | None:
    """Return the stage that makes a path and the item it makes it for; None for other files.

    Args:
        path: as it stands in params.yaml.
        where: the key that holds it, for messages.

    Raises:
        InputError: it lies among the artifacts, and no stage makes it.
    """
    parts = PurePosixPath(os.path.normpath(path)).parts
    if parts[:2] != ARTIFACTS.parts:
        return None
    stage, item = (*parts[2:4], "", "")[:2]
    if stage in OTHERS:
        return stage, item
    if stage not in SHARED:
        raise InputError(
            f"params.yaml: {where} is '{path}', which no stage makes{nearest(stage, SHARED)}"
        )
    if item not in items(stage):
        raise InputError(
            f"params.yaml: {where} is '{path}', expected {ARTIFACTS}/{stage}/"
            f"{' or '.join(items(stage))}{nearest(item, items(stage))}"
        )
    return stage, item


def items(stage: str) -> tuple[str, ...]:
    """Return what a shared stage can be run for."""
    return ITEMS.get(stage, TARGETS)


def read_by(stage: str, item: str, document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the paths that a shared stage reads, and the parameter that names each (or "")."""
    for text in INPUTS[stage]:
        key = text.strip("{}") if text.startswith("{") else ""
        path = value(document, key) if key else text.format(item=item)
        if isinstance(path, str):
            yield path, key


def value(document: Any, key: str) -> Any:
    """Return the value of a dotted key, or None where it is not there."""
    for part in key.split("."):
        document = document.get(part) if isinstance(document, dict) else None
    return document
