"""Locked-image tuning on real photographs: what each start and each kind of pair is worth.

    python -m benchmarks.lit --data DIR --trunk NAME --weights FILE --sentences FOLDER --kept FOLDER

DIR holds Parquet files of Flickr8k (`flickr8k/`: captions, splits train and test) and of COCO
(`coco/`: labels). Stages ingest and encode them as a project does, below FOLDER, which keeps them
for the next time; source `lit` learns from the training photographs of Flickr8k. Prints a line of
JSON for each model and seed, and a table of means over seeds: macro mAP over COCO's names on its
val photographs, zero-shot, and how many captions of Flickr8k's test photographs find theirs, with
95 % intervals over photographs (of the first seed). Beside the last model stand ConSE by the
classes of its trunk, and the sum of both, standardised over COCO's training photographs.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import torch
import torch.nn.functional as F

from benchmarks.machine import commit, load
from pipeline_lib.artifacts.labelled import Labelled, read_labelled
from pipeline_lib.artifacts.samples import TEST, TRAIN, VAL
from pipeline_lib.artifacts.vectors import ImageVectors, read_vectors
from pipeline_lib.datasets.images import Images
from pipeline_lib.encoders.text.prompts import fill
from pipeline_lib.encoders.vlp.texts import Encoder
from pipeline_lib.evaluation.average_precision import (
    CONVENTIONS,
    average_precisions,
    mean_over_categories,
)
from pipeline_lib.evaluation.intervals import Estimate, bootstrap, centred
from pipeline_lib.evaluation.resamples import Resamples
from pipeline_lib.families.open_vocabulary.settings import MixtureSettings
from pipeline_lib.families.open_vocabulary.vocabulary import Labels
from pipeline_lib.methods.conse.head import ConseHead
from pipeline_lib.methods.conse_clip.head import SumHead
from pipeline_lib.nn.towers import Seen, TrunkClassifier
from pipeline_lib.params.vlp import Lit, Vlp
from pipeline_lib.progress import silent
from pipeline_lib.project.layers import DEFAULT
from pipeline_lib.project.presets import text_of
from pipeline_lib.settings.recipe import AdamW, OneCycle, Recipe
from pipeline_lib.steps.vlp.lit import PROMPTS, Projected, project, towers_of
from pipeline_lib.steps.vlp.recall import AT, recalls
from pipeline_lib.training.loop import Run

SEEDS, DRAWS = (0, 1, 2), 1000
VAL_SHARE = 0.02  # of Flickr8k's training photographs, to find the epoch that is kept
SIDE = 224  # pixels; the photographs have little more
ROOT = Path(__file__).parents[1]
COLUMNS = {
    "flickr8k": {},
    "coco": {"dataset.columns.classes": "", "dataset.columns.tags": "labels"},
}
RECALLS = [f"R@{rank}" for rank in AT]
MODEL = "COCO mAP"
CONSE, BOTH = "ConSE (√p of the 50 likeliest classes)", "ConSE and the last model, z-scores added"


@dataclass(frozen=True)
class Made:
    """A data set as the stages left it."""

    table: Labelled
    images: Images
    vectors: ImageVectors
    folder: Path


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    title: str
    settings: Lit
    captioned: bool = True  # whether captions are there to learn from
    seeds: tuple[int, ...] = SEEDS


def rows() -> Iterator[Row]:
    """Yield what is compared."""
    optimizer = AdamW(lr=1e-3, weight_decay=1e-2)
    recipe = Recipe(epochs=10, batch_size=500, optimizer=optimizer, schedule=OneCycle())
    whole = Lit(name="lit", ridge=30.0, anchors=1.0, scale=20.0, seed=0, recipe=recipe)
    plain = {"ridge": 0.0, "anchors": 0.0, "recipe": replace(recipe, epochs=15)}
    yield Row("ridge alone", whole, captioned=False, seeds=(0,))
    yield Row("LiT from a random start, 15 epochs", whole.model_copy(update=plain))
    yield Row("LiT from the ridge, names as pairs, 10 epochs", whole)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    for name in ("data", "weights", "sentences", "kept"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--trunk", required=True)
    given = parser.parse_args()
    captioned, named = (encoded(name, given) for name in ("flickr8k", "coco"))
    print(json.dumps({"commit": commit(), "load": load()}), flush=True)
    found = [(row, list(measured(row, captioned, named, given))) for row in rows()]
    print("\n".join(table(found)))


def encoded(name: str, given: argparse.Namespace) -> Made:
    """Run the stages `ingest` and `features`, which encode what is new."""
    folder = given.kept.resolve() / name
    folder.mkdir(parents=True, exist_ok=True)
    changes = {
        "dataset.format": "parquet",
        "dataset.path": str((given.data / name).resolve()),
        "dataset.max_rejected": 0.02,
        "dataset.duplicates": "report",
        "dataset.val_share": VAL_SHARE,
        **COLUMNS[name],
        "features.backbone": {"model": given.trunk, "pretrained": False, "image_size": SIDE},
        "features.batch_size": 32,
        "features.weights": str(given.weights.resolve()),
    }
    text, params = text_of(ROOT / "presets", DEFAULT, changes), folder / "params.yaml"
    tables, parts = folder / "ingest", given.kept.resolve() / "features"
    samples, images = tables / "samples.parquet", tables / "images.safetensors"
    features = folder / "features"
    if not features.exists() or params.read_text(encoding="utf-8") != text:
        params.write_text(text, encoding="utf-8")
        stage(folder, "ingest", out=tables)
        stage(folder, "features", samples=samples, images=images, features=features, parts=parts)
    found = read_labelled(samples, tables / "categories.parquet")
    with contextlib.chdir(folder):  # whose params.yaml says where photographs lie
        pictures = Images(images, found.samples)
    return Made(found, pictures, read_vectors(features, found.ids), folder)


def stage(folder: Path, name: str, **options: Path) -> None:
    """Run a stage as DVC does, in a folder with params.yaml."""
    told = [word for key, value in options.items() for word in (f"--{key}", str(value))]
    command = [sys.executable, "-m", f"stages.{name}", *told]
    subprocess.run(command, cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True)


def measured(
    row: Row, captioned: Made, named: Made, given: argparse.Namespace
) -> Iterator[dict[str, Any]]:
    """Train a row with each of its seeds, judge it, and print what it came to."""
    samples = captioned.table.samples
    if not row.captioned:
        samples = samples.with_columns(captions=pl.lit(None, pl.List(pl.String)))
    known = Labelled(samples=samples, categories=captioned.table.categories)
    encode = Encoder(given.sentences.resolve(), given.kept.resolve() / "texts", "cpu", silent)
    for seed in row.seeds:
        settings = row.settings.model_copy(update={"seed": seed})
        params = Vlp(
            source=settings,
            checkpoint=str(given.weights.resolve()),
            sentences=str(given.sentences.resolve()),
            vectors=str(captioned.folder / "features"),
        )
        towers = towers_of(params, known, captioned.images.pixels, encode)
        start = time.perf_counter()
        model = project(
            settings, towers, known, encode, Run(device="cpu", track=silent, label="lit")
        )
        seconds = round(time.perf_counter() - start, 1)
        metrics = zero_shot(model, named, encode) | retrieval(model, captioned, encode)
        told = {name: [e.value, e.low, e.high] for name, e in metrics.items()}
        print(json.dumps({"row": row.title, "seed": seed, "seconds": seconds} | told), flush=True)
        yield metrics


def _images(model: Projected, vectors: np.ndarray) -> torch.Tensor:
    visual: Any = model.joined.model.visual
    return F.normalize(visual.head(torch.from_numpy(vectors)).detach(), dim=1)


def _texts(model: Projected, vectors: np.ndarray) -> torch.Tensor:
    projection: Any = model.joined.model.text.proj
    return F.normalize(projection(torch.from_numpy(vectors)).detach(), dim=1)


def _seen(model: Projected, vectors: np.ndarray) -> Seen:
    """Return images as a run sees them that reads their vectors."""
    pooled = _images(model, vectors)
    return Seen(pooled, pooled[:, None], torch.from_numpy(vectors))


def zero_shot(model: Projected, named: Made, encode: Encoder) -> dict[str, Estimate]:
    """Return the macro mAP over the names of the val photographs: of the model, ConSE and both."""
    names = named.table.tag_names
    each = _texts(model, encode(fill(PROMPTS, names))).view(len(names), len(PROMPTS), -1)
    texts, every = F.normalize(each.mean(1), dim=1), torch.arange(len(names))
    labels = Labels(texts, torch.empty((len(names), 0), dtype=torch.long), every)
    seen, taught = (
        _seen(model, named.vectors.rows[named.table.rows(split)]) for split in (VAL, TRAIN)
    )
    found = {MODEL: seen.pooled @ texts.T}
    if model.classifier is not None:
        arrays = {name: torch.from_numpy(array) for name, array in model.classifier[0].items()}
        classes, settings = TrunkClassifier(**arrays), MixtureSettings(classes=50, weighting="root")
        both = SumHead(classes, settings)
        both.settle(both.vectors(taught), labels)
        found |= {CONSE: ConseHead(classes, 1.0, settings)(seen, labels), BOTH: both(seen, labels)}
    return {name: _macro(scores.detach().numpy(), named) for name, scores in found.items()}


def _macro(scores: np.ndarray, named: Made) -> Estimate:
    rows = named.table.rows(VAL)
    truth = named.table.targets("tags", rows)
    resamples = Resamples.drawn(len(rows), draws=DRAWS, seed=0)
    found = average_precisions(scores, truth, np.zeros_like(truth), resamples)
    values = found[CONVENTIONS.index("noninterpolated")]
    draws = centred(mean_over_categories(values, empty="skip")[:, None])
    return Estimate.of(draws[:, 0])


def retrieval(model: Projected, captioned: Made, encode: Encoder) -> dict[str, Estimate]:
    """Return how many captions of the test photographs find theirs among the first."""
    rows = captioned.table.rows(TEST)
    captions = captioned.table.samples["captions"][rows]
    owners = torch.arange(len(rows)).repeat_interleave(
        torch.from_numpy(captions.list.len().to_numpy().astype(np.int64))
    )
    texts = _texts(model, encode(captions.explode().to_list()))
    found = recalls(_images(model, captioned.vectors.rows[rows]), texts, owners)
    draws = bootstrap(found.double().numpy(), draws=DRAWS, seed=0)
    return {name: Estimate.of(column) for name, column in zip(RECALLS, draws.T, strict=True)}


def table(found: list[tuple[Row, list[dict[str, Estimate]]]]) -> Iterator[str]:
    """Yield the lines of a table: means over seeds, the interval of the first, and the spread."""
    yield f"| model | {MODEL} | " + " | ".join(RECALLS) + " |"
    yield "|---|" + "--:|" * (1 + len(RECALLS))
    for row, seeds in found:
        cells = [cell([metrics[name] for metrics in seeds]) for name in (MODEL, *RECALLS)]
        yield f"| {row.title} | " + " | ".join(cells) + " |"
    _, seeds = found[-1]
    for name in (CONSE, BOTH):
        yield f"| {name} | {cell([metrics[name] for metrics in seeds])} |" + " |" * len(RECALLS)


def cell(seeds: list[Estimate]) -> str:
    """Write the mean over seeds, their range where there are several, and an interval."""
    values = [100 * one.value for one in seeds]
    spread = f" ({min(values):.1f} to {max(values):.1f})" if len(seeds) > 1 else ""
    interval = f"[{100 * seeds[0].low:.1f}, {100 * seeds[0].high:.1f}]"
    return f"{np.mean(values):.1f}{spread} {interval}"


if __name__ == "__main__":
    main()
