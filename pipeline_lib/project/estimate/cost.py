"""What `dvc repro` would take: nothing, what it took last time, or what a sample shows."""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.closure import code_digest
from pipeline_lib.datasets.location import locate
from pipeline_lib.errors import InputError
from pipeline_lib.fingerprint import digest
from pipeline_lib.parallel import workers
from pipeline_lib.project.estimate.extrapolate import Costs, Machine, extrapolated
from pipeline_lib.project.estimate.graph import stages_of
from pipeline_lib.project.estimate.shrink import shrunk
from pipeline_lib.project.plan import LISTING, last_seconds, params_of, plan
from pipeline_lib.project.stages import value

KEPT = Path(".protoweave/estimates")
PROBE = "pipeline_lib.project.estimate.measure"
REPORT = "report"  # one run more or less changes little of it, and it reads all of them
UP_TO_DATE, LAST, SAMPLE = "up to date", "last time", "a sample"


@dataclass(frozen=True)
class Estimate:
    """One stage of a pipeline."""

    stage: str
    seconds: float | None  # None: not known
    costs: Costs | None  # of memory and disk, where they were measured
    source: str  # UP_TO_DATE, LAST, SAMPLE, or why it is not known


@dataclass(frozen=True)
class Total:
    """All of them."""

    stages: list[Estimate]
    probe: float  # seconds that measuring took now, 0 where an earlier measurement served
    start: float = 0.0  # seconds to start a process, for each stage that runs

    @property
    def seconds(self) -> float:
        """What is known of the time, summed, with the start of every process."""
        running = sum(stage.source != UP_TO_DATE for stage in self.stages)
        return running * self.start + sum(stage.seconds or 0.0 for stage in self.stages)

    @property
    def memory(self) -> int:
        """The most that one stage takes, in bytes."""
        return max((s.costs.memory for s in self.stages if s.costs), default=0)

    @property
    def disk(self) -> int:
        """The sum in bytes."""
        return sum(stage.costs.disk for stage in self.stages if stage.costs)


def cost(root: Path, document: dict[str, Any]) -> Total:
    """Estimate what `dvc repro` would take in a checkout that has this params.yaml.

    Raises:
        InputError: the data set is not on this machine, or the probe found a fault of it.
    """
    planned = {p.stage for p in plan(root)}
    is_new = LISTING in planned
    last = {
        name: seconds
        for name in planned
        if not is_new and (name == REPORT or _is_as_before(root, name, document))
        for seconds in [last_seconds(root, name)]
        if seconds is not None
    }
    return _total(root, document, locate(document["dataset"]["path"], root), planned, last)


def cost_of_all(root: Path, document: dict[str, Any], data: Path) -> Total:
    """Estimate what all stages of a document take, which need not be params.yaml yet.

    Raises:
        InputError: as ``cost``.
    """
    every = {stage.name for stage in stages_of(root / "dvc.yaml", document)}
    return _total(root, document, data, every, {})


def _total(
    root: Path, document: dict[str, Any], data: Path, planned: set[str], last: dict[str, float]
) -> Total:
    order = [stage.name for stage in stages_of(root / "dvc.yaml", document)]
    wanted = [name for name in order if name in planned and name not in last and _computes(name)]
    found, took = _probe(root, document, data, wanted) if wanted else ({}, 0.0)
    machine = Machine(workers(), _cuda())
    costs = extrapolated(found, document, machine) if found else {}
    failed = found.get("failed", {})
    stages = [_estimate(n, planned, last, costs, failed) for n in order if _computes(n)]
    return Total(stages, took, found.get("started", 0.0))


def _estimate(
    name: str,
    planned: set[str],
    last: dict[str, float],
    costs: dict[str, Costs],
    failed: dict[str, str],
) -> Estimate:
    if name not in planned:
        return Estimate(name, 0.0, None, UP_TO_DATE)
    if name in last:
        return Estimate(name, last[name], None, LAST)
    if name in costs:
        return Estimate(name, costs[name].seconds, costs[name], SAMPLE)
    return Estimate(name, None, None, failed.get(name, "what it reads could not be made"))


def _is_as_before(root: Path, stage: str, document: dict[str, Any]) -> bool:
    """Say whether a stage ran here with the settings of today."""
    before = params_of(root, stage)
    return bool(before) and all(value(document, key) == said for key, said in before.items())


def _computes(name: str) -> bool:
    return name not in ("code", LISTING)


def _probe(
    root: Path, document: dict[str, Any], data: Path, wanted: Iterable[str]
) -> tuple[dict[str, Any], float]:
    """Return what a sample took, measured now or kept from before, and the seconds of it."""
    where = data.resolve()
    if not where.exists():
        raise InputError(
            f"dataset.path: '{where}' is not on this machine, expected the data set to measure a "
            "few of its images; `protoweave use PRESET --data DIR` says where it lies"
        )
    asked = {
        "root": str(root.resolve()),
        "document": document,
        "wanted": list(wanted),
        "workers": workers(),
    }
    key = {
        "data": str(where),
        "of": shrunk(document, root.resolve()),
        "wanted": asked["wanted"],
        "probe": code_digest(PROBE),
    }
    kept = root / KEPT / f"{digest(key | _machine())}.json"
    if kept.exists():
        return json.loads(kept.read_text(encoding="utf-8")), 0.0
    found = _measured(asked, where)
    write_bytes(kept, json.dumps(found).encode())
    return found, found["took"]


def _measured(asked: dict[str, Any], where: Path) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        request, answer = Path(folder, "request.json"), Path(folder, "answer.json")
        request.write_text(json.dumps(asked), encoding="utf-8")
        library = str(Path(__file__).parents[3])  # this one, whether installed or a checkout's
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(filter(None, [library, os.environ.get("PYTHONPATH")])),
            "PROTOWEAVE_DATA": str(where),
            "PROTOWEAVE_WORKERS": "1",
            "PROTOWEAVE_TRACKERS": "",
            "HF_HUB_OFFLINE": "1",
        }
        command = [sys.executable, "-m", PROBE, str(request), str(answer)]
        done = subprocess.run(
            command,
            cwd=asked["root"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise InputError(f"the probe of a sample failed: {last}")
        found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        return found


def _machine() -> dict[str, Any]:
    import torch

    return {
        "node": platform.node(),
        "processor": platform.processor() or platform.machine(),
        "workers": workers(),
        "device": _cuda(),
        "torch": torch.__version__,
    }


def _cuda() -> bool:
    from pipeline_lib.device import pick_device

    return pick_device() == "cuda"
