"""How presets lie upon one another: whose changes come first, and what copies another section."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline_lib.errors import InputError
from pipeline_lib.params.nearest import nearest
from pipeline_lib.params.section import read_yaml

DEFAULT = "scenes"
LIKE = "like"


def changes_of(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """Yield what a preset changes in the default: first the changes of those that it is like."""
    yield from _by_name(folder, name, ()).values()


def _by_name(folder: Path, name: str, passed: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return what presets change that lie under one, but for the default: each once, it last."""
    if name == DEFAULT:
        return {}
    path = folder / f"{name}.yaml"
    changed = read_yaml(path)
    like = changed.pop(LIKE, DEFAULT)
    known = [preset.stem for preset in folder.glob("*.yaml")]
    passed = (*passed, name)
    found: dict[str, dict[str, Any]] = {}
    for model in [like] if isinstance(like, str) else like:
        if model not in known:
            raise InputError(f"{path}: like: no preset '{model}'{nearest(model, known)}")
        if model in passed:
            raise InputError(
                f"{path}: like: presets are like each other in a circle "
                f"({' > '.join((*passed, model))}), expected one that starts from {DEFAULT}; "
                f"delete one `like:` of them"
            )
        found |= _by_name(folder, model, passed)  # who is there already keeps its place
    return {**found, name: changed}


def put_off(
    changed: dict[str, Any], copies: dict[str, dict[str, Any]], document: Any
) -> dict[str, Any]:
    """Keep the sections that are copies of others for when all is known of these; return the rest.

    So a preset that changes `csrms` changes the rows of a table that are like it.
    """
    rest = {}
    for name, section in changed.items():
        if isinstance(section, dict) and LIKE in section:
            copies[name] = section
            document.setdefault(name, {})
        elif name in copies and isinstance(section, dict):
            merge(copies[name], section)
        else:
            copies.pop(name, None)
            rest[name] = section
    return rest


def copy_sections(document: Any, copies: dict[str, dict[str, Any]]) -> None:
    """Make the copies, those first that others are like."""
    while copies:
        free = [name for name, section in copies.items() if section[LIKE] not in copies]
        if not free:
            raise InputError(
                f"sections are like each other in a circle ({', '.join(sorted(copies))}), "
                "expected one that is no copy; delete one `like:` of them"
            )
        for name in free:
            merge(document, {name: copies.pop(name)})


def copy_models(document: Any) -> None:
    """Replace sections of the default that are ``{like: OTHER, …}`` by what they stand for."""
    for name, section in document.items():
        if isinstance(section, dict) and LIKE in section:
            merge(document, {name: dict(section)})


def merge(into: Any, changes: dict[str, Any]) -> None:
    """Put ``changes`` into a commented document; null removes a key.

    ``{like: OTHER, …}`` starts from a copy of the key beside it that is called OTHER.
    """
    for key, value in changes.items():
        if value is None:
            into.pop(key, None)
        elif isinstance(value, dict) and LIKE in value:
            into[key] = copy.deepcopy(_model(into, value[LIKE]))
            merge(into[key], {k: v for k, v in value.items() if k != LIKE})
        elif isinstance(value, dict) and _continues(into.get(key), value):
            merge(into[key], value)
        else:
            into[key] = value


def _continues(before: Any, value: dict[str, Any]) -> bool:
    """Say whether changes are of what is there: a group of another name takes its place."""
    return isinstance(before, dict) and value.get("name", before.get("name")) == before.get("name")


def _model(beside: Any, name: str) -> Any:
    if name not in beside:
        raise InputError(f"like: {name}: there is no such section{nearest(name, beside)}")
    return beside[name]
