"""Regions as a table, and how well they find objects."""

import numpy as np
import polars as pl

from pipeline_lib.artifacts.labelled import SampleTable
from pipeline_lib.artifacts.shards import Reader
from pipeline_lib.evaluation.beliefs import softmax
from pipeline_lib.evaluation.intervals import Estimate, bootstrap
from pipeline_lib.evaluation.localisation import (
    Objects,
    best_iou,
    grid_regions,
    hull,
    pointing,
    random_regions,
)
from pipeline_lib.methods.vscnet.lattice import lattice
from pipeline_lib.params.regions import Regions

SCALE = (0.2, 0.8)  # of random regions: the scales that VSCNet allows
DRAWS = 1000


def box_table(reader: Reader, samples: pl.DataFrame, windows: np.ndarray) -> pl.DataFrame:
    """Return one row per region."""
    theta, assigned = reader.whole("theta"), reader.whole("assigned")
    images, regions = assigned.shape
    boxes = hull(theta, windows)
    tag, probability = [], []
    for logits in reader.chunks("tags"):
        beliefs = softmax(logits.astype(np.float32))
        tag.append(beliefs.argmax(2))
        probability.append(beliefs.max(2))
    size = boxes[..., 2:] - boxes[..., :2]
    angle = np.degrees(np.arctan2(theta[..., 1, 0], theta[..., 0, 0]))
    columns = {
        "x": boxes[..., 0], "y": boxes[..., 1], "w": size[..., 0], "h": size[..., 1],
        "angle": angle, "probability": np.concatenate(probability).clip(0, 1),
    }  # fmt: skip
    return pl.DataFrame(
        {
            "sample_id": np.repeat(samples["sample_id"].to_numpy(), regions),
            "region": np.tile(np.arange(regions, dtype=np.int32), images),
            "tag": np.concatenate(tag).ravel().astype(np.int32),
            "assigned": assigned.ravel(),
            **{name: values.ravel().astype(np.float32) for name, values in columns.items()},
        }
    )


def localisation(
    reader: Reader, table: SampleTable, windows: np.ndarray, params: Regions
) -> dict[str, dict[str, float]]:
    """Compare the regions of every evaluation split with random ones and with a grid.

    Splits whose objects have no boxes are left out. Intervals are over images.
    """
    found = {}
    for split in table.evaluation_splits:
        rows = table.rows(split)
        objects = objects_of(table.samples["boxes"][rows])
        if len(objects):
            found[split] = _compare(reader, rows, windows[rows], objects, params)
    return found


def objects_of(boxes: pl.Series) -> Objects:
    """Return the objects of the images that have boxes."""
    long = (
        pl.DataFrame({"image": np.arange(len(boxes)), "box": boxes})
        .explode("box")
        .drop_nulls()
        .unnest("box")
    )
    low = long.select("x", "y").to_numpy().astype(np.float64)
    size = long.select("w", "h").to_numpy().astype(np.float64)
    return Objects(
        long["image"].to_numpy(), long["tag"].to_numpy(), np.concatenate([low, low + size], 1)
    )


def _compare(
    reader: Reader, rows: np.ndarray, windows: np.ndarray, objects: Objects, params: Regions
) -> dict[str, float]:
    evidence = softmax(reader.rows(rows, "tags").astype(np.float32))
    regions = evidence.shape[1]
    nothing = np.zeros_like(evidence)
    ours = hull(reader.rows(rows, "theta"), windows)
    grid = np.repeat(grid_regions(regions)[None], len(rows), 0)
    drawn = [
        random_regions(len(rows), regions, SCALE, params.seed + draw)
        for draw in range(params.random_draws)
    ]
    values = {
        "mean_best_iou": best_iou(ours, objects),
        "mean_best_iou_random": np.mean([best_iou(d, objects) for d in drawn], 0),
        "mean_best_iou_grid": best_iou(grid, objects),
    }
    fixed = _lattice(reader, rows, windows)
    if fixed:
        values["mean_best_iou_lattice"] = best_iou(fixed[0], objects)
    out = _flat(values, objects.image)
    pairs = np.unique(np.stack([objects.image, objects.tag], 1), axis=0)
    values = {
        "pointing_accuracy": pointing(ours, evidence, objects),
        "pointing_accuracy_any_region": pointing(ours, nothing, objects),
        "pointing_accuracy_random": np.mean([pointing(d, nothing, objects) for d in drawn], 0),
        "pointing_accuracy_grid": pointing(grid, nothing, objects),
    }
    if fixed:
        values["pointing_accuracy_lattice"] = pointing(*fixed, objects)
    return out | _flat(values, pairs[:, 0]) | {"objects": len(objects)}


def _lattice(
    reader: Reader, rows: np.ndarray, windows: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return boxes and tags of the lattice, where one was looked at."""
    size = reader.header.get("lattice")
    if not size:
        return None
    logits = reader.rows(rows, "lattice_tags").astype(np.float32)
    boxes = lattice(logits.shape[1], tuple(size)).numpy()
    return hull(np.repeat(boxes[None], len(rows), 0), windows), softmax(logits)


def _flat(values: dict[str, np.ndarray], image: np.ndarray) -> dict[str, float]:
    """Average over objects; intervals by drawing images with replacement."""
    count = np.bincount(image)
    held = count > 0
    sums = [np.bincount(image, weights=v)[held] for v in values.values()]
    means = bootstrap(np.stack([*sums, count[held]], 1).astype(float), draws=DRAWS, seed=0)
    out: dict[str, float] = {}
    for name, column in zip(values, (means[:, :-1] / means[:, -1:]).T, strict=True):
        estimate = Estimate.of(column)
        out |= {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}
    return out
