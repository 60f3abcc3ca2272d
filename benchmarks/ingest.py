"""What reading a data set costs: all of it, nothing new, one picture in a hundred new, and a kill.

    python -m benchmarks.ingest [--images 5000]

Draws photographs of 500 x 375 pixels as JPEG files below one folder for each class, and runs the
stage `ingest` on them as dvc.yaml does, in processes of its own. Prints one JSON line: wall and
processor time of the first run (``full``), of one in which nothing is new (``same``), after one
picture in a hundred was added (``grown``), of one that goes on after half of a full run was killed
(``resumed``), and whether its tables have the bytes of a run that was not.
"""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.child import taken
from benchmarks.machine import commit, load, processor
from pipeline_lib.fingerprint import file_digest
from pipeline_lib.project.layers import DEFAULT
from pipeline_lib.project.presets import text_of
from pipeline_lib.steps.listing import list_files

SIZE, GRAIN = (500, 375), 12  # pixels; how much coarser the noise is that they show
CLASSES = 20
PRESETS = Path(__file__).parents[1] / "presets"
TABLES = ("samples.parquet", "categories.parquet", "accounting.json", "images.safetensors")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=5000)
    print(json.dumps(measure(parser.parse_args().images)))


def measure(images: int) -> dict[str, object]:
    """Return what reading so many pictures takes, and on what it was measured."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw(folder / "data", 0, images)
        params(folder)
        found: dict[str, object] = {"images": images}
        found["full"] = full = Stage(folder, "first").run()
        found["same"] = Stage(folder, "first").run()
        draw(folder / "data", images, images + max(images // 100, 1))
        found["grown"] = grown = Stage(folder, "first").run()
        killed = Stage(folder, "second")
        killed.run(seconds=full["wall_s"] / 2)
        found["resumed"] = killed.run()
        found["same_bytes"] = Stage(folder, "first").tables() == killed.tables()
        found["grown_by_full"] = round(grown["cpu_s"] / full["cpu_s"], 4)
    return found | {"processor": processor(), "load": load(), "commit": commit()}


def draw(folder: Path, first: int, last: int) -> None:
    """Write the pictures of some numbers."""
    for number in range(first, last):
        rng = np.random.default_rng(number)
        coarse = rng.integers(0, 256, (SIZE[1] // GRAIN, SIZE[0] // GRAIN, 3), np.uint8)
        split = "test" if number // CLASSES % 5 == 4 else "train"
        path = folder / split / f"class {number % CLASSES}" / f"{number:07d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(coarse).resize(SIZE, Image.Resampling.BICUBIC).save(path, quality=90)


def params(folder: Path) -> None:
    """Write the default's params.yaml, of a folder of pictures."""
    changes = {"format": "image_folder", "path": str(folder / "data"), "storage": "references"}
    text = text_of(PRESETS, DEFAULT, {f"dataset.{key}": value for key, value in changes.items()})
    (folder / "params.yaml").write_text(text)


class Stage:
    """The stage `ingest`, and what it keeps under one name."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._out = folder / name / "ingest"

    def run(self, seconds: float | None = None) -> dict[str, float]:
        """Run it, or kill it after some seconds; return what it took."""
        shutil.rmtree(self._out, ignore_errors=True)  # as DVC does
        listing = self._folder / "files.jsonl"
        listing.write_bytes(list_files(self._folder / "data", self._folder / "listing").text)
        command = [
            sys.executable, "-m", "stages.ingest", "--out", str(self._out),
            "--listing", str(listing), "--decoded", str(self._folder / self._name / "decoded"),
            "--params", str(self._folder / "params.yaml"),
        ]  # fmt: skip
        return taken(command, seconds)

    def tables(self) -> list[str]:
        """Return digests of what it wrote."""
        return [file_digest(self._out / name) for name in TABLES]


if __name__ == "__main__":
    main()
