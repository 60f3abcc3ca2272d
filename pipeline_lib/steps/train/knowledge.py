"""What a run learns from besides images and labels: vectors of names, and what was mined."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline_lib.artifacts.knowledge import KINDS, read_knowledge
from pipeline_lib.artifacts.labelled import Labelled
from pipeline_lib.artifacts.tensors import Tensors, header_of
from pipeline_lib.artifacts.text import EMBEDDINGS, read_text
from pipeline_lib.errors import InputError
from pipeline_lib.params.section import NOTHING
from pipeline_lib.targets import Target

NAMES = {EMBEDDINGS.artifact: EMBEDDINGS}


@dataclass(frozen=True)
class Reads:
    """What a run names, and what its method learns from."""

    run: str
    method: str
    kinds: tuple[str, ...]  # of artifacts/knowledge.py KINDS, or the vectors of names, "text"
    text: Path | None
    knowledge: Path | None


def read_kinds(reads: Reads, table: Labelled, target: Target) -> dict[str, np.ndarray]:
    """Return the tensors of every kind that the method learns from.

    Raises:
        InputError: a file is missing, of another kind than the method learns from, of other images
            or names, or is one that the method does not read.
    """
    arrays: dict[str, np.ndarray] = {}
    for kind, path in _files(reads, target):
        if kind == EMBEDDINGS:
            arrays |= read_text(path, table.predicted_names(target))
        else:
            arrays |= read_knowledge(kind, path, table.ids_of(table.train))
    return arrays


def _files(reads: Reads, target: Target) -> Iterator[tuple[Tensors, Path]]:
    for key, path, known in (("text", reads.text, NAMES), ("knowledge", reads.knowledge, KINDS)):
        kinds = [known[name] for name in reads.kinds if name in known]
        for kind in kinds:
            yield kind, _of_kind(path, kind, f"methods.{reads.run}.{key}", reads.method, target)
        if path is not None and not kinds:
            raise InputError(
                f"params.yaml: methods.{reads.run}.{key} is {path}, which method {reads.method} "
                f"does not read; set it to {NOTHING}"
            )


def _of_kind(path: Path | None, kind: Tensors, where: str, method: str, target: Target) -> Path:
    found = None if path is None else header_of(path).get("artifact")
    if path is None or found not in (None, kind.artifact):
        holds = "" if path is None else f", which holds '{found}'"
        raise InputError(
            f"params.yaml: {where} is {path or NOTHING}{holds}, and method {method} learns from "
            f"'{kind.artifact}'; name {kind.place(target)}, which `dvc repro {kind.stage}` writes"
        )
    return path
