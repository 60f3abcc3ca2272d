"""Planted errors among photographs, and how many of them stage `quality` lists first.

    python -m benchmarks.quality --data ../shared/data [--seeds 100:110]

Of 1,500 photographs of ten dishes (Ingredient-101), 12 get the class of another dish, and 10 are
crops (95 %) of others, darker or brighter and compressed anew (JPEG, 70). The pictures are genuine,
and so are errors among their own labels, which count as false alarms here. Prints a JSON line a
ranking: how many of the planted are among the first 24, mean over seeds. What the step does was
chosen by seeds 0 to 4.
"""

import argparse
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from PIL import Image
from threadpoolctl import threadpool_limits

from benchmarks.inputs import PHOTOS, WEIGHTS, encoder, photos, pictures
from benchmarks.machine import commit, load, processor
from pipeline_lib.artifacts.labelled import Labelled
from pipeline_lib.artifacts.quality import DUPLICATES_FILE, SUSPECTS_FILE
from pipeline_lib.artifacts.samples import CATEGORIES, SAMPLES
from pipeline_lib.artifacts.vectors import ImageVectors
from pipeline_lib.clustering.neighbours import centred, nearest
from pipeline_lib.params.quality import Quality
from pipeline_lib.progress import silent
from pipeline_lib.steps.quality.judge import judge
from pipeline_lib.steps.quality.out_of_fold import out_of_fold

IMAGES, WRONG, COPIES, FIRST, DATA = 1_500, 12, 10, 24, "ingredient101"
SPLITS = ("train", "train", "train", "train", "train", "train", "train", "train", "val", "test")
PARAMS = Quality.model_validate(
    {
        "vectors": "data/artifacts/features/classes",
        "graph": "data/none",
        "neighbours": 10,
        "scores": {"folds": 5, "c": 0.01, "seed": 0},
        "similarity": 0.8,
        "exclusion": 0.9,
        "listed": 500,
    }
)
Encode = Callable[[list[np.ndarray]], np.ndarray]


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seeds", default="100:110")
    arguments = parser.parse_args()
    first, last = map(int, arguments.seeds.split(":"))
    vectors = photos(DATA, arguments.data)
    if isinstance(vectors, str):
        raise SystemExit(vectors)
    files, _, side = PHOTOS[DATA]
    paths = [arguments.data / file for file in files]
    shown, labels = (
        pictures(paths),
        pl.concat([pl.read_parquet(p, columns=["label"]) for p in paths]),
    )
    encode = encoder(arguments.data / WEIGHTS, side)
    with threadpool_limits(1):
        found = [
            measure(shown, labels["label"].to_numpy(), vectors, encode, seed)
            for seed in range(first, last)
        ]
    print(f"{commit()}, {processor()}, {load()}, planting seeds {first} to {last - 1}")
    for name, planted in (("labels", WRONG), ("duplicates", COPIES)):
        for ranking in found[0][name]:
            hits = [one[name][ranking] for one in found]
            told = {"recall": np.mean(hits) / planted, "precision": np.mean(hits) / FIRST}
            rounded = {key: round(float(value), 3) for key, value in told.items()}
            print(json.dumps({name: ranking, "planted": planted, **rounded, "found": hits}))
    print(json.dumps({"pairs listed": [one["listed"]["pairs"] for one in found]}))


