"""A vision-language model of any trunk and any sentence encoder: source ``lit``.

Of both towers only projections are trained, on what the towers gave once. Equations and the loop
are in ``projections``; here is what is read, and what is said of it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.artifacts.encoded import encoded_of
from pipeline_lib.artifacts.labelled import SampleTable
from pipeline_lib.artifacts.samples import TRAIN, VAL
from pipeline_lib.artifacts.vectors import ImageVectors, read_vectors
from pipeline_lib.encoders.extractor import Pixels
from pipeline_lib.encoders.text.prompts import fill
from pipeline_lib.encoders.vlp.joined import Joined, join, sentences_of
from pipeline_lib.encoders.vlp.texts import Encoder
from pipeline_lib.encoders.vlp.trunk import Trunk, trunk_of
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.embedding import spread_choice
from pipeline_lib.evaluation.intervals import Estimate, bootstrap
from pipeline_lib.params.section import optional_path
from pipeline_lib.params.vlp import Lit, Vlp
from pipeline_lib.steps.vlp.projections import (
    Anchors,
    Captioned,
    LitTask,
    Projections,
    as_wide,
    at_random,
    ridge,
    without,
)
from pipeline_lib.steps.vlp.recall import AT, recalls
from pipeline_lib.training.loop import Run, train

# Around the names of the trunk's classes: what the default preset puts around those of categories.
PROMPTS = ("There is a {} in the scene", "A photo of a {}", "a {}")
JUDGED = 5000  # images of val that recall is measured among at most, at even steps: recall falls
# with their number, and of COCO it is published among so many
DRAWS = 1000  # of the images of val, for intervals
PROBED = 8  # images by which the trunk is told from others
UNLIKE = 0.05  # relative distance from which on two vectors are no roundings of one


@dataclass(frozen=True)
class Towers:
    """Two frozen towers, and what the first one gave of every image."""

    trunk: Trunk
    joined: Joined
    vectors: ImageVectors
    names: Tensor | None  # (classes, prompts, dims) of the trunk's classes, unit length


@dataclass(frozen=True)
class Projected:
    """A whole model, and what is said of it."""

    joined: Joined
    history: list[dict[str, float]]
    classifier: tuple[dict[str, np.ndarray], list[str]] | None  # artifacts/vlp.py CLASSIFIER
    metrics: dict[str, Any]


def towers_of(params: Vlp, table: SampleTable, pixels: Pixels, encode: Encoder) -> Towers:
    """Build both towers.

    Raises:
        InputError: one of them cannot be built, or the trunk is not the one that made the vectors.
    """
    where = Path(params.vectors)
    vectors = read_vectors(where, table.ids)
    trunk = trunk_of(vectors.origin, optional_path(params.checkpoint), where)
    joined = join(trunk, sentences_of(Path(params.sentences)), vectors.rows.shape[1], where)
    _check_trunk(trunk, joined, vectors.rows, pixels, where)
    names = None
    if trunk.classifier is not None:
        found = encode(fill(PROMPTS, trunk.classifier.names))
        names = torch.from_numpy(found).reshape(-1, len(PROMPTS), found.shape[1])
    return Towers(trunk, joined, vectors, names)


def project(
    settings: Lit, towers: Towers, table: SampleTable, encode: Encoder, run: Run
) -> Projected:
    """Train the projections, and put them into the model.

    Raises:
        InputError: there is nothing to learn from: no caption, and no names for a regression.
    """
    pairs, val = (_captioned(table, split, towers.vectors, encode) for split in (TRAIN, VAL))
    kept, history = _start(settings, towers, pairs), list[dict[str, float]]()
    metrics = _told(settings, towers, table, pairs, val)
    if pairs is not None:
        task = _task(settings, kept, towers, pairs, val)
        history = train(task, len(pairs), settings.recipe, seed=settings.seed, run=run)
        kept = task.cpu().kept
        metrics["kept_epoch"] = int(task.best)
        if val is not None:
            history = [
                record | _by_rank(recall)
                for record, recall in zip(history, task.recalls, strict=True)
            ]
    _put(kept, towers.joined)
    recall = None if val is None else _recall(kept, val)
    metrics |= {"scale": float(kept.logit_scale.detach().exp()), "recall": recall}
    return Projected(towers.joined, history, _classifier(kept, towers), metrics)


def _captioned(
    table: SampleTable, split: str, vectors: ImageVectors, encode: Encoder
) -> Captioned | None:
    """Return the images of a split that have captions, with these; None where none has any."""
    rows = _with_captions(table, table.rows(split))
    if split != TRAIN:
        rows = rows[spread_choice(len(rows), JUDGED)] if len(rows) else rows
    if not len(rows):
        return None
    captions = table.samples["captions"][rows]
    return Captioned(
        torch.from_numpy(vectors.rows[rows]),
        torch.from_numpy(encode(captions.explode().to_list())),
        torch.from_numpy(captions.list.len().to_numpy().astype(np.int64)),
    )


def _with_captions(table: SampleTable, rows: np.ndarray) -> np.ndarray:
    counts = table.samples["captions"][rows].list.len().fill_null(0)
    found: np.ndarray = rows[counts.to_numpy() > 0]
    return found


def _start(settings: Lit, towers: Towers, pairs: Captioned | None) -> Projections:
    rows, names = _classes(towers)
    by_ridge = settings.ridge > 0 and names is not None
    if pairs is None and not by_ridge:
        raise InputError(
            "vlp.source is lit, no training image has a caption, and "
            + (
                "vlp.source.ridge is 0"
                if names is not None
                else "the trunk's classes have no names"
            )
            + "; expected captions or names to learn from; set dataset.columns.caption, name "
            "weights with a classifier in vlp.checkpoint, or choose another vlp.source"
        )
    every = names if pairs is None else pairs.captions
    assert every is not None
    text = without(every.mean(0))
    if names is not None and by_ridge:
        image = as_wide(ridge(rows, F.normalize(names @ text.T, dim=1), penalty=settings.ridge))
    else:
        image = at_random(len(text), towers.vectors.rows.shape[1], settings.seed)
    return Projections(image, text, settings.scale)


def _classes(towers: Towers) -> tuple[Tensor, Tensor | None]:
    """Return the rows of the trunk's classifier, centred, and the means of its names' vectors."""
    if towers.trunk.classifier is None or towers.names is None:
        return torch.empty(0), None
    rows = torch.from_numpy(towers.trunk.classifier.weight)
    return rows - rows.mean(0), F.normalize(towers.names.mean(1), dim=1)


def _task(
    settings: Lit, start: Projections, towers: Towers, pairs: Captioned, val: Captioned | None
) -> LitTask:
    rows, names = _classes(towers)
    task = LitTask(
        start,
        pairs,
        val,
        Anchors(rows, names) if names is not None and settings.anchors > 0 else None,
        weight=settings.anchors,
        epochs=settings.recipe.epochs,
        seed=settings.seed,
    )
    task.images_encoded += sum(encoded_of(towers.vectors.origin).values())
    return task


def _recall(projections: Projections, pairs: Captioned) -> dict[str, Any]:
    """Return how many captions of val find their image, with intervals over images."""
    with torch.inference_mode():
        found = recalls(
            projections.images(pairs.features), projections.texts(pairs.captions), pairs.owners
        )
    draws = bootstrap(found.double().numpy(), draws=DRAWS, seed=0)
    estimates = [Estimate.of(column) for column in draws.T]
    return {
        str(rank): {"value": one.value, "low": one.low, "high": one.high}
        for rank, one in zip(AT, estimates, strict=True)
    }


def _by_rank(recall: Tensor) -> dict[str, float]:
    return {f"recall_{rank}": float(r) for rank, r in zip(AT, recall.tolist(), strict=True)}


def _told(
    settings: Lit,
    towers: Towers,
    table: SampleTable,
    pairs: Captioned | None,
    val: Captioned | None,
) -> dict[str, Any]:
    """Return what was there to learn from."""
    classes = 0 if towers.trunk.classifier is None else len(towers.trunk.classifier.names)
    return {
        TRAIN: _counts(table, TRAIN, pairs),
        VAL: _counts(table, VAL, val),
        "trunk": towers.trunk.model,
        "classes": classes,
        "start": "ridge" if classes and settings.ridge > 0 else "random",
        "anchors": classes if settings.anchors > 0 and pairs is not None else 0,
        "epochs": settings.recipe.epochs if pairs is not None else 0,
        "kept_epoch": None,
    }


def _counts(table: SampleTable, split: str, used: Captioned | None) -> dict[str, int]:
    rows = table.rows(split)
    return {
        "images": len(rows),
        "with_captions": len(_with_captions(table, rows)),
        "used": 0 if used is None else len(used),
        "captions": 0 if used is None else len(used.captions),
    }


def _put(projections: Projections, joined: Joined) -> None:
    """Put the projections into the model."""
    visual: Any = joined.model.visual
    with torch.no_grad():
        visual.head.proj.weight.copy_(projections.image)
        joined.model.text.proj.weight.copy_(projections.text)
        joined.model.logit_scale.copy_(projections.logit_scale)


def _classifier(
    projections: Projections, towers: Towers
) -> tuple[dict[str, np.ndarray], list[str]] | None:
    """Return the trunk's classifier with the names of its classes in the joint space."""
    found = towers.trunk.classifier
    if found is None or towers.names is None:
        return None
    with torch.no_grad():
        each = projections.texts(towers.names.flatten(0, 1)).view_as(towers.names)
        embeddings = F.normalize(each.mean(1), dim=1).numpy()
    return {"weight": found.weight, "bias": found.bias, "embeddings": embeddings}, found.names


@torch.inference_mode()
def _check_trunk(
    trunk: Trunk, joined: Joined, vectors: np.ndarray, pixels: Pixels, where: Path
) -> None:
    """Refuse other weights than those that made the vectors: the model would be of two halves."""
    rows = spread_choice(len(vectors), PROBED).tolist()
    visual: Any = joined.model.visual
    images = trunk.preprocess.normalise(trunk.preprocess.geometry(pixels(rows)))
    found = visual.trunk(images).flatten(1).numpy()
    apart = np.linalg.norm(found - vectors[rows], axis=1) / np.linalg.norm(vectors[rows], axis=1)
    if not (apart < UNLIKE).all():
        raise InputError(
            f"{where} (vlp.vectors): {trunk.model} with vlp.checkpoint gives vectors that are "
            f"{apart.max():.2f} of their length away from these, expected less than {UNLIKE}; name "
            "the weights that made them in vlp.checkpoint, at an output_stride of 0"
        )
