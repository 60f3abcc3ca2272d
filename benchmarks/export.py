"""What command, Python and exported networks say of the same held-out photographs.

    python -m benchmarks.export [--root .] [--pictures 20] [RUN ...]

Exports the runs of a checkout in every format that holds them, and asks each for the same pictures
of the test split: as files by `protoweave predict`, and in memory. Prints a JSON line for each run
and format: the largest difference of a probability from those of the run in Python, and the
milliseconds that one picture alone takes. Exits with 1 where a difference exceeds 1e-4.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
import polars as pl
import torch
from PIL import Image
from typer.testing import CliRunner

from benchmarks.machine import commit, processor
from pipeline_lib import cli
from pipeline_lib.api import Recogniser, Scorer, load_exported, open_project
from pipeline_lib.artifacts.exported import Format
from pipeline_lib.artifacts.labelled import read_samples
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.datasets.images import Images
from pipeline_lib.errors import InputError
from pipeline_lib.project.exporting.network import export_network
from pipeline_lib.training.network import Scores

LARGEST = 1e-4  # difference of a probability
REPEATED = 5  # times that one picture is timed


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("runs", nargs="*", help="of the checkout; without any, all of them")
    parser.add_argument("--root", type=Path, default=Path())
    parser.add_argument("--pictures", type=int, default=20)
    given = parser.parse_args()
    about = {"commit": commit(), "processor": processor()}
    far = False
    for run in given.runs or open_project(given.root).runs:
        with tempfile.TemporaryDirectory() as folder:
            for line in compare(given.root, run, given.pictures, Path(folder)):
                print(json.dumps(about | line), flush=True)
                far |= line.get("largest_difference", 0) > LARGEST
    sys.exit(far)


def compare(root: Path, name: str, count: int, scratch: Path) -> Iterator[dict[str, Any]]:
    """Yield what came of each way to ask a run."""
    run = open_project(root).load(name)
    pictures = photographs(run, count)
    photos = scratch / "photographs"
    photos.mkdir()
    for number, pixels in enumerate(pictures):
        Image.fromarray(pixels).save(photos / f"{number:04}.png")
    expected = probabilities(run, pictures)
    yield line(run, "command", expected, by_command(run, run.weights.parent, photos, scratch))
    yield line(run, "python", expected, expected) | {"ms_alone": alone(run, pictures[0])}
    for to in get_args(Format):
        folder = scratch / to
        try:
            export_network(root, name, to, folder)
        except InputError as error:
            yield {"run": name, "by": to, "refused": str(error)}
            continue
        exported = load_exported(folder)
        found = probabilities(exported, pictures), by_command(exported, folder, photos, scratch)
        timed = {"ms_alone": alone(exported, pictures[0])}
        yield line(run, to, expected, np.stack(found)) | timed


def photographs(run: Recogniser, count: int) -> list[np.ndarray]:
    """Return held-out pictures at even steps."""
    samples = run.reads["samples"]
    table = read_samples(samples)
    rows = table.rows(TEST)
    some = rows[np.linspace(0, len(rows) - 1, min(count, len(rows))).round().astype(int)]
    images = Images(samples.with_name("images.safetensors"), table.samples)
    return list(images.pixels(some.tolist()))


def probabilities(scorer: Scorer, pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Ask in Python."""
    return scorer.predict(pictures).probabilities


def by_command(run: Scorer, place: Path, photos: Path, scratch: Path) -> np.ndarray:
    """Ask by command for scores, from which follow probabilities without a temperature."""
    out = scratch / f"{place.name}.parquet"
    words = ["predict", str(place), str(photos), "--scores", "--out", str(out)]
    result = CliRunner().invoke(cli.app, words, catch_exceptions=False)
    if result.exit_code:
        raise SystemExit(result.output)
    scores = pl.read_parquet(out).select(pl.col("^score .*$")).to_numpy()
    return run.predictions(Scores(torch.from_numpy(scores), torch.empty(0))).probabilities


def line(run: Scorer, by: str, expected: np.ndarray, found: np.ndarray) -> dict[str, Any]:
    """Return the largest difference."""
    return {
        "run": run.run,
        "by": by,
        "pictures": len(expected),
        "largest_difference": float(np.abs(found - expected).max()),
    }


def alone(scorer: Scorer, picture: np.ndarray) -> float:
    """Return how long one picture takes, in milliseconds: the least of some times."""
    taken = []
    for _ in range(REPEATED):
        start = time.perf_counter()
        scorer.score_images([picture])
        taken.append(time.perf_counter() - start)
    return round(1000 * min(taken[1:]), 2)


if __name__ == "__main__":
    main()