def measure(
    shown: list[np.ndarray], labels: np.ndarray, vectors: np.ndarray, encode: Encode, seed: int
) -> dict[str, dict[str, int]]:
    """Plant errors, and count those that each ranking has among its first."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(shown), IMAGES - COPIES, replace=False)
    copied = rng.choice(len(rows), COPIES, replace=False)
    whole = [shown[row] for row in rows] + [altered(shown[rows[one]], rng) for one in copied]
    features = np.concatenate([vectors[rows], encode(whole[len(rows) :])])
    given = labels[np.concatenate([rows, rows[copied]])].copy()
    wrong = rng.choice(np.setdiff1d(np.arange(len(rows)), copied), WRONG, replace=False)
    classes = labels.max() + 1
    given[wrong] = (given[wrong] + rng.integers(1, classes, WRONG)) % classes
    table = tabled(given, rng)
    learnt = ImageVectors(features, ())
    found = judge(
        table, learnt, lambda some: [whole[row] for row in some], None, PARAMS, device=None,
        track=silent,
    ).tables  # fmt: skip
    suspects, alike = (
        found[SUSPECTS_FILE],
        found[DUPLICATES_FILE].sort("similarity", descending=True),
    )
    place = {one: row for row, one in enumerate(table.ids)}
    pairs = {
        (f"{a:04d}", f"{b:04d}") for a, b in zip(copied, range(len(rows), IMAGES), strict=True)
    }
    listed = zip(alike["first"][:FIRST], alike["second"][:FIRST], strict=True)
    near = nearest(centred(features), PARAMS.neighbours, device=None)
    first = np.repeat(np.arange(IMAGES), near.rows.shape[1])
    order = np.argsort(-near.cosine.ravel(), kind="stable")
    flat = near.rows.ravel()
    ordered = (tuple(sorted((f"{first[i]:04d}", f"{flat[i]:04d}"))) for i in order)
    by_vectors = list(dict.fromkeys(ordered))[:FIRST]
    ranked = {"self-confidence": [place[one] for one in suspects["sample_id"]]}
    ranked |= others(features, table.targets("classes"), near.rows, rng)
    return {
        "labels": {k: int(np.isin(wrong, v[:FIRST]).sum()) for k, v in ranked.items()},
        "duplicates": {
            "vectors and thumbnails": len(pairs & set(listed)),
            "vectors alone": len(pairs & set(by_vectors)),
        },
        "listed": {"pairs": len(alike)},
    }


def others(
    features: np.ndarray, carried: np.ndarray, near: np.ndarray, rng: np.random.Generator
) -> dict[str, Any]:
    """Return the images in the order of other rankings, the first of them suspected most."""
    judged = out_of_fold(
        features, carried, np.arange(len(features)), PARAMS.scores, exclusive=True, track=silent
    )
    belief, own = judged.probability, carried.argmax(1)
    rows = np.arange(len(own))
    thresholds = np.array([belief[own == one, one].mean() for one in range(carried.shape[1])])

    def margin(values: np.ndarray) -> np.ndarray:
        found: np.ndarray = values[rows, own] - np.where(carried, -np.inf, values).max(1)
        return found

    agreeing = (own[near] == own[:, None]).mean(1)
    return {
        "normalised margin": np.argsort(margin(belief), kind="stable"),
        "margin of thresholds": np.argsort(margin(belief - thresholds), kind="stable"),
        "neighbours that disagree": np.argsort(agreeing, kind="stable"),
        "by lot": rng.permutation(len(own)),
    }


def altered(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a crop of 95 % of each side, a fifth darker or brighter, compressed anew."""
    height, width = picture.shape[:2]
    inner = round(0.95 * height), round(0.95 * width)
    top, left = rng.integers(0, height - inner[0] + 1), rng.integers(0, width - inner[1] + 1)
    crop = picture[top : top + inner[0], left : left + inner[1]].astype(np.float64)
    exposed = np.clip(crop * rng.choice([0.8, 1.2]), 0, 255).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(exposed).save(stream, "JPEG", quality=70)
    return np.asarray(Image.open(stream).convert("RGB"))


def tabled(classes: np.ndarray, rng: np.random.Generator) -> Labelled:
    """Return images of one class each as the table that stages read."""
    rows = [
        {"sample_id": f"{row:04d}", "split": SPLITS[rng.integers(len(SPLITS))], "classes": [one],
         "tags": [], "width": 1, "height": 1, "sha256": f"{row:064x}", "path": "", "row": row}
        for row, one in enumerate(classes.tolist())
    ]  # fmt: skip
    names = [
        {"kind": "class", "index": i, "name": str(i), "seen": True, "train_count": 1}
        for i in range(classes.max() + 1)
    ]
    return Labelled(
        samples=pl.DataFrame(rows, schema=SAMPLES.dtypes),
        categories=pl.DataFrame(names, schema=CATEGORIES.dtypes),
    )


if __name__ == "__main__":
    main()
