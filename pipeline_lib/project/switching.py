"""Switch runs of params.yaml off and on; every byte that does not say so stays as it is.

A run that is switched off moves, as it stands, from `methods:` to `disabled:`, with one key more,
`after`, for its place. Its section stays. Switched on again it comes back to that place.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.errors import InputError
from pipeline_lib.params.nearest import nearest
from pipeline_lib.params.runs import REFERENCE, references
from pipeline_lib.params.section import read_yaml
from pipeline_lib.project.found_runs import find_run
from pipeline_lib.project.references import compare_by_default
from pipeline_lib.project.runs_text import AFTER, RunsText
from pipeline_lib.project.selection import DISABLED, RUNS, disabled, needed, section_of


@dataclass(frozen=True)
class Switched:
    """A params.yaml whose runs were switched."""

    text: str
    on: list[str]  # names of the runs that are on
    notes: list[str]  # a line for each section that was written


def select(
    params: Path,
    *,
    enable: Iterable[str] = (),
    disable: Iterable[str] = (),
    presets: Path | None = None,
) -> tuple[list[str], list[str]]:
    """Switch runs off, then on, in place, and let `shared` follow from what they read.

    Args:
        params: the params.yaml to edit.
        enable: RUN, which was switched off, is a run of a preset, or is a method; or RUN=METHOD or
            RUN=METHOD@TARGET.
        disable: names of runs.
        presets: where runs that are not in the file are looked for.

    Returns:
        The names of the runs that are on, and a line for each section that was written.

    Raises:
        InputError: an unknown method, a run or a section that is nowhere, or a file whose runs do
            not lie one below the other.
    """
    before = params.read_bytes().decode("utf-8") if params.exists() else ""
    document = read_yaml(params)
    done = switched(before, document, params, enable=enable, disable=disable, presets=presets)
    if done.text != before:
        write_bytes(params, done.text.encode())
    return done.on, done.notes


def switched(
    before: str,
    document: dict[str, Any],
    params: Path,
    *,
    enable: Iterable[str] = (),
    disable: Iterable[str] = (),
    presets: Path | None = None,
) -> Switched:
    """Return what `select` makes of a text, and of the same as a document; nothing is written.

    Raises:
        InputError: as `select`, with the name of ``params``.
    """
    for section in (RUNS, "shared"):
        section_of(document, section, params)
    off = disabled(document, params)
    text = RunsText(before, {name: str((run or {}).get(AFTER, "")) for name, run in off.items()})
    known = {**document[RUNS], **off}
    if text.runs.keys() != known.keys():
        raise InputError(
            f"{params}: {RUNS} or {DISABLED} is written in one line, expected each run in lines of "
            "its own; rewrite it, or let `protoweave use PRESET` write the file"
        )
    for name in disable:
        if name not in known:
            raise InputError(f"{params}: no run '{name}'{nearest(name, known)}")
        text.switch_off(name)
    notes = [n for wanted in enable for n in _enable(wanted, text, known, document, presets)]
    on = [name for name in text.order if name in text.on]
    text.share(needed(document | {RUNS: {name: known[name] for name in on}}))
    return Switched(text.written(), on, notes)


def _enable(
    wanted: str,
    text: RunsText,
    known: dict[str, Any],
    document: dict[str, Any],
    presets: Path | None,
) -> Iterable[str]:
    """Switch one run on; return what was written besides."""
    name, _, of = wanted.partition("=")
    if name not in known:
        found = find_run(name, of, document, text.parts, presets)
        known[name] = _compared(name, found.run, known, document)
        text.add(name, known[name], found.section)
        return found.notes
    run = known[name] or {}
    method, _, target = of.partition("@")
    if method not in ("", run.get("method")) or target not in ("", run.get("target")):
        raise InputError(
            f"'{wanted}': run '{name}' is there and is of {run.get('method')}, for "
            f"{run.get('target')}; enable it by its name alone, or choose another name"
        )
    if name not in text.on:
        text.on.append(name)
    return ()


def _compared(
    name: str, run: dict[str, Any], known: dict[str, Any], document: dict[str, Any]
) -> dict[str, Any]:
    """Return a new run with what it is compared with here: none that this file does not have."""
    said = {name: run}
    if REFERENCE in run:
        there = [other for other in references(name, run) if other in {**document, **known}]
        said = {name: run | {REFERENCE: there}}
    like = document.get(run["method"], {})
    compare_by_default({name: like, **document, RUNS: {**known, **said}}, [name])
    return said[name]
