"""The probe: run every stage of a params.yaml on two samples of its data, in a folder that goes.

It is a process of its own (`python -m pipeline_lib.project.estimate.measure REQUEST ANSWER`), since
it measures memory, and changes the folder that relative paths start from.
"""

import importlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typer
from ruamel.yaml import YAML

from pipeline_lib.artifacts.samples import TRAIN
from pipeline_lib.console import watched
from pipeline_lib.device import pick_device
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.project.estimate import machine, sample
from pipeline_lib.project.estimate.graph import Stage, stages_of
from pipeline_lib.project.estimate.shrink import shrunk
from pipeline_lib.project.estimate.stopwatch import (
    Clock,
    Stopwatch,
    Wall,
    peak,
    reset_peak,
    resident,
)
from pipeline_lib.project.selection import RUNS

SIZES = (32, 80)  # training images of the two samples
WARM_UP = 16  # of one before them, in which code is loaded and compiled
ENCODERS = ("maps", "features")  # they encode three whole batches before they begin
BATCHES = (4, 8, 24)  # of theirs, as far as the settings' are no smaller: warm-up, two samples
LEFT_OUT = ("code", "listing", "ingest")  # what does not compute, or is measured otherwise
KEPT = Path(".protoweave")


@dataclass(frozen=True)
class Measured:
    """One stage on one sample."""

    stage: str
    images: int
    train: int
    seconds: float  # in one process
    loops: float  # of them inside loops that train nothing
    epoch: float  # of them in the last of `shrink.EPOCHS` epochs
    memory: int  # bytes that it takes beside what the process had
    written: int  # bytes of its outs
    parts: int  # bytes that it keeps beside them
    batch: int = 0  # of an encoder; 0: no encoder


def measure(
    root: Path, document: dict[str, Any], wanted: list[str], workers: int
) -> dict[str, Any]:
    """Return what the stages ``wanted`` and those before them take on two samples.

    Args:
        root: the checkout.
        document: its params.yaml, or one that may become it.
        wanted: names of stages; others run too where these read what they write.
        workers: that stages will have; here there is one.
    """
    started, base = machine.started(), resident()
    params = Dataset.model_validate(document["dataset"])
    clock = Wall if pick_device() == "cuda" else Clock
    before = clock.now()
    found = sample.opened(params)
    labels = clock.now() - before
    stages = [s for s in stages_of(root / "dvc.yaml", document) if s.kind not in LEFT_OUT]
    needed = _needed(stages, wanted)
    twins = _twins(needed, shrunk(document, root))
    rows: list[Measured] = []
    failed: dict[str, str] = {}
    stored: dict[str, int] = {}
    for turn, train in enumerate((WARM_UP, *sizes(found.counts[TRAIN]))):
        failed.clear()
        small = _smaller(document, root, BATCHES[turn])
        sampled = list(_on_sample(root, small, found, train, twins, clock, failed, stored))
        rows += sampled if turn else []
    return {
        "counts": found.counts,
        "labels": labels,
        "started": started,
        "base": base,
        "twins": {stage.name: [t.name for t in same] for stage, *same in twins},
        "together": machine.together(workers),
        "stages": [asdict(row) for row in rows],
        "failed": failed,
        "stored": stored,
    }


