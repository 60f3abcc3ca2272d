"""Ready parameters: `presets/scenes.yaml` is complete, every other preset says what it changes.

`like: NAME` at its top lets a preset change another one rather than the default, `like: [A, B]`
what A changes and then what B does: the rows of a table on other data.
A preset that has `methods:` names all of its runs there: METHOD or METHOD@TARGET for a run to be
spelt out, {} for one that is as in the default, {method: METHOD, reference: RUN} to say as well
what it is compared with. Left unsaid, it is the runs of plainer methods on the same backbone.
`disabled: [RUN]` switches some of them off.
"""

import copy
from collections.abc import Container, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.errors import InputError
from pipeline_lib.fingerprint import digest
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.params.nearest import nearest
from pipeline_lib.params.section import UNREADABLE
from pipeline_lib.project.backbone_choice import Choice
from pipeline_lib.project.document import check_document
from pipeline_lib.project.inherited import leave_out_unfit
from pipeline_lib.project.layers import (
    DEFAULT,
    changes_of,
    copy_models,
    copy_sections,
    merge,
    put_off,
)
from pipeline_lib.project.params_text import commented, spaced
from pipeline_lib.project.paths import missing_files, outside_files
from pipeline_lib.project.references import compare_by_default
from pipeline_lib.project.runs_text import RunsText
from pipeline_lib.project.sections import SECTIONS
from pipeline_lib.project.selection import DISABLED, RUNS, needed, new_run


@dataclass(frozen=True)
class Preset:
    """One file of presets/."""

    name: str
    summary: str  # its first comment line, without "name: "


def available(folder: Path) -> list[Preset]:
    """Return all presets, the default first."""
    paths = sorted(folder.glob("*.yaml"), key=lambda p: (p.stem != DEFAULT, p.stem))
    return [Preset(p.stem, _first_comment(p).removeprefix(f"{p.stem}: ")) for p in paths]


def text_of(
    folder: Path,
    name: str,
    changes: dict[str, Any],
    choice: Choice | None = None,
    *,
    whole: bool = False,
    all_on: bool = False,
) -> str:
    """Return the complete params.yaml of a preset, with further ``changes`` by dotted key.

    Sections that neither a run nor a stage of it reads are left out, unless the ``whole`` is asked.
    ``all_on`` leaves the runs on that the preset switches off.

    Raises:
        InputError: there is no such preset, or a key that the default does not have.
    """
    known = [preset.name for preset in available(folder)]
    if name not in known:
        raise InputError(f"no preset '{name}' in {folder}{nearest(name, known)}")
    yaml = commented(width=104)  # what is 100 wide in a preset stays in one line
    document = yaml.load(folder / f"{DEFAULT}.yaml")
    default = copy.deepcopy(document)
    copy_models(document)
    known_runs = {*METHODS, *document.get(RUNS, {})}
    off: list[str] = []
    copies: dict[str, dict[str, Any]] = {}
    for changed in changes_of(folder, name):
        off = changed.pop(DISABLED, off)
        known_runs |= (changed.get(RUNS) or {}).keys()
        _keep_runs(document, changed.get(RUNS))
        merge(document, put_off(changed, copies, document))
        for run, said in document.get(RUNS, {}).items():
            if isinstance(said, str):
                document[RUNS][run] = {"method": said}
    copy_sections(document, copies)
    _spell_out(document.get(RUNS, {}))
    compare_by_default(document, document.get(RUNS, {}))
    (choice or Choice()).apply(document, name)
    if RUNS in document and not whole:
        _drop_unread(document, known_runs)
    leave_out_unfit(document, default, changes)
    for key, value in changes.items():
        _set(document, key, value)
    text = StringIO()
    yaml.dump(document, text)
    first = {preset: _first_comment(folder / f"{preset}.yaml") for preset in (DEFAULT, name)}
    written = text.getvalue().replace(f"# {first[DEFAULT]}", f"# {first[name]}", 1)
    written = spaced(written)
    return (
        _in_line(written, document, [] if all_on else off)
        if {RUNS, "shared"} <= document.keys()
        else written
    )


