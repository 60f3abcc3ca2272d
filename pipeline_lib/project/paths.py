"""The user's own files that params.yaml names."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline_lib.datasets.location import is_here, place
from pipeline_lib.params.section import NOTHING
from pipeline_lib.project.selection import READS, RUNS, needed
from pipeline_lib.project.stages import ARTIFACTS, read_by, value

DATA_SET = "dataset.path"
OF_INGEST = (
    DATA_SET,
    "dataset.tag_matrix",
    *(f"dataset.{group}.{key}" for group in ("unseen", "captions") for key in ("names", "wordnet")),
)


@dataclass(frozen=True)
class Missing:
    """A file or folder that is not there."""

    path: str  # as params.yaml says it
    key: str  # that holds it

    def __str__(self) -> str:
        return f"{self.path} ({self.key})"


def missing_files(document: dict[str, Any], root: Path) -> list[Missing]:
    """Return the files and folders that the enabled runs need and that are not there.

    What a stage makes is left out.
    """
    return [
        Missing(path, key)
        for key, path in dict(named_files(document)).items()
        if path != NOTHING
        and not Path(os.path.normpath(path)).is_relative_to(ARTIFACTS)
        and not (is_here(path, root) if key == DATA_SET else (root / path).exists())
    ]


def outside_files(document: dict[str, Any], root: Path) -> list[str]:
    """Say which files that the enabled runs need lie outside the checkout, the data set aside.

    They are dependencies of stages, and a colleague who has none there cannot go on.
    """
    return [
        f"{path} ({key}) lies outside the checkout, where `dvc repro` of a colleague will not find "
        "it; put it into data/raw, and share it by `dvc add`: docs/team.md"
        for key, path in dict(named_files(document)).items()
        if key != DATA_SET and path != NOTHING and place(root / path, root)[0] is None
    ]


def named_files(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the keys whose paths a stage of this params.yaml reads, and the paths."""
    for key in OF_INGEST:
        path = value(document, key)
        if isinstance(path, str):
            yield key, path
    for stage, targets in needed(document).items():
        for target in targets:
            yield from ((key, path) for path, key in read_by(stage, target, document) if key)
    for name, run in document[RUNS].items():
        yield from ((f"{RUNS}.{name}.{key}", str(run[key])) for key in READS)
