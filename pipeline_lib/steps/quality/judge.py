"""All that is looked for in a data set, in one call."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.artifacts.labelled import Labelled
from pipeline_lib.artifacts.quality import (
    CONTRADICTIONS,
    CONTRADICTIONS_FILE,
    DUPLICATES_FILE,
    OUTLIERS_FILE,
    SUSPECTS,
    SUSPECTS_FILE,
)
from pipeline_lib.artifacts.vectors import ImageVectors
from pipeline_lib.clustering.neighbours import Neighbours, centred, nearest
from pipeline_lib.params.quality import Quality
from pipeline_lib.progress import Track
from pipeline_lib.steps.quality.contradictions import believed, contradictions
from pipeline_lib.steps.quality.duplicates import Pixels, copies, near_duplicates
from pipeline_lib.steps.quality.out_of_fold import out_of_fold
from pipeline_lib.steps.quality.outliers import outliers
from pipeline_lib.steps.quality.suspects import (
    disagreements,
    doubted_tags,
    suspect_frame,
    wrong_classes,
)
from pipeline_lib.targets import TARGETS, Target


@dataclass(frozen=True)
class Found:
    """The tables by file, and the counts."""

    tables: dict[str, pl.DataFrame]
    facts: dict[str, Any]


def judge(
    table: Labelled,
    vectors: ImageVectors,
    pixels: Pixels,
    edges: pl.DataFrame | None,
    params: Quality,
    *,
    device: str | None,
    track: Track,
) -> Found:
    """Look for suspected labels, near-duplicates, outliers and contradictions.

    Args:
        table: all images of all splits.
        vectors: of the images, in their order.
        pixels: reads some pictures.
        edges: of a category graph, as EDGES; None where there is none.
        params: how far to look.
        device: "cuda" lets FAISS search there.
        track: counts folds, and pictures that are compared.
    """
    near = nearest(centred(vectors.rows), params.neighbours, device=device)
    alike = near_duplicates(table, near, pixels, at_least=params.similarity, track=track)
    groups = copies(table, alike)
    facts: dict[str, Any] = {
        "images": len(table),
        "learnt": list(vectors.learnt),
        "duplicates": {
            "pairs": len(alike),
            "straddle": int(alike["straddles"].sum()),
            "labels_differ": int(alike["labels_differ"].sum()),
        },
    }
    frames: list[pl.DataFrame] = [SUSPECTS.schema.create_empty()]
    for target in TARGETS:
        frames += _suspects(table, target, vectors, near, groups, params, track, facts)
    against: pl.DataFrame = CONTRADICTIONS.schema.create_empty()
    if edges is not None:
        against = contradictions(table, edges, at_least=params.exclusion)
        pairs = len(believed(edges, params.exclusion))
        facts["contradictions"] = {
            "excluded_pairs": pairs,
            "images": against["sample_id"].n_unique(),
            "found": len(against),
        }
    return Found(
        {
            SUSPECTS_FILE: pl.concat(frames),
            DUPLICATES_FILE: alike,
            OUTLIERS_FILE: outliers(table, near, listed=params.listed),
            CONTRADICTIONS_FILE: against,
        },
        facts,
    )


def _suspects(
    table: Labelled,
    target: Target,
    vectors: ImageVectors,
    near: Neighbours,
    groups: np.ndarray,
    params: Quality,
    track: Track,
    facts: dict[str, Any],
) -> Iterator[pl.DataFrame]:
    """Yield the suspects of a target, and note what could be judged; nothing where it has no label.

    Classes are judged as such where an image has one at most, else as tags are.
    """
    carried = table.targets(target)
    if not carried.any():
        return
    exclusive = target == "classes" and int(carried.sum(1).max()) == 1
    judged = out_of_fold(
        vectors.rows, carried, groups, params.scores, exclusive=exclusive, track=track
    )
    own = carried[np.ix_(judged.rows, judged.labels)]
    facts[target] = {
        "judged": len(judged.rows),
        "labelled": int(carried.any(1).sum()),
        "rare": len(judged.rare),
    }
    if not len(judged.rows):
        return
    if exclusive:
        facts[target]["disagreements"] = disagreements(judged, own)
        doubts = [wrong_classes(judged, own, params.listed)]
    else:
        unsaid = table.difficult(target, judged.rows) | table.unknown(target, judged.rows)
        said = ~unsaid[:, judged.labels] | own
        doubts = list(doubted_tags(judged, own, said, params.listed))
    for doubted in doubts:
        learnt = target in vectors.learnt
        yield suspect_frame(table, target, judged, doubted, near, learnt=learnt)