def _in_line(text: str, document: Any, off: list[str]) -> str:
    """Switch runs off, and let the shared stages be those that the others need."""
    runs = RunsText(text, {})
    for name in off:
        runs.switch_off(name)
    on = {name: run for name, run in document[RUNS].items() if name not in off}
    runs.share(needed({**document, RUNS: on}))
    return runs.written()


def checked(text: str, path: Path) -> str:
    """Return the text if it is a sound params.yaml.

    Raises:
        InputError: every fault of it.
    """
    found = check_document(YAML(typ="safe").load(text), path)
    if found:
        raise InputError("\n".join([*found, f"nothing was written to {path}"]))
    return text


def path_of(folder: Path, name: str) -> str:
    """Return the ``dataset.path`` of a preset."""
    path: str = YAML(typ="safe").load(text_of(folder, name, {}))["dataset"]["path"]
    return path


def remarks(text: str, root: Path) -> Iterator[str]:
    """Say which files of the user's own that params.yaml names are missing, or lie outside."""
    document = YAML(typ="safe").load(text)
    for missing in missing_files(document, root):
        yield f"{missing} is not there yet; put it there before `dvc repro`"
    yield from outside_files(document, root)


def replace_params(path: Path, text: str, keep: Path) -> Path | None:
    """Write params.yaml; what it held before is kept below ``keep``, and its path returned."""
    old = path.read_text(encoding="utf-8") if path.exists() else text
    kept = None
    if old != text:
        kept = keep / f"params-{digest(old)}.yaml"
        write_bytes(kept, old.encode())
    write_bytes(path, text.encode())
    return kept


def parse_change(text: str) -> tuple[str, Any]:
    """Split ``dataset.path=data/raw/mine`` into key and YAML value.

    Raises:
        InputError: there is no "=", or the value is no YAML.
    """
    key, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"'{text}': expected KEY=VALUE, e.g. dataset.path=data/raw/mine")
    try:
        found = YAML(typ="safe").load(value)
    except UNREADABLE as error:
        raise InputError(f"'{text}': {value} is not valid YAML; quote it") from error
    return key, home(found) if isinstance(found, str) else found


def home(path: str) -> str:
    """Return a path with ``~`` spelt out, since DVC does not do it."""
    return str(Path(path).expanduser()) if path.startswith("~") else path


def _keep_runs(document: Any, named: dict[str, Any] | None) -> None:
    """Drop the default's runs that a preset does not name, and the sections that only they have.

    A preset without ``methods`` has the default's runs.
    """
    if named is None:
        return
    for name in [name for name in document.get("methods", {}) if name not in named]:
        del document["methods"][name]


def _drop_unread(document: Any, known: Container[str]) -> None:
    """Drop the sections of methods and of the default's runs that no run is called."""
    for name in [name for name in document if name in known and name not in SECTIONS]:
        if name not in document[RUNS]:
            del document[name]


def _spell_out(runs: Any) -> None:
    """Replace METHOD or METHOD@TARGET, or a run that says no more, by all that is said of a run."""
    for name, run in runs.items():
        if "method" not in run:
            raise InputError(
                f"{RUNS}.{name}: found no method, and no run '{name}' in the preset that this one "
                f"is like; expected METHOD, or {{method: METHOD, …}}"
            )
        elif "target" not in run:
            runs[name] = new_run(run["method"]) | {k: v for k, v in run.items() if k != "method"}


def _set(document: Any, key: str, value: Any) -> None:
    *parents, last = key.split(".")
    for place in parents:
        if not isinstance(document.get(place), dict):
            raise InputError(f"'{key}': no section '{place}'{nearest(place, document)}")
        document = document[place]
    if last not in document:
        raise InputError(f"'{key}': no key '{last}'{nearest(last, document)}")
    document[last] = value


def _first_comment(path: Path) -> str:
    return next(_comments(path), "")


def _comments(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            yield line.lstrip("# ").strip()
