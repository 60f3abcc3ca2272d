"""Where a run that params.yaml does not hold comes from: a preset, or the catalogue of methods."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pipeline_lib.errors import InputError
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.params.nearest import nearest
from pipeline_lib.params.section import read_yaml
from pipeline_lib.project.layers import DEFAULT
from pipeline_lib.project.params_text import Part, split
from pipeline_lib.project.presets import available, text_of
from pipeline_lib.project.selection import RUNS, new_run


@dataclass(frozen=True)
class Found:
    """A run, and its section where params.yaml has none."""

    run: dict[str, str]
    section: list[str] | None = None  # lines
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Shipped:
    """A run as a preset has it."""

    preset: str
    run: dict[str, str]
    section: list[str]


def find_run(
    name: str, of: str, document: dict[str, Any], parts: Iterable[Part], presets: Path | None
) -> Found:
    """Return what `methods:` and the section of a new run hold.

    A run of a preset is as there, first as in the default; one of a method starts from a copy of
    the method's section.

    Args:
        name: of the run.
        of: METHOD, METHOD@TARGET, or "" for what a preset says or the method called ``name``.
        document: params.yaml.
        parts: the same as lines.
        presets: the folder of presets, if there is one.

    Raises:
        InputError: there is no such run or method, or no section to start from.
    """
    method, _, target = of.partition("@")
    shipped = _shipped(name, method, presets)
    chosen = new_run(of) if of else None
    if shipped and not target:
        chosen = shipped.run
    elif chosen is None:
        chosen = _of_its_name(name, presets)
    if name in document:
        return Found(chosen)
    if shipped:
        return Found(chosen, shipped.section, (f"section '{name}:' is that of {shipped.preset}",))
    return Found(chosen, *_copied(name, chosen["method"], parts, presets))


def _of_its_name(name: str, presets: Path | None) -> dict[str, str]:
    if name not in METHODS:
        known = {*METHODS, *(_runs_of(DEFAULT, presets) if presets else ())}
        raise InputError(
            f"unknown method '{name}'{nearest(name, known)}; {name}=METHOD makes a run of that name"
        )
    return new_run(name)


def _shipped(name: str, method: str, presets: Path | None) -> _Shipped | None:
    """Return the run as the default has it, or else as the presets that have it agree on."""
    names = [preset.name for preset in available(presets)] if presets else []
    having = [preset for preset in names if name in _runs_of(preset, presets)]
    if DEFAULT in having or name in METHODS:
        having = [preset for preset in having if preset == DEFAULT]
    found = [shipped for preset in having for shipped in _read(name, preset, presets)]
    found = [shipped for shipped in found if method in ("", shipped.run["method"])]
    if any((s.run, s.section) != (found[0].run, found[0].section) for s in found):
        if method:  # a new run of that method then
            return None
        raise InputError(
            f"run '{name}' differs between the presets {', '.join(s.preset for s in found)}; copy "
            f"its section into params.yaml, or let {name}=METHOD start from that of the method"
        )
    return found[0] if found else None


def _read(name: str, preset: str, presets: Path | None) -> Iterator[_Shipped]:
    assert presets is not None  # it was looked into
    text = text_of(presets, preset, {}, all_on=True)
    sections = {part.name: part.lines for part in split(text.splitlines(keepends=True))[0]}
    run = YAML(typ="safe").load(text)[RUNS][name]
    if name in sections:
        yield _Shipped(str(presets / f"{preset}.yaml"), run, sections[name])


def _runs_of(preset: str, presets: Path | None) -> list[str]:
    assert presets is not None
    path = presets / f"{preset}.yaml"
    runs = read_yaml(path).get(RUNS) if path.exists() else None
    return list(runs) if isinstance(runs, dict) else []


def _copied(
    name: str, method: str, parts: Iterable[Part], presets: Path | None
) -> tuple[list[str], tuple[str, ...]]:
    """Return the method's own section under another name, from params.yaml or the default."""
    texts = {"params.yaml": list(parts)}
    if presets and (presets / f"{DEFAULT}.yaml").exists():
        lines = text_of(presets, DEFAULT, {}, whole=True).splitlines(keepends=True)
        texts[str(presets / f"{DEFAULT}.yaml")] = split(lines)[0]
    for place, found in texts.items():
        for part in found:
            if part.name == method:
                head, *below = part.lines
                note = f"section '{name}:' is a copy of '{method}:' in {place}"
                return [head.replace(method, name, 1), *below], (note,)
    raise InputError(
        f"params.yaml: run '{name}' needs a section '{name}:', which is missing; write it there, "
        f"or into presets/{DEFAULT}.yaml"
    )
