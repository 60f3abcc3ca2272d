"""Is this machine, this checkout and this params.yaml fit to run? One line for each answer."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline_lib.datasets.location import DATA, locate
from pipeline_lib.datasets.registry import FORMATS, detected
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.section import read_yaml
from pipeline_lib.project.advice import advice
from pipeline_lib.project.document import check_parameters
from pipeline_lib.project.libraries import libraries
from pipeline_lib.project.paths import DATA_SET, missing_files
from pipeline_lib.project.plan import LISTING_FILE
from pipeline_lib.steps.listing import locked_digest

PROGRAMS = ("git", "dvc")
LEAST_FREE_GIB = 5


@dataclass(frozen=True)
class Finding:
    """One answer."""

    ok: bool
    text: str


def check(root: Path) -> list[Finding]:
    """Look at everything a run needs; nothing is changed."""
    return [finding for ask in (_machine, _checkout, _parameters) for finding in ask(root)]


def _machine(root: Path) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding(sys.version_info >= (3, 11), f"Python {version}, needs 3.11 or newer")
    yield from (Finding(*found) for found in libraries())
    for program in PROGRAMS:
        found = shutil.which(program)
        yield Finding(bool(found), f"`{program}` " + ("found" if found else "is not on the PATH"))
    free = shutil.disk_usage(root).free / 2**30
    yield Finding(free >= LEAST_FREE_GIB, f"{free:.0f} GiB free, wants {LEAST_FREE_GIB}")
    yield _device()


def _device() -> Finding:
    import torch

    if torch.cuda.is_available():
        return Finding(True, f"device: {torch.cuda.get_device_name(0)}")
    return Finding(True, "device: CPU (no CUDA device found)")


def _checkout(root: Path) -> Iterator[Finding]:
    yield Finding((root / ".git").exists(), "a git checkout")
    yield Finding((root / ".dvc").is_dir(), "a DVC project (else: dvc init)")
    config = root / ".dvc" / "config"
    shared = config.exists() and "remote" in config.read_text(encoding="utf-8")
    yield Finding(True, "a DVC remote is set" if shared else "no DVC remote: docs/team.md sets one")


def _parameters(root: Path) -> Iterator[Finding]:
    path = root / "params.yaml"
    try:
        found = check_parameters(path)
    except InputError as error:
        found = [str(error)]
    yield from (Finding(False, fault) for fault in found)
    if not found:
        yield Finding(True, "params.yaml: every section is valid")
        document = read_yaml(path)
        yield from _data_set(root, Dataset.load("dataset", path))
        for missing in missing_files(document, root):
            if missing.key != DATA_SET:
                yield Finding(False, f"{missing} is missing, and a stage reads it; put it there")
        yield from (Finding(True, found) for found in advice(document, root))


def _data_set(root: Path, params: Dataset) -> Iterator[Finding]:
    path = params.path
    try:
        folder = locate(path, root)
    except InputError as error:
        yield Finding(False, str(error))
        return
    if folder.exists():
        told = f" ({DATA})" if os.environ.get(DATA) else ""
        here = "" if folder == root / path else f", on this machine {folder}{told}"
        yield Finding(True, f"data set folder {path}{here}")
        yield _layout(folder, params.format)
    elif locked_digest(root / LISTING_FILE, root / "dvc.lock"):
        yield Finding(
            True, f"data set folder {path} is not on this machine: results of others still serve"
        )
    else:
        remedy = "`protoweave use PRESET --data DIR`"
        yield Finding(False, f"data set folder {path} is missing: {remedy}")


def _layout(folder: Path, wanted: str) -> Finding:
    """Look for the layout; of one that is named, its reader has the last word."""
    try:
        if wanted == "auto":
            return Finding(True, f"its layout is {detected(folder)}")
        found = FORMATS[wanted].detect(folder)
    except InputError as error:
        return Finding(False, str(error))
    if found:
        return Finding(True, f"its layout is {wanted}")
    return Finding(
        True,
        f"it does not look like {wanted} (dataset.format), which is {FORMATS[wanted].layout}",
    )
