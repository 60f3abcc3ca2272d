"""Planted errors, looked for by a network that was trained on them and by one that was not.

    python -m benchmarks.quality_learnt [--seeds 100:102]

In a checkout whose default pipeline has run: 12 training images of `scenes` get another class, the
baseline learns these classes anew, and stage `quality` looks for them by its features and by what
`maps` pooled, whose network was trained on the tags. Prints a JSON line for each seed and both.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from ruamel.yaml import YAML

import stages.baseline
import stages.features
from benchmarks.quality import FIRST, PARAMS, WRONG
from pipeline_lib.artifacts.labelled import Labelled, read_labelled
from pipeline_lib.artifacts.quality import SUSPECTS_FILE
from pipeline_lib.artifacts.samples import SAMPLES
from pipeline_lib.artifacts.vectors import ImageVectors, read_vectors
from pipeline_lib.params.section import read_yaml
from pipeline_lib.progress import silent
from pipeline_lib.steps.quality.judge import judge

ARTIFACTS = Path("data/artifacts")
INGEST = ARTIFACTS / "ingest"
CATEGORIES, IMAGES = INGEST / "categories.parquet", INGEST / "images.safetensors"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", default="100:102")
    first, last = map(int, parser.parse_args().seeds.split(":"))
    for seed in range(first, last):
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), seed)


def measure(folder: Path, seed: int) -> None:
    """Plant, train, and count."""
    table, wrong = planted(read_labelled(INGEST / "samples.parquet", CATEGORIES), seed)
    samples, params = folder / "samples.parquet", folder / "params.yaml"
    SAMPLES.write(table.samples, samples)
    weights = folder / "baseline" / "weights.safetensors"
    document = read_yaml(Path("params.yaml"))
    document["features"]["weights"] = str(weights)
    YAML(typ="safe").dump(document, params)
    kept, features = folder / "kept", folder / "features"
    stages.baseline.main("classes", samples, CATEGORIES, IMAGES, kept, weights.parent, params)
    stages.features.main(samples, IMAGES, features, folder / "parts", params)
    for name, place in (("features", features), ("maps", ARTIFACTS / "maps" / "tags")):
        vectors = read_vectors(place, table.ids)
        hits = found(table, vectors, wrong)
        print(json.dumps({"seed": seed, name: vectors.learnt, "planted": WRONG, "found": hits}))


def planted(table: Labelled, seed: int) -> tuple[Labelled, set[str]]:
    """Return the table with other classes of some training images, and their keys."""
    rng = np.random.default_rng(seed)
    wrong, count = rng.choice(table.train, WRONG, replace=False), len(table.class_names)
    classes = table.samples["classes"].to_list()
    for row in wrong.tolist():
        classes[row] = [int((classes[row][0] + rng.integers(1, count)) % count)]
    changed = pl.Series(classes, dtype=pl.List(pl.Int32))
    samples = table.samples.with_columns(classes=changed)
    return Labelled(samples=samples, categories=table.categories), set(table.ids_of(wrong))


def found(table: Labelled, vectors: ImageVectors, wrong: set[str]) -> int:
    """Count the planted ones among the first suspects."""
    params = PARAMS.model_copy(update={"similarity": 1.0})  # copies are no matter here
    tables = judge(table, vectors, _none, None, params, device=None, track=silent).tables
    first = tables[SUSPECTS_FILE].filter(target="classes").sort("rank").head(FIRST)
    return len(wrong & set(first["sample_id"]))


def _none(rows: list[int]) -> list[np.ndarray]:
    return [np.zeros((8, 8, 3), np.uint8)] * len(rows)


if __name__ == "__main__":
    main()
