"""Is this machine, this checkout and this params.yaml fit to run? One line for each answer."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline_lib.errors import InputError
from pipeline_lib.methods.registry import METHODS
from pipeline_lib.params.base import Baseline
from pipeline_lib.params.category_graph import CategoryGraph
from pipeline_lib.params.clusters import Clusters
from pipeline_lib.params.csnet import Csnet
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.params.exemplars import Exemplars
from pipeline_lib.params.features import Features
from pipeline_lib.params.maps import Maps
from pipeline_lib.params.regions import Regions
from pipeline_lib.params.relations import Relations
from pipeline_lib.params.report import Report
from pipeline_lib.params.section import Section, nearest, read_yaml
from pipeline_lib.params.text import Text
from pipeline_lib.params.vlp import Vlp
from pipeline_lib.project.libraries import libraries
from pipeline_lib.project.selection import ALSO, faults
from pipeline_lib.runs.loading import load_section

SECTIONS: dict[str, type[Section]] = {
    "dataset": Dataset,
    "vlp": Vlp,
    "baseline": Baseline,
    "csnet": Csnet,
    "exemplars": Exemplars,
    "features": Features,
    "maps": Maps,
    "clusters": Clusters,
    "regions": Regions,
    "relations": Relations,
    "text": Text,
    "category_graph": CategoryGraph,
    "evaluation": Evaluation,
    "report": Report,
}
NOT_SECTIONS = ("methods", "shared", ALSO)
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


def check_parameters(path: Path) -> list[str]:
    """Return every fault of params.yaml, of all sections at once."""
    document = read_yaml(path)
    found = faults(document, path)
    for name in [*SECTIONS, *(name for name in document if name not in SECTIONS)]:
        try:
            _load(name, document, path)
        except InputError as error:
            found += str(error).splitlines()
    return found


def _load(name: str, document: dict[str, Any], path: Path) -> None:
    """Read a section by its stage's model, by its run's method, or by the method it is of."""
    runs = document.get("methods")
    run = runs.get(name) if isinstance(runs, dict) else None
    method = run.get("method") if isinstance(run, dict) else name
    if name in SECTIONS:
        SECTIONS[name].load(name, path)
    if method in METHODS:
        load_section(method).load(name, path)
    known = [*SECTIONS, *NOT_SECTIONS, *METHODS]
    if isinstance(runs, dict) and run is None and name not in known:
        raise InputError(f"{path}: section '{name}' is unknown{nearest(name, known)}")


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
        dataset = Dataset.load("dataset", path).path
        yield Finding((root / dataset).exists(), f"data set folder {dataset}")
