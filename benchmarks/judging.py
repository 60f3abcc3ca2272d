"""What judging costs at the size of NUS-WIDE: the stage `evaluate` on drawn scores.

    python -m benchmarks.judging [--images 107859] [--labels 1006] [--seeds 3] [--draws 1000]

Writes tables and scores as `ingest` and `train` would, with as many labels an image as the
published data, a twelfth of them unseen, and runs the stage on them in a process of its own. Its
peer, in the same run, is scikit-learn's average precision of one label in one resample at a time.
Prints one JSON line: seconds and processor time of the stage, the peak of its memory, and
scikit-learn's time for mAP alone, from some labels and resamples to all.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.metrics import average_precision_score

from benchmarks.child import taken
from benchmarks.machine import commit, load, processor
from pipeline_lib.artifacts.samples import CATEGORIES, SAMPLES
from pipeline_lib.artifacts.scores import SCORES

PER_IMAGE = 6.8  # labels an image carries, of NUS-WIDE's 1,006
UNSEEN = 12  # one label of so many
VAL, TRAIN = 1000, 100  # images, beside those of test
TRIES = 5  # of the peer


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=107_859)
    parser.add_argument("--labels", type=int, default=1006)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--draws", type=int, default=1000)
    given = parser.parse_args()
    print(json.dumps(measure(given.images, given.labels, given.seeds, given.draws)))


def measure(images: int, labels: int, seeds: int, draws: int) -> dict[str, str | float]:
    """Return what judging so much takes, and on what it was measured."""
    with tempfile.TemporaryDirectory() as folder:
        truth = drawn(Path(folder), images, labels, seeds)
        params(Path(folder), draws)
        return {
            "images": images,
            "labels": labels,
            "seeds": seeds,
            "draws": draws,
            **judged(Path(folder)),
            "sklearn_map_s": round(labels * seeds * draws * _one_by_one(truth), 1),
            "processor": processor(),
            "load": load(),
            "commit": commit(),
        }


def drawn(folder: Path, images: int, labels: int, seeds: int) -> np.ndarray:
    """Write tables and scores to ``folder``; return what the test images carry.

    Labels are as rare as in a list of words, and scores tell them with noise.
    """
    rng = np.random.default_rng(0)
    often = 1 / np.arange(1, labels + 1) ** 0.8
    often = rng.permutation(np.minimum(often * PER_IMAGE / often.sum(), 0.5))
    unseen = np.arange(labels) % UNSEEN == UNSEEN - 1
    counts = {"test": images, "train": TRAIN, "val": VAL}
    carried = {
        split: rng.random((count, labels), np.float32) < often for split, count in counts.items()
    }
    for split in ("train", "val"):
        carried[split] &= ~unseen
    SAMPLES.write(
        pl.concat(_rows(split, rows) for split, rows in carried.items()), folder / "samples.parquet"
    )
    CATEGORIES.write(_tags(unseen, carried["train"].sum(0)), folder / "categories.parquet")
    scores = {}
    for split in ("test", "val"):
        for seed in range(seeds):
            logits = rng.standard_normal((counts[split], labels), np.float32)
            logits += 3 * carried[split] - 4
            scores[f"{seed}/{split}/logits"] = logits
            scores[f"{seed}/{split}/zsl"] = logits[:, unseen] + 1
        scores[f"0/{split}/features"] = rng.standard_normal((counts[split], 8)).astype(np.float16)
    SCORES.write(
        folder / "scores.safetensors", scores, run="drawn", method="drawn", seeds=[*range(seeds)],
        splits=["test", "val"], leaks=[], facts=[{}] * seeds, images_encoded=[0] * seeds,
    )  # fmt: skip
    return carried["test"]


def _rows(split: str, carried: np.ndarray) -> pl.DataFrame:
    rows = [np.flatnonzero(row) for row in carried]
    none = dict.fromkeys(("difficult", "all_tags", "unknown", "captions", "boxes", "row"))
    frame = pl.DataFrame(
        {
            "sample_id": [f"{split}-{number:07d}" for number in range(len(carried))],
            "split": split,
            "classes": [[]] * len(rows),
            "tags": rows,
            **none,
            "width": 1,
            "height": 1,
            "sha256": "0" * 64,
            "path": "",
        }
    )
    return frame.cast(dict(SAMPLES.dtypes)).select(SAMPLES.dtypes.names())


def _tags(unseen: np.ndarray, trained: np.ndarray) -> pl.DataFrame:
    count = len(unseen)
    frame = pl.DataFrame(
        {
            "kind": "tag",
            "index": range(count),
            "name": [f"tag {number}" for number in range(count)],
            "seen": ~unseen,
            "train_count": trained,
            "far": None,
        }
    )
    return frame.cast(dict(CATEGORIES.dtypes))


def params(folder: Path, draws: int) -> None:
    """Write the section of params.yaml that the stage reads, as in the default but for draws."""
    tags = {
        "judged": "seen", "top_k": [3, 5], "threshold": 0.5, "empty": "skip",
        "difficult": "ignore", "gzsl_order": "seen_first",
    }  # fmt: skip
    section = {
        "top_k": [1, 5], "tags": tags, "draws": draws, "seed": 0,
        "embedding": "pca", "embedding_images": 1000,
    }  # fmt: skip
    (folder / "params.yaml").write_text(json.dumps({"evaluation": section}))


def judged(folder: Path) -> dict[str, float]:
    """Run the stage; return its seconds, its processor time and the peak of its memory."""
    command = [sys.executable, "-m", "stages.evaluate", "drawn", "--target", "tags"]
    for name in ("samples.parquet", "categories.parquet", "scores.safetensors", "params.yaml"):
        command += [f"--{name.split('.')[0]}", str(folder / name)]
    return taken([*command, "--out", str(folder / "judged")])


def _one_by_one(truth: np.ndarray) -> float:
    """Return scikit-learn's median processor time of one label in one resample."""
    rng = np.random.default_rng(1)
    taken = []
    for label in np.argsort(truth.sum(0))[:: -max(1, truth.shape[1] // TRIES)]:
        scores = rng.standard_normal(len(truth), np.float32)
        weights = rng.multinomial(len(truth), np.full(len(truth), 1 / len(truth)))
        began = time.process_time()
        average_precision_score(truth[:, label], scores, sample_weight=weights)
        taken.append(time.process_time() - began)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
