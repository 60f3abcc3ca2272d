"""Runs by the names that commands take: RUN of the checkout, or REVISION:RUN."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline_lib.artifacts.scores import SCORES
from pipeline_lib.errors import InputError
from pipeline_lib.params.nearest import nearest
from pipeline_lib.project.comparing.revision import Revision
from pipeline_lib.reporting.outcome import Outcome, read_outcome

TRAINED, JUDGED = "data/artifacts/train/{}", "data/artifacts/evaluate/{}"
READ = ("draws.safetensors", "details.json", "per_image.parquet")  # of how it was judged
APART = ":"


@dataclass(frozen=True)
class NamedRun:
    """A run of a revision, trained and judged there."""

    name: str
    revision: Revision
    outcome: Outcome  # which bears the name that was asked for

    @property
    def said(self) -> Mapping[str, Any]:
        """What section `methods` of that revision says of it."""
        return _said(self.revision, self.name)

    def recorded(self, stage: str) -> Mapping[str, Any]:
        """Return what dvc.lock of that revision says of the run's ``train`` or ``evaluate``."""
        found: Mapping[str, Any] = self.revision.stages.get(f"{stage}@{self.name}") or {}
        return found


def find(root: Path, words: list[str], revisions: list[str]) -> list[NamedRun]:
    """Find runs.

    Args:
        root: the checkout.
        words: RUN, or REVISION:RUN.
        revisions: if any, the one run that is named is taken from each of them; from the checkout
            and the other one, if there is one.

    Raises:
        InputError: there is no such run or revision, or its results are not here.
    """
    if not revisions:
        pairs = [_parted(root, word) for word in words]
    elif len(words) == 1:
        pairs = [
            (name, words[0]) for name in (["", *revisions] if len(revisions) < 2 else revisions)
        ]
    else:
        raise InputError(
            f"--rev with {len(words)} runs, expected one run, which is then compared with itself; "
            "write REVISION:RUN for runs of different names"
        )
    opened = {name: Revision.of(root, name) for name in dict.fromkeys(rev for rev, _ in pairs)}
    return [read(opened[revision], run) for revision, run in pairs]


def read(revision: Revision, run: str) -> NamedRun:
    """Read how a run was judged at a revision.

    Raises:
        InputError: there is no such run, or its results are not here or of another version.
    """
    target = _said(revision, run).get("target", "classes")
    scores = f"{TRAINED.format(run)}/scores.safetensors"
    judged = [f"{JUDGED.format(run)}/{file}" for file in READ]
    with revision.opened([scores, *judged]) as root:
        try:
            with SCORES.opened(root / scores) as (_, header):
                folder = root / JUDGED.format(run)
                outcome = read_outcome(revision.called(run), target, header, folder)
        except InputError as error:
            raise _at(revision, root, error) from error
    return NamedRun(run, revision, outcome)


def _at(revision: Revision, root: Path, error: InputError) -> InputError:
    """Say of a fault at a revision where it is; what a checkout is to re-run mends no commit."""
    if not revision.name:
        return error
    what = str(error).replace(f"{root}/", "").partition("; re-run ")[0]
    return InputError(
        f"{revision.name}: {what}; compare revisions whose results this version can read, or run "
        "`dvc repro` there with today's code"
    )


def _parted(root: Path, word: str) -> tuple[str, str]:
    """Return revision and run; a name in which no revision is named is a run of the checkout."""
    revision, apart, run = word.rpartition(APART)
    if apart and not (revision and run):
        raise InputError(f"'{word}': expected RUN, or REVISION:RUN such as HEAD~1:base")
    return revision, run


def _said(revision: Revision, run: str) -> Mapping[str, Any]:
    """Return what params.yaml says of a run that is on, or was switched off.

    Raises:
        InputError: it says nothing.
    """
    on, off = (revision.params.get(section) or {} for section in ("methods", "disabled"))
    known = {**off, **on}
    if run not in known:
        raise InputError(
            f"{revision.called('params.yaml')}: methods has no run '{run}'{nearest(run, known)}"
        )
    found: Mapping[str, Any] = known[run] or {}
    return found
