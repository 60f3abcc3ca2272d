"""From what two samples took to what the whole data set will take."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipeline_lib.artifacts.samples import TRAIN
from pipeline_lib.encoders.model_inputs import KEEP_BYTES
from pipeline_lib.project.estimate.shrink import EPOCHS, epochs_of, of_pixels, seeds_of
from pipeline_lib.project.selection import RUNS

PARALLEL = ("ingest", "features", "maps", "exemplars")  # whose loops run on all workers
COPIES = 2  # of what a stage writes: DVC keeps one in its cache, unless it is told to link
LABELS = "ingest"

Of = Callable[[str], float]
"""A measured number by name, for all images."""


@dataclass(frozen=True)
class Costs:
    """One stage."""

    seconds: float
    memory: int  # bytes, of all its processes together
    disk: int  # bytes, with DVC's copy and with the parts that outlive a kill


@dataclass(frozen=True)
class Machine:
    """What runs it."""

    workers: int
    cuda: bool


def extrapolated(
    found: dict[str, Any], document: dict[str, Any], machine: Machine
) -> dict[str, Costs]:
    """Return what each measured stage takes with all images, epochs and seeds.

    Time and bytes are lines through the two samples: over images, and over training images for an
    epoch; what an encoder does before its first image, and its memory, over the sizes of a batch.
    Seeds run side by side as far as there are workers, and so do parts of a loop.
    """
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in found["stages"]:
        rows.setdefault(row["stage"], []).append(row)
    own = {
        name: _costs(name, measured, found, document, machine) for name, measured in rows.items()
    }
    same = {twin: name for name, twins in found["twins"].items() for twin in twins}
    return own | {
        twin: _costs(twin, rows[name], found, document, machine)
        for twin, name in same.items()
        if name in rows
    }


def line(at: tuple[float, float], values: tuple[float, float], wanted: float) -> float:
    """Return the value at ``wanted`` of the line through two points, which does not fall."""
    slope = (values[1] - values[0]) / (at[1] - at[0]) if at[1] > at[0] else values[1] / at[1]
    if slope < 0 or values[1] - slope * at[1] < 0:
        slope = max(0.0, values[1] / at[1]) if slope > 0 else 0.0
    return values[1] + slope * (wanted - at[1])


def _costs(
    stage: str,
    rows: list[dict[str, Any]],
    found: dict[str, Any],
    document: dict[str, Any],
    machine: Machine,
) -> Costs:
    kind, _, item = stage.partition("@")
    images, train = sum(found["counts"].values()), found["counts"][TRAIN]
    small, large = rows[0], rows[-1]
    at = small["images"], large["images"]

    def of(name: str) -> float:
        return line(at, (small[name], large[name]), images)

    epoch = line((small["train"], large["train"]), (small["epoch"], large["epoch"]), train)
    is_parallel = kind in PARALLEL or (kind == "regions" and of_pixels(document))
    once = [row["seconds"] - EPOCHS * row["epoch"] - row["loops"] * is_parallel for row in rows]
    begin, memory = line(at, (once[0], once[-1]), images), large["memory"]
    loops = of("loops") if is_parallel else 0.0
    if large["batch"]:
        size = document[kind]["batch_size"]
        begin, memory, loops = _encoding(small, large, (once[0], once[-1]), images, size)
    seed = max(0.0, begin) + epochs_of(document, kind, item) * epoch
    seeds = seeds_of(document, kind, item)
    at_once = 1 if machine.cuda else min(seeds, machine.workers)
    seconds = math.ceil(seeds / at_once) * seed * (found["together"] if at_once > 1 else 1.0)
    seconds += loops / machine.workers * found["together"]
    processes = machine.workers if is_parallel else at_once
    seconds += found["started"] if processes > 1 else 0.0
    seconds += found["labels"] if kind == LABELS else 0.0
    each = found["base"] + memory + _held(kind, item, found, document, of)
    return Costs(
        seconds,
        int(each * processes),
        int(COPIES * of("written") * seeds + of("parts")),
    )


def _encoding(
    small: dict[str, Any],
    large: dict[str, Any],
    once: tuple[float, float],
    images: int,
    batch_size: int,
) -> tuple[float, float, float]:
    """Return the seconds before an encoder's loop, its bytes, and the seconds of the loop.

    It encodes whole batches: three before it begins, and a last one that is filled.
    """
    batches = small["batch"], large["batch"]
    encoded = [math.ceil(row["images"] / row["batch"]) * row["batch"] for row in (small, large)]
    return (
        line(batches, once, batch_size),
        line(batches, (small["memory"], large["memory"]), batch_size),
        line((encoded[0], encoded[1]), (small["loops"], large["loops"]), images),
    )


def _held(kind: str, item: str, found: dict[str, Any], document: dict[str, Any], of: Of) -> int:
    """Return the bytes of the inputs that a process keeps of all images."""
    images: int = sum(found["counts"].values())
    if kind not in ("train", "baseline"):
        return min(int(of("written")), KEEP_BYTES)
    section = document[item] if kind == "train" else document["baseline"][item]
    backbone = section.get("backbone")
    reads = document[RUNS].get(item, {}).get("input", "ingest") if kind == "train" else "ingest"
    if isinstance(backbone, dict) and "ingest" in reads:
        return min(3 * int(backbone["image_size"] or 224) ** 2 * images, KEEP_BYTES)
    return min(int(found["stored"].get(str(reads), 0) * images), KEEP_BYTES)