def sizes(train: int) -> tuple[int, int]:
    """Return how many training images the two samples hold."""
    most = min(SIZES[1], train)
    return (min(most, SIZES[0], max(WARM_UP, most // 2)), most)


def _needed(stages: list[Stage], wanted: list[str]) -> list[Stage]:
    """Return the wanted stages and all whose results they read, in order."""
    need: set[str] = set()
    for stage in reversed(stages):
        if stage.name in wanted or any(
            out == dep or out.startswith(f"{dep}/") or dep.startswith(f"{out}/")
            for other in stages
            if other.name in need
            for dep in other.deps
            for out in stage.outs
        ):
            need.add(stage.name)
    return [stage for stage in stages if stage.name in need]


def _twins(stages: list[Stage], document: dict[str, Any]) -> list[list[Stage]]:
    """Put together the stages that do the same for equal settings: the first of each is measured.

    Runs of one method differ in epochs and seeds at most; what is judged is of one target.
    """
    found: dict[str, list[Stage]] = {}
    for stage in stages:
        run = document[RUNS].get(stage.item, {})
        own = {key: run.get(key) for key in ("target", "weights")}
        if stage.kind == "train":
            own = {**run, "reference": "", "section": document[stage.item]}
        elif stage.kind != "evaluate":
            own = {"item": stage.item}
        found.setdefault(json.dumps([stage.kind, own]), []).append(stage)
    return list(found.values())


def _copy(stage: Stage, twin: Stage) -> None:
    """Let a stage that is not run have the outs of the one that is like it."""
    for ours, theirs in zip(stage.outs, twin.outs, strict=True):
        if Path(ours).is_file():
            Path(theirs).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ours, theirs)


def _smaller(document: dict[str, Any], root: Path, batch: int) -> dict[str, Any]:
    small = shrunk(document, root)
    for name in ENCODERS:
        small[name]["batch_size"] = min(batch, small[name]["batch_size"])
    return small


def _on_sample(
    root: Path,
    document: dict[str, Any],
    found: sample.Opened,
    train: int,
    twins: list[list[Stage]],
    clock: type[Clock],
    failed: dict[str, str],
    stored: dict[str, int],
) -> Iterator[Measured]:
    """Yield what each stage takes on one sample; those that fail are noted in ``failed``.

    ``stored`` gets the bytes that an image has in each out.
    """
    home = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        _prepare(Path(folder), root, document)
        some = sample.chosen(found, train)
        os.chdir(folder)
        try:
            before, had = clock.now(), resident()
            reset_peak()
            images = sample.write(found, some, Path("data/artifacts/ingest"))
            seconds = clock.now() - before
            size = _size(Path("data/artifacts/ingest"))
            own = some.splits.count(TRAIN)
            yield Measured("ingest", images, own, seconds, seconds, 0.0, peak() - had, size, 0)
            for stage, *others in twins:
                batch = document[stage.kind]["batch_size"] if stage.kind in ENCODERS else 0
                yield from _timed(stage, images, own, batch, clock, failed)
                for other in others:
                    _copy(stage, other)
                stored |= {out: _size(Path(out)) // images for out in stage.outs}
        finally:
            os.chdir(home)


def _timed(
    stage: Stage, images: int, train: int, batch: int, clock: type[Clock], failed: dict[str, str]
) -> Iterator[Measured]:
    watch, kept, had = Stopwatch(clock), _size(KEPT), resident()
    main = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    main.command()(importlib.import_module(stage.module).main)
    reset_peak()
    before = clock.now()
    try:
        with watched(watch):
            main(list(stage.arguments), standalone_mode=False)
    except (InputError, OSError, ValueError, LookupError, RuntimeError) as error:
        failed[stage.name] = str(error).splitlines()[0]
        return
    yield Measured(
        stage.name,
        images,
        train,
        clock.now() - before,
        watch.loops,
        watch.epoch,
        max(0, peak() - had),
        sum(_size(Path(out)) for out in stage.outs),
        max(0, _size(KEPT) - kept),
        batch,
    )


def _prepare(folder: Path, root: Path, document: dict[str, Any]) -> None:
    """Make of a folder what stages take for a checkout."""
    for name in ("ingest", *(path.name for path in (root / "data/artifacts").glob("*"))):
        (folder / "data/artifacts" / name).mkdir(parents=True, exist_ok=True)
    shutil.copy2(root / "data/none", folder / "data/none")
    with (folder / "params.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(document, file)


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def main(request: Path, answer: Path) -> None:
    """Read what is asked as JSON, and write what was found."""
    asked = json.loads(request.read_text(encoding="utf-8"))
    before = time.perf_counter()
    found = measure(Path(asked["root"]), asked["document"], asked["wanted"], asked["workers"])
    found["took"] = time.perf_counter() - before
    answer.write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
