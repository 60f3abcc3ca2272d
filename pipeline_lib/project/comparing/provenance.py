"""What two runs were made of that is not the same: settings, inputs, code, how they were judged.

It is read from the headers of their scores and from dvc.lock, each of its own revision. Of an input
whose content differs, what made it is followed to where the two begin to differ.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from pipeline_lib.params.section import NOTHING
from pipeline_lib.project.code import listed, of_code
from pipeline_lib.project.comparing.named_run import NamedRun
from pipeline_lib.project.comparing.revision import Revision
from pipeline_lib.project.plan import flat

TOLD = ("method", "settings", "backbone", "seeds")  # by the header of scores
NAMED = 4  # modules that are named of many
Stage = Mapping[str, Any]
"""What dvc.lock says of a stage."""
Both = tuple[Stage, Stage]


@dataclass(frozen=True)
class Difference:
    """One thing that differs."""

    kind: str  # "setting", "input", "code", "judging", or "made by" a stage
    what: str  # in words: "recipe.epochs: 4 | 6", "input of csrms alone: …"


def differences(ours: NamedRun, theirs: NamedRun) -> list[Difference]:
    """Return what differs between two runs; nothing where all that was recorded is the same."""
    names = (ours.outcome.name, theirs.outcome.name)
    look = _Look(names, (ours.revision, theirs.revision), set())
    train, judged = (
        (ours.recorded(stage), theirs.recorded(stage)) for stage in ("train", "evaluate")
    )
    return [
        *look.values("setting", _header(ours), _header(theirs)),
        *look.inputs(train),
        *look.code("code", train),
        *look.values("judging", *map(_params, judged)),
        *look.code("judging", judged),
    ]


def unrecorded(run: NamedRun) -> bool:
    """Say whether dvc.lock says nothing of a run, so that inputs and code cannot be compared."""
    return not run.recorded("train")


@dataclass(frozen=True)
class _Look:
    """Two runs that are looked at."""

    names: tuple[str, str]
    revisions: tuple[Revision, Revision]
    seen: set[str]  # inputs that were followed

    def values(self, kind: str, ours: Stage, theirs: Stage) -> Iterator[Difference]:
        """Yield the keys whose values differ, those of one alone in one line."""
        for key in ours:
            if key in theirs and ours[key] != theirs[key]:
                yield Difference(kind, f"{_short(key)}: {ours[key]} | {theirs[key]}")
        yield from self._alone(
            kind,
            [f"{_short(key)} {value}" for key, value in ours.items() if key not in theirs],
            [f"{_short(key)} {value}" for key, value in theirs.items() if key not in ours],
        )

    def inputs(self, stages: Both) -> Iterator[Difference]:
        """Yield the inputs of two stages that differ, each with what made it so."""
        ours, theirs = map(_deps, stages)
        for path in ours:
            if path in theirs and ours[path] != theirs[path] and path not in self.seen:
                self.seen.add(path)
                yield Difference("input", f"{path}: of other content")
                yield from self._causes(path)
        yield from self._alone(
            "input",
            [path for path in ours if path not in theirs],
            [path for path in theirs if path not in ours],
        )

    def code(self, kind: str, stages: Both) -> Iterator[Difference]:
        """Yield which modules differ, of what two stages execute."""
        ours, theirs = (
            _modules(stage, revision)
            for stage, revision in zip(stages, self.revisions, strict=True)
        )
        if ours is None or theirs is None:
            yield Difference(kind, "modules, of which DVC's cache has no listing any more")
            return
        changed = [name for name in ours if name in theirs and ours[name] != theirs[name]]
        if changed:
            yield Difference(kind, f"changed: {_some(changed)}")
        yield from self._alone(
            kind,
            [name for name in ours if name not in theirs],
            [name for name in theirs if name not in ours],
            _some,
        )

    def _causes(self, path: str) -> Iterator[Difference]:
        """Yield what the stages that made a file differ in, at two revisions."""
        (name, ours), (other, theirs) = (_maker(path, revision) for revision in self.revisions)
        if name and other:
            yield from self.values(f"made by {name}", _params(ours), _params(theirs))
            yield from self.code(f"made by {name}", (ours, theirs))
            yield from self.inputs((ours, theirs))

    def _alone(
        self,
        kind: str,
        ours: list[str],
        theirs: list[str],
        said: Callable[[list[str]], str] = ", ".join,
    ) -> Iterator[Difference]:
        for name, found in zip(self.names, (ours, theirs), strict=True):
            if found:
                yield Difference(kind, f"of {name} alone: {said(found)}")


def _header(run: NamedRun) -> dict[str, Any]:
    told = {key: run.outcome.header[key] for key in TOLD if key in run.outcome.header}
    return {k: v for key, value in told.items() for k, v in flat(key, value).items()}


def _params(stage: Stage) -> dict[str, Any]:
    sections = (stage.get("params") or {}).get("params.yaml") or {}
    return {k: v for key, value in sections.items() for k, v in flat(key, value).items()}


def _short(key: str) -> str:
    return key.removeprefix("settings.")


def _maker(path: str, revision: Revision) -> tuple[str, Stage]:
    """Return the stage that made a file or the folder around it; "" where no stage did."""
    for name, stage in revision.stages.items():
        for out in stage.get("outs") or []:
            if PurePosixPath(path).is_relative_to(out["path"]):
                return name, stage
    return "", {}


def _deps(stage: Stage) -> dict[str, str]:
    """Return the digests of what a stage read besides code."""
    return {
        dep["path"]: dep.get("md5", "")
        for dep in stage.get("deps") or []
        if dep["path"] != NOTHING and not of_code(dep["path"])
    }


def _modules(stage: Stage, revision: Revision) -> dict[str, str] | None:
    """Return the digests of the modules that a stage executes; None where no cache has them."""
    listings = (dep["md5"] for dep in stage.get("deps") or [] if of_code(dep["path"]))
    digest = next(listings, "")
    return listed(revision.root, digest) if digest else {}


def _some(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
