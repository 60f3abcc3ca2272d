"""Section "Relations": what clusters and classes say about pairs of training images (CSRMS)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from pipeline_lib.artifacts.clusters import PROTOTYPES
from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.knowledge import RELATIONS, read_knowledge
from pipeline_lib.artifacts.relations import ANCHORS, CLASS_PAIRS, CLUSTER_CLASSES
from pipeline_lib.artifacts.samples import TRAIN
from pipeline_lib.evaluation.embedding import spread_choice
from pipeline_lib.reporting.collection import Collection
from pipeline_lib.reporting.figures.heat import Heat, relation
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.members import Strip, Vectors, strips
from pipeline_lib.reporting.pictures import Picture
from pipeline_lib.reporting.section import Section
from pipeline_lib.reporting.sections.bars import Bar, bars
from pipeline_lib.targets import Target

LEVELS = ("easy", "medium", "hard")
ANCHORS_PER_LEVEL = 2
NEIGHBOURS = 5  # positives and negatives shown of an anchor
SERVED = "served."


@dataclass(frozen=True)
class Difficulty:
    """The training images of one class by level; an image of several classes counts in each."""

    name: str
    counts: list[int]  # easy, medium, hard
    percent: list[float]


@dataclass(frozen=True)
class Anchor:
    """A training image with some of its positives and negatives."""

    level: str
    classes: str
    image: list[Picture]  # the one
    positives: list[Picture]
    negatives: list[Picture]


@dataclass(frozen=True)
class Relations:
    """The section."""

    facts: dict[str, int]
    dominated: list[Strip]
    mixed: list[Strip]
    similarity: Heat  # with intra-class diversity on its diagonal
    confusable: Heat  # pairs in mixed clusters
    difficulty: list[Difficulty]
    served: dict[str, list[Bar]]  # samples by source, of positives and of negatives
    anchors: list[Anchor]


def relations(
    folder: Path, clusters: Path, features: Path, collection: Collection
) -> Relations | None:
    """Describe the relations, if a run needed any."""
    if not (folder / "anchors.parquet").exists():
        return None
    train = collection.rows(TRAIN)
    ids = collection.ids_of(train)
    levels = ANCHORS.read(folder / "anchors.parquet")["difficulty"].to_numpy()
    knowledge = read_knowledge(RELATIONS, folder / "knowledge.safetensors", ids)
    facts = read_json(folder / "metrics.json")
    pairs = CLASS_PAIRS.read(folder / "pairs.parquet")
    table = CLUSTER_CLASSES.read(folder / "clusters.parquet")
    means = PROTOTYPES.read(clusters / "prototypes.safetensors")[0]["means"]
    dominated, mixed = strips(table, knowledge["cluster"], means, Vectors(features), collection)
    names = collection.class_names
    return Relations(
        facts={name: count for name, count in facts.items() if not name.startswith(SERVED)},
        dominated=dominated,
        mixed=mixed,
        similarity=relation(
            matrix(pairs, len(names), "intra_diversity", "inter_similarity"), names
        ),
        confusable=relation(matrix(pairs, len(names), "mixed"), names),
        difficulty=_difficulty(levels, collection.targets("classes", train), names),
        served={kind: _served(facts, f"{SERVED}{kind}.") for kind in ("positives", "negatives")},
        anchors=_anchors(levels, knowledge, collection, train),
    )


def matrix(pairs: pl.DataFrame, classes: int, *columns: str) -> np.ndarray:
    """Return the sum of some counts, symmetric (classes, classes)."""
    counts = np.zeros((classes, classes), np.int64)
    a, b = pairs["class_a"].to_numpy(), pairs["class_b"].to_numpy()
    counts[a, b] = counts[b, a] = pairs.select(pl.sum_horizontal(columns)).to_series().to_numpy()
    return counts


def _difficulty(levels: np.ndarray, classes: np.ndarray, names: list[str]) -> list[Difficulty]:
    counts = np.stack([classes[levels == level].sum(0) for level in LEVELS], axis=1)
    percent = (100 * counts / np.maximum(counts.sum(1, keepdims=True), 1)).round(1)
    return [Difficulty(*row) for row in zip(names, counts.tolist(), percent.tolist(), strict=True)]


def _served(facts: dict[str, int], prefix: str) -> list[Bar]:
    counts = {k.removeprefix(prefix): v for k, v in facts.items() if k.startswith(prefix)}
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return bars([name.replace("_", " ") for name, _ in ordered], [count for _, count in ordered])


def _anchors(
    levels: np.ndarray, knowledge: dict[str, np.ndarray], collection: Collection, train: np.ndarray
) -> list[Anchor]:
    """Choose a few of every level, at even steps."""
    chosen = []
    for level in LEVELS:
        places = np.flatnonzero(levels == level)
        if len(places):
            chosen += places[spread_choice(len(places), ANCHORS_PER_LEVEL)].tolist()
    return [
        Anchor(
            level=str(levels[place]),
            classes=collection.label(int(train[place])),
            image=collection.pictures(train[[place]]),
            positives=collection.pictures(train[knowledge["positives"][place, :NEIGHBOURS]]),
            negatives=collection.pictures(train[knowledge["negatives"][place, :NEIGHBOURS]]),
        )
        for place in chosen
    ]


def _build(material: Material, target: Target) -> Relations | None:
    folder, clusters, features = (material.at(stage, target) for stage in READS)
    return relations(folder, clusters, features, material.collection)


READS = ("relations", "clusters", "features")
SECTION = Section("relations", "Relations", 90, _build, per="target", reads=READS)
