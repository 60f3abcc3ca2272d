"""Section "Clusters": the visual patterns of the training images."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline_lib.artifacts.clusters import read_labels
from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.samples import TRAIN
from pipeline_lib.clustering.histogram import histogram
from pipeline_lib.clustering.result import sizes
from pipeline_lib.reporting.collection import Collection
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.section import Section
from pipeline_lib.reporting.sections.bars import Bar, bars
from pipeline_lib.targets import Target

PURITY_BINS = 10


@dataclass(frozen=True)
class Clusters:
    """The section."""

    quality: dict[str, float]  # as `pipeline_lib.clustering.quality` describes it
    sizes: list[Bar]  # clusters by size
    purity: list[Bar]  # clusters by the share of their commonest class


def clusters(folder: Path, collection: Collection) -> Clusters | None:
    """Describe the clusters, if a run needed any."""
    if not (folder / "assignments.parquet").exists():
        return None
    train = collection.rows(TRAIN)
    ids = collection.ids_of(train)
    labels, count = read_labels(folder, ids)
    counts = histogram(labels, collection.targets("classes", train), count)
    members = sizes(labels, count)
    held = members > 0
    return Clusters(
        quality=read_json(folder / "metrics.json"),
        sizes=size_bars(members[held]),
        purity=purity_bars(counts[held].max(1) / members[held]),
    )


def size_bars(sizes: np.ndarray) -> list[Bar]:
    """Count clusters in bins that double: 1, 2, 3–4, 5–8 and so on."""
    bins = np.ceil(np.log2(sizes)).astype(np.int64)
    counts = np.bincount(bins).tolist()
    return bars(list(_doubling(len(counts))), counts)


def _doubling(bins: int) -> Iterator[str]:
    for n in range(bins):
        low, high = 2**n // 2 + 1, 2**n
        yield f"{low:,}–{high:,}" if low < high else str(high)


def purity_bars(purity: np.ndarray) -> list[Bar]:
    """Count clusters in steps of 10 %; a bin holds its upper end."""
    bins = np.ceil(purity * PURITY_BINS - 1e-9).astype(np.int64).clip(1, PURITY_BINS) - 1
    width = 100 // PURITY_BINS
    labels = [f"{width * n}–{width * (n + 1)} %" for n in range(PURITY_BINS)]
    return bars(labels, np.bincount(bins, minlength=PURITY_BINS).tolist())


def _build(material: Material, target: Target) -> Clusters | None:
    return clusters(material.at("clusters", target), material.collection)


SECTION = Section("clusters", "Clusters", 80, _build, per="target", reads=("clusters",))
