"""Give a run of params.yaml its placebos: a run for each control of its method."""

from collections.abc import Iterator
from copy import deepcopy
from io import StringIO
from pathlib import Path
from typing import Any

from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.errors import InputError
from pipeline_lib.methods.registry import METHODS, Control, control_of
from pipeline_lib.params.nearest import nearest
from pipeline_lib.params.runs import REFERENCE, references
from pipeline_lib.params.section import checked
from pipeline_lib.project.params_text import commented, spaced
from pipeline_lib.project.references import compare_by_default
from pipeline_lib.project.selection import RUNS
from pipeline_lib.project.stages import value
from pipeline_lib.settings.markers import NONE
from pipeline_lib.steps.train.loading import load_settings


def add_controls(params: Path, run: str) -> tuple[list[str], list[str]]:
    """Write a control of each module that is on in a run, and compare the run with them first.

    Returns:
        The names of the runs that were added, those that are there already stay as they are; and
        a line for each control that the run's other settings leave no place for.

    Raises:
        InputError: there is no such run, it is a control itself, or none of its modules has one.
    """
    yaml = commented()
    document = yaml.load(params.read_text(encoding="utf-8"))
    _refuse(document, run, params)
    entry, section = document[RUNS][run], document[run]
    added, notes = list[str](), list[str]()
    for control in _controls(entry["method"], section):
        name = f"{run}_{control.name}"
        if name in document[RUNS]:
            continue
        own = _replaced(section, control)
        if refused := _refusal(entry["method"], own):
            notes.append(f"{name} is left out: {refused}")
            continue
        document[RUNS][name] = deepcopy(entry)
        document[RUNS][name][REFERENCE] = ""
        document[name] = own
        added.append(name)
    entry[REFERENCE] = [*added, *references(run, entry)]
    compare_by_default(document, [run])
    written = StringIO()
    yaml.dump(document, written)
    write_bytes(params, spaced(written.getvalue()).encode())
    return added, notes


def _refusal(method: str, section: Any) -> str:
    """Return why a section is no good, "" where it is."""
    try:
        checked(load_settings(method), section)
    except ValueError as error:
        return str(error)
    return ""


def _refuse(document: Any, run: str, params: Path) -> None:
    runs = document[RUNS]
    if run not in runs:
        raise InputError(f"{params}: no run '{run}'{nearest(run, runs)}")
    method, section = runs[run]["method"], document[run]
    if control_of(method, section) is not None:
        raise InputError(f"{params}: '{run}' is a control itself; name the run whose it is")
    if not any(_controls(method, section)):
        known = sorted({control.module for control in METHODS[method].controls})
        said = f"those of {', '.join(known)} are off" if known else "the method states none"
        raise InputError(
            f"{params}: no module of '{run}' has a control: {said}; the registry of methods "
            "(pipeline_lib/methods/registry.py) names them"
        )


def _controls(method: str, section: Any) -> Iterator[Control]:
    """Yield the controls of the modules that are on."""
    for control in METHODS[method].controls:
        found = value(section, control.module)
        named = found.get("name", True) if isinstance(found, dict) else found
        if named not in (NONE, None, False, 0):
            yield control


def _replaced(section: Any, control: Control) -> Any:
    """Return a copy of a section with the settings of a control."""
    found = deepcopy(section)
    for key, own in control.settings.items():
        above, _, last = key.rpartition(".")
        place = value(found, above) if above else found
        place[last] = own
    return found
