"""Time and memory of reading a COCO instances JSON of the size of train2017.

    python -m benchmarks.coco_json [--quick]

Writes a file with as many images, annotations and bytes as ``instances_train2017.json`` (118,287;
860,001; about 450 MB; a tenth of that with ``--quick``) to a temporary folder, reads it in a fresh
process and prints one JSON line: its size, seconds, and that process's peak memory.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

IMAGES, ANNOTATIONS, CATEGORIES = 118_287, 860_001, 80
POINTS = 26  # of a polygon: makes the file as large as the real one


def main() -> None:
    """Run the benchmark, or with ``--read`` its measured half."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--read", type=Path)
    arguments = parser.parse_args()
    if arguments.read:
        print(json.dumps(measure(arguments.read)))
        return
    share = 0.1 if arguments.quick else 1.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "instances_train2017.json"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(pieces(int(IMAGES * share), int(ANNOTATIONS * share)))
        command = [sys.executable, "-m", "benchmarks.coco_json", "--read", str(path)]
        print(subprocess.run(command, check=True, capture_output=True, text=True).stdout, end="")


def measure(path: Path) -> dict[str, float]:
    """Read ``path`` and say what it took."""
    from pipeline_lib.datasets.coco_json import read_instances

    before = time.perf_counter()
    found = read_instances(path)
    seconds = time.perf_counter() - before
    return {
        "megabytes": round(path.stat().st_size / 1e6),
        "images": len(found.images),
        "annotations": len(found.annotations),
        "seconds": round(seconds, 1),
        "peak_gib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
    }


def pieces(images: int, annotations: int) -> Iterator[str]:
    """Yield the text of an instances file in the order of the real one: categories come last."""
    rng = np.random.default_rng(0)
    yield '{"info": {"year": 2017}, "licenses": [], "images": ['
    for number in range(images):
        url = f"http://images.cocodataset.org/train2017/{number:012d}.jpg"
        yield _entry(number, {"license": 4, "file_name": f"{number:012d}.jpg", "coco_url": url,
                              "height": 480, "width": 640, "id": number, "flickr_url": url,
                              "date_captured": "2013-11-14 17:02:52"})  # fmt: skip
    yield '], "annotations": ['
    for number in range(annotations):
        points = np.round(rng.random(2 * POINTS) * 400, 2).tolist()
        x, y, w, h = np.round(rng.random(4) * 300, 2).tolist()
        entry = {"segmentation": [points], "area": w * h, "iscrowd": 0, "bbox": [x, y, w, h],
                 "image_id": int(rng.integers(images)), "id": number,
                 "category_id": int(rng.integers(CATEGORIES)) + 1}  # fmt: skip
        yield _entry(number, entry)
    names = [{"supercategory": "thing", "id": i + 1, "name": f"c{i}"} for i in range(CATEGORIES)]
    yield f'], "categories": {json.dumps(names)}}}'


def _entry(number: int, entry: dict[str, object]) -> str:
    return (", " if number else "") + json.dumps(entry)


if __name__ == "__main__":
    main()
