"""Section ``methods``: what its runs are compared with."""

from collections.abc import Mapping
from typing import Any

from pipeline_lib.errors import InputError
from pipeline_lib.params.nearest import nearest

REFERENCE = "reference"


def references(name: str, run: Mapping[str, Any]) -> list[str]:
    """Return the runs that a run is compared with, the first one first.

    ``reference: base``; ``reference: [base, base_images]`` where budgets can be equal in two ways,
    in epochs and in encoded images; or ``reference: ""`` for none, as where the key is missing.

    Raises:
        InputError: it is no name or list of distinct names, or names the run itself.
    """
    said = run.get(REFERENCE, "")
    found = [said] if isinstance(said, str) and said else said or []
    words = isinstance(found, list) and all(isinstance(one, str) and one for one in found)
    if not words or len(set(found)) < len(found) or name in found:
        raise InputError(
            f"params.yaml: methods.{name}.{REFERENCE} is {said!r}, expected another run, a list of "
            'other runs, or "" for no comparison'
        )
    return found


def reference_faults(document: Mapping[str, Any]) -> list[str]:
    """Say which references of params.yaml are no runs, or predict something else.

    A run that is not enabled may be named, as long as its section is there; nothing is compared
    with it until it is enabled.
    """
    runs = document["methods"]
    off = document.get("disabled") or {}
    repeated = {k for k, v in document.items() if isinstance(v, Mapping) and "seeds" in v}
    known: dict[str, Any] = {name: {} for name in repeated} | off | runs
    found = []
    for name, run in runs.items():
        try:
            named = references(name, run)
        except InputError as error:
            found.append(str(error))
            continue
        found += [fault for one in named if (fault := _fault(name, one, known))]
    return found


def _fault(name: str, one: str, known: Mapping[str, Any]) -> str:
    where = f"params.yaml: methods.{name}.{REFERENCE} is '{one}', "
    if one not in known:
        return f'{where}expected another run or "" for no comparison{nearest(one, known)}'
    ours, theirs = (_target(known[run]) for run in (name, one))
    if known[one] and ours != theirs:
        return f"{where}which predicts {theirs}, expected a run that predicts {ours}"
    return ""


def _target(run: Mapping[str, Any]) -> str:
    target: str = run.get("target", "classes")
    return target
