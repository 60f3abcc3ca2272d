"""Is a params.yaml sound as a whole? Every section by itself, and what they say of each other."""

from pathlib import Path
from typing import Any

from pipeline_lib.errors import InputError
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.params.nearest import nearest
from pipeline_lib.params.section import of, read_yaml, refuse_older
from pipeline_lib.project.crossing import crossing_faults
from pipeline_lib.project.sections import SECTIONS, models_of
from pipeline_lib.project.selection import ALSO, DISABLED, RUNS, faults

NOT_SECTIONS = (RUNS, DISABLED, "shared", ALSO)


def check_parameters(path: Path) -> list[str]:
    """Return every fault of params.yaml, of all sections at once."""
    return check_document(read_yaml(path), path)


def check_document(document: dict[str, Any], path: Path) -> list[str]:
    """Return every fault of what ``path`` holds or is to hold."""
    refuse_older(document, path)
    found = faults(document, path)
    for name in [*SECTIONS, *(name for name in document if name not in SECTIONS)]:
        try:
            _check_section(name, document, path)
        except InputError as error:
            found += str(error).splitlines()
    return found or crossing_faults(document, path)


def _check_section(name: str, document: dict[str, Any], path: Path) -> None:
    """Read a section by its stage's model, by its run's method, or by the method it is of."""
    models = models_of(name, document)
    for model in models:
        of(model, document, name, path)
    if models or name in NOT_SECTIONS or _may_be_a_run(name, document):
        return
    known = [*SECTIONS, *NOT_SECTIONS, *METHODS]
    raise InputError(f"{path}: section '{name}' is unknown{nearest(name, known)}")


def _may_be_a_run(name: str, document: dict[str, Any]) -> bool:
    """Say whether a run has that name; `faults` says whether its method is known."""
    sections = [document.get(section, {}) for section in (RUNS, DISABLED)]
    return any(not isinstance(runs, dict) or name in runs for runs in sections)
