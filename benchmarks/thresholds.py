"""From how many positives on a tag should have a threshold of its own, judged within val.

    python -m benchmarks.thresholds [--images 100] [RUN ...]

In a checkout whose pipeline has run: thresholds are chosen on four fifths of the val images and
judged on the last fifth, in turn, so that the test split says nothing about the rule. Prints one
JSON line a run: macro F1 and OF1 (%, mean over seeds and draws) by the least number of positives.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import f1_score

from pipeline_lib.artifacts.labelled import read_labelled
from pipeline_lib.artifacts.samples import VAL
from pipeline_lib.artifacts.scores import SCORES
from pipeline_lib.evaluation.choice import choose_thresholds
from pipeline_lib.evaluation.decisions import exceeding
from pipeline_lib.evaluation.resampled import Truth

FOLDS, DRAWS = 5, 10
LEAST = (1, 2, 5, 10, 20, 50, 10**9)  # the last: never
ARTIFACTS = Path("data/artifacts")
TAG_RUNS = ("base_tags", "dlsa", "clip", "c2srt", "sigrl")  # of the default pipeline


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=0, help="draw so many; 0: all of val")
    parser.add_argument("runs", nargs="*", default=TAG_RUNS)
    arguments = parser.parse_args()
    for run in arguments.runs:
        print(json.dumps({"run": run} | measure(ARTIFACTS, run, arguments.images)))


def measure(artifacts: Path, run: str, images: int) -> dict[str, list[float]]:
    """Return macro F1 and OF1 (%) by the least number of positives, as text."""
    ingest = artifacts / "ingest"
    table = read_labelled(ingest / "samples.parquet", ingest / "categories.parquet")
    arrays, header = SCORES.read(artifacts / "train" / run / "scores.safetensors")
    carried = table.targets("tags", table.rows(VAL))
    seen = table.predicted("tags").filter(seen=True)["index"].to_numpy()
    rng = np.random.default_rng(0)
    orders = [rng.permutation(len(carried))[: images or None] for _ in range(DRAWS)]
    found = {
        least: [
            crossed(arrays[f"{seed}/{VAL}/logits"][order][:, seen], carried[order][:, seen], least)
            for seed in header["seeds"]
            for order in orders
        ]
        for least in LEAST
    }
    return {str(k): (100 * np.mean(v, axis=0)).round(1).tolist() for k, v in found.items()}


def crossed(scores: np.ndarray, carried: np.ndarray, least: int) -> Sequence[float]:
    """Return macro F1 and OF1 of decisions by thresholds that were chosen on other images.

    Args:
        scores: (images, tags).
        carried: bool (images, tags).
        least: images that carry a tag which has a threshold of its own.
    """
    decided = np.zeros_like(carried)
    for fold in range(FOLDS):
        held = np.arange(len(carried)) % FOLDS == fold
        known = Truth(carried[~held], np.zeros_like(carried[~held]))
        every = np.arange(carried.shape[1])
        choice = choose_thresholds(scores[~held], known, every, least=least)
        decided[held] = exceeding(scores[held], np.array(choice.by_label))
    carrying = carried.any(0)  # a tag that none of the images carries has no F1
    macro = f1_score(carried[:, carrying], decided[:, carrying], average="macro", zero_division=0)
    return macro, f1_score(carried, decided, average="micro", zero_division=0)


if __name__ == "__main__":
    main()
