"""From a clone to an exported recogniser of 1,500 photographs, each step timed.

    python -m benchmarks.walk --data ../shared/data [--environment]

Makes a user's folder of the photographs in ``DATA/ingredient101`` (benchmarks/photographs.py), then
does what README.md says, in a fresh clone of this checkout's last commit. ``--environment`` sets up
an environment of its own as well, which takes as long as the packages need to come; without it the
running one is used. Prints a line for each step, and one JSON line: seconds by step, and of how
many of the photographs that nobody labelled the class was told by the run, and by the exported
network.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from benchmarks.machine import commit, load, processor
from benchmarks.photographs import HELD, make

SETS = ("ingredient101/train-00.parquet", "ingredient101/test.parquet")
WEIGHTS = "weights/mobilenet_v2_1.0_224_int8pc.npz"
RUN = "base_maps"


def main() -> None:
    """Walk."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True, help="folder with ingredient101")
    parser.add_argument("--environment", action="store_true", help="set up a new one")
    given = parser.parse_args()
    data = given.data.resolve()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        make(place / "photos", place / "new", [data / name for name in SETS])
        took = walk(place, data / WEIGHTS, own=given.environment)
        truth = json.loads((place / "new/planted.json").read_text())["held_out"]
        right = {said: recognised(place / f"{said}.csv", truth) for said in ("run", "exported")}
    machine = {"processor": processor(), "load": load(), "commit": commit()}
    total = round(sum(took.values()), 1)
    print(json.dumps({"seconds": took, "together": total, "right": right, "of": HELD} | machine))


def walk(place: Path, weights: Path, *, own: bool) -> dict[str, float]:
    """Do every step in a new clone, and return its seconds of the clock on the wall."""
    source, checkout = Path(__file__).parents[1], place / "checkout"
    binaries = checkout / ".venv/bin" if own else Path(sys.executable).parent
    steps = [
        ["git", "clone", "--quiet", str(source), str(checkout)],
        *([["make", "--quiet", "setup"]] * own),
        ["protoweave", "start", "../photos", "--weights", str(weights), "--yes"],
        ["dvc", "repro"],
        ["protoweave", "predict", RUN, "../new", "--out", "../run.csv"],
        ["protoweave", "export", RUN, "--to", "onnx", "../onnx"],
        ["protoweave", "predict", "../onnx", "../new", "--out", "../exported.csv"],
    ]
    environment = os.environ | {
        "PATH": os.pathsep.join([str(binaries), os.environ["PATH"]]),
        "PYTHONPATH": "" if own else str(checkout),
    }
    took = {}
    for step in steps:
        before = time.perf_counter()
        where = checkout if checkout.exists() else place
        done = subprocess.run(step, cwd=where, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(
                f"{' '.join(step)} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
            )
        name = " ".join(step[:3])
        took[name] = round(time.perf_counter() - before, 1)
        print(f"{took[name]:7.1f} s  {' '.join(step)}", flush=True)
    return took


def recognised(predictions: Path, truth: dict[str, str]) -> int:
    """Return how many of the photographs that nobody labelled were taken for what they are."""
    rows = pl.read_csv(predictions).iter_rows(named=True)
    return sum(row["top_1"] == truth.get(Path(row["id"]).name) for row in rows)


if __name__ == "__main__":
    main()
