"""The regions of all images of a data set, found on maps by a trained CSNet."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pipeline_lib.artifacts.regions import CSNET
from pipeline_lib.knowledge.exemplars.assignment import ASSIGNMENTS
from pipeline_lib.progress import Track
from pipeline_lib.steps.csnet import Material
from pipeline_lib.steps.regions.finder import BATCH, Finder, Located
from pipeline_lib.training.determinism import make_deterministic


def folds_of(network: Path, train: np.ndarray, images: int) -> np.ndarray:
    """Return the fold of every image (images,); -1 of those that no network was trained on.

    Args:
        network: what ``csnet`` wrote.
        train: rows of the training images.
        images: of the sample table.
    """
    fold = np.full(images, -1)
    dealt = CSNET.read(network)[0].get("fold")
    if dealt is not None:
        fold[train] = dealt
    return fold


def with_lattice(finder: Finder, material: Material) -> Finder:
    """Return what looks at a lattice too, of boxes as large as the finder's on training images."""
    total, rows = torch.zeros(2, dtype=torch.float64), material.table.train
    for own in np.split(rows, range(BATCH, len(rows), BATCH)):
        theta = finder(torch.from_numpy(material.reader.rows(own, "maps"))).theta
        total += theta.diagonal(dim1=2, dim2=3).abs().mean(1).sum(0).double().cpu()
    width, height = (total / len(rows)).clamp(max=1).tolist()
    return replace(finder, lattice=(width, height))


def find_regions(
    material: Material, finder: Finder, fold: np.ndarray, *, track: Track
) -> Iterator[dict[str, np.ndarray]]:
    """Yield the arrays of artifacts/shards.py REGIONS, batch by batch, in the order of samples."""
    for rows, found in look_at_all(material, finder, fold, track=track):
        yield found.stored | labelled(material, finder, rows, found.tags)


def look_at_all(
    material: Material, finder: Finder, fold: np.ndarray, *, track: Track
) -> Iterator[tuple[np.ndarray, Located]]:
    """Yield rows of the sample table, and what was found in them on maps."""
    make_deterministic()
    starts = range(0, len(material.reader), BATCH)
    for start in track(starts, label="regions: batches", total=len(starts)):
        rows = np.arange(start, min(start + BATCH, len(material.reader)))
        maps = torch.from_numpy(material.reader.rows(rows, "maps"))
        yield rows, finder.held_out(maps, fold[rows])


def labelled(
    material: Material, finder: Finder, rows: np.ndarray, tags: Tensor
) -> dict[str, np.ndarray]:
    """Return which tag supervised each region of training images, and features of whole images.

    Args:
        material: maps and labels.
        finder: whose assignment it is.
        rows: of the sample table.
        tags: logits of their regions (images, regions, tags).
    """
    assign = ASSIGNMENTS[finder.settings.assignment]
    carried = torch.from_numpy(material.tags[rows] & material.table.in_training[rows, None])
    assigned = assign(tags.log_softmax(2), carried)
    return {
        "pooled": material.reader.rows(rows, "pooled"),
        "assigned": assigned.cpu().numpy().astype(np.int32),
    }
