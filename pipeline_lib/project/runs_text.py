"""The runs of params.yaml as lines: those that are on, those that are off, and their order."""

from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML

from pipeline_lib.errors import InputError
from pipeline_lib.project.params_text import Part, entries, join, split, with_entries, with_list
from pipeline_lib.project.selection import DISABLED, RUNS

AFTER = "after"
COMMENT = "# Runs that are switched off; `protoweave methods --enable NAME` brings one back.\n"


class RunsText:
    """params.yaml as parts, and its runs in their order, those that are switched off among them."""

    def __init__(self, text: str, off: dict[str, str]) -> None:
        self.parts, self.end = split(text.splitlines(keepends=True))
        if self.parts and not self.parts[-1].lines[-1].endswith("\n"):
            self.parts[-1].lines[-1] += "\n"
        self.off = off  # name to the run before it
        self.on = [run.name for run in entries(self.part(RUNS))]
        self.runs = {run.name: run for run in entries(self.part(RUNS))}
        if DISABLED in self:
            self.runs |= {run.name: _without_place(run) for run in entries(self.part(DISABLED))}
        self.order = in_order(self.on, off)

    def __contains__(self, name: str) -> bool:
        return any(part.name == name for part in self.parts)

    def part(self, name: str) -> Part:
        """Return a section."""
        return next(part for part in self.parts if part.name == name)

    def replace(self, part: Part) -> None:
        """Put a section in the place of the one of its name."""
        self.parts = [part if old.name == part.name else old for old in self.parts]

    def add(self, name: str, run: dict[str, Any], section: list[str] | None) -> None:
        """Put a new run behind the others, and its section at the end if it is given."""
        below = [f"    {key}: {_scalar(value)}\n" for key, value in run.items()]
        self.runs[name] = Part(name, [f"  {name}:\n", *below])
        self.order.append(name)
        self.on.append(name)
        if section is not None:
            self.parts.append(Part(name, section, ["\n"]))

    def switch_off(self, name: str) -> None:
        """Let a run be off."""
        self.on = [other for other in self.on if other != name]

    def share(self, expected: dict[str, list[str]]) -> None:
        """Write the targets of each shared stage.

        Raises:
            InputError: they are not written as a list in each line.
        """
        self.replace(_with_shared(self.part("shared"), expected))

    def written(self) -> str:
        """Return the text with its runs where they belong."""
        on = [self.runs[name] for name in self.order if name in self.on]
        off = [
            _with_place(self.runs[name], before)
            for before, name in zip(["", *self.order], self.order, strict=False)
            if name not in self.on
        ]
        self.replace(with_entries(self.part(RUNS), on))
        if off and DISABLED not in self:
            place = [part.name for part in self.parts].index(RUNS) + 1
            self.parts.insert(place, Part(DISABLED, [f"{DISABLED}:\n"], ["\n", COMMENT]))
        if DISABLED in self:
            self.replace(with_entries(self.part(DISABLED), off))
            if not off and self.part(DISABLED).above == ["\n", COMMENT]:
                self.parts.remove(self.part(DISABLED))
        return join(self.parts, self.end)


def in_order(on: Sequence[str], off: dict[str, str]) -> list[str]:
    """Return all runs in the order they had when all were on.

    Args:
        on: the runs that are on, in their order.
        off: the runs that are off, each with the name of the run before it, or "".
    """
    order, waiting = list(on), dict(off)
    while waiting:
        placed = [name for name, before in waiting.items() if before in ("", *order)]
        for name in reversed(placed):  # of two at one place the first comes first
            before = waiting.pop(name)
            order.insert(order.index(before) + 1 if before else 0, name)
        if not placed:  # what they stood behind is gone
            order += waiting
            break
    return order


def _with_shared(shared: Part, expected: dict[str, list[str]]) -> Part:
    """Return the section `shared` as the runs need it."""
    listed = {e.name: with_list(e, expected.get(e.name, ())) for e in entries(shared)}
    for stage, targets in expected.items():
        listed.setdefault(stage, with_list(Part(stage, [f"  {stage}: []\n"]), targets))
    found = with_entries(shared, list(listed.values()))
    if YAML(typ="safe").load(join([found]))["shared"] != expected:
        raise InputError(
            "params.yaml: shared is not written as a list in each line, expected e.g. "
            "`  maps: [tags]`; rewrite it, or let `protoweave use PRESET` write the file"
        )
    return found


def _with_place(run: Part, before: str) -> Part:
    """Return a run with the key `after`."""
    last = max(i for i, line in enumerate(run.lines) if line.strip() and line.lstrip()[0] != "#")
    place = before if before else f'"{before}"'
    if last == 0 or run.lines[last].rstrip().endswith("}"):
        head, brace, tail = run.lines[last].rpartition("}")
        line = f"{head}, {AFTER}: {place}{brace}{tail}"
        return Part(run.name, [*run.lines[:last], line, *run.lines[last + 1 :]], run.above)
    indent = " " * (len(run.lines[1]) - len(run.lines[1].lstrip()))
    line = f"{indent}{AFTER}: {place}\n"
    return Part(run.name, [*run.lines[: last + 1], line, *run.lines[last + 1 :]], run.above)


def _without_place(run: Part) -> Part:
    """Return a run without the key `after`, the inverse of `_with_place`."""
    kept = list[str]()
    for line in run.lines:
        if line.lstrip().startswith(f"{AFTER}:"):
            continue
        head, key, tail = line.rpartition(f", {AFTER}: ")
        kept.append(head + "}" + tail.rpartition("}")[2] if key and "}" in tail else line)
    return Part(run.name, kept, run.above)


def _scalar(value: str | list[str]) -> str:
    if isinstance(value, list):
        return f"[{', '.join(value)}]"
    return value if value else '""'
