"""The sections `methods` and `shared` of params.yaml: which runs there are and what they need."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pipeline_lib.errors import InputError
from pipeline_lib.methods.registry import METHODS, Method
from pipeline_lib.params.section import NOTHING, nearest

IMAGES = "data/artifacts/ingest/images.safetensors"
SHARED = ("baseline", "features", "clusters", "relations")


def select(params: Path, *, enable: Iterable[str] = (), disable: Iterable[str] = ()) -> list[str]:
    """Add and remove runs in place, keep the rest of the file, and return the runs that remain.

    A new run is named after its method and needs a section of that name, which the presets hold.

    Raises:
        InputError: an unknown method, or a run that is not there, or a missing section.
    """
    yaml = YAML()
    yaml.width = 100
    yaml.preserve_quotes = True
    document = yaml.load(params)
    for name in disable:
        if name not in document["methods"]:
            raise InputError(f"{params}: no run '{name}'{nearest(name, document['methods'])}")
        del document["methods"][name]
    for name in enable:
        method = _known(name)
        if name not in document:
            raise InputError(
                f"{params}: method '{name}' needs a section '{name}:', which is missing; copy it "
                "from a file in presets/"
            )
        document["methods"][name] = entry(method)
    document["shared"] = needed(document["methods"])
    with params.open("w", encoding="utf-8") as file:
        yaml.dump(document, file)
    return list(document["methods"])


def entry(method: Method) -> dict[str, str]:
    """Return what `methods:` says of a run of ``method``."""
    return {
        "method": method.name,
        "input": IMAGES,
        "knowledge": method.knowledge,
        "weights": NOTHING,
    }


def needed(runs: dict[str, Any]) -> dict[str, list[str]]:
    """Return the targets for which each shared stage has to run."""
    targets: dict[str, set[str]] = {stage: set() for stage in SHARED}
    for run in runs.values():
        method = _known(run["method"])
        for stage in method.shared:
            targets[stage].add(method.target)
    return {stage: sorted(found) for stage, found in targets.items()}


def faults(document: dict[str, Any]) -> list[str]:
    """Say where `shared` disagrees with `methods`, or a run lacks its section."""
    expected = needed(document["methods"])
    stale = [stage for stage in expected if document["shared"].get(stage) != expected[stage]]
    missing = [name for name in document["methods"] if name not in document]
    return [
        f"shared.{stage} is {document['shared'].get(stage)}, expected {expected[stage]} for the "
        "enabled methods; `protoweave methods --sync` mends it"
        for stage in stale
    ] + [f"methods.{name}: section '{name}:' is missing" for name in missing]


def _known(name: str) -> Method:
    if name not in METHODS:
        raise InputError(f"unknown method '{name}'{nearest(name, METHODS)}")
    return METHODS[name]
