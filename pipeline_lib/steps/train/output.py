"""Write what fitting gave."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.artifacts.encoded import encoded_for
from pipeline_lib.artifacts.labelled import read_categories, read_samples
from pipeline_lib.artifacts.scores import BACKBONE, KNOWLEDGE, SCORES, WEIGHTS
from pipeline_lib.artifacts.tensors import header_of
from pipeline_lib.encoders.classifier import classifier_name
from pipeline_lib.fingerprint import file_digest
from pipeline_lib.steps.train.backbone import backbone_of
from pipeline_lib.steps.train.cost import encoded
from pipeline_lib.steps.train.inputs import open_stored
from pipeline_lib.steps.train.job import Job
from pipeline_lib.steps.train.probe import probe
from pipeline_lib.steps.train.settings import stored
from pipeline_lib.training.fitted import Fitted


def write_fitted(folder: Path, job: Job, seeds: list[int], fitted: list[Fitted]) -> None:
    """Write weights, scores and training history of all seeds."""
    backbone = backbone_of(job)
    write_weights(folder / "weights.safetensors", job, seeds, fitted, backbone)
    _write_scores(folder, job, seeds, fitted, backbone)


def write_weights(
    path: Path, job: Job, seeds: list[int], fitted: list[Fitted], backbone: dict[str, Any]
) -> None:
    """Write the networks, and all that it takes to build them again and to score images."""
    arrays = {f"{KNOWLEDGE}/{n}": value.numpy() for n, value in fitted[0].knowledge.items()}
    for seed, found in zip(seeds, fitted, strict=True):
        arrays |= {f"{seed}/{name}": value.numpy() for name, value in found.state.items()}
    WEIGHTS.write(
        path,
        arrays,
        seeds=seeds,
        run=job.name,
        method=job.method,
        model=backbone["model"],
        backbone=backbone,
        settings=stored(job.settings),
        problem=fitted[0].problem,
        reads={"samples": job.samples.as_posix(), "input": job.input.as_posix()},
        unseen=_unseen(job),
        prompts=_prompts(job),
        **_origin(job),
        **_for_users(job, fitted[0]),
    )


def _unseen(job: Job) -> list[str]:
    """Return the names of what no training image may carry."""
    found = read_categories(job.categories).of(job.target)
    return found.filter(~pl.col("seen"))["name"].to_list()


def _prompts(job: Job) -> list[str]:
    """Return the sentences around names whose vectors the method learns from."""
    found: list[str] = header_of(job.text).get("prompts", []) if job.text else []
    return found


def _origin(job: Job) -> dict[str, Any]:
    """Return what the weights are worth nothing without, by digests: a changed one is refused.

    "start", the vision-language model that lends them what was not trained; "probe", some rows of
    stored inputs (steps/train/probe.py), and "made", what makes such inputs of other pictures
    (artifacts/made.py).
    """
    found: dict[str, Any] = {}
    if job.input.is_dir():
        table = read_samples(job.samples)
        reader = open_stored(job.input, table.samples)
        found |= {"probe": probe(reader, table), "made": reader.origin["made"]}
    if job.weights is not None and job.weights.is_dir():
        start = {"path": job.weights.as_posix(), "digest": file_digest(job.weights)}
        found |= {"start": start}
    return found


def write_backbone(folder: Path, job: Job, seed: int, fitted: Fitted) -> None:
    """Write the trained network under timm's own names, its scores and its history."""
    model = job.backbone.model if job.backbone else ""
    prefixes = {"encoder.": "", "head.": f"{classifier_name(model)}."}
    arrays = {
        name.replace(ours, timms, 1): value.numpy()
        for ours, timms in prefixes.items()
        for name, value in fitted.state.items()
        if name.startswith(ours)
    }
    own = {f"baseline@{job.target}": int(fitted.history[-1]["images_encoded"])}
    rests = encoded_for(job.weights) | own
    backbone = backbone_of(job)
    args = {k: v for k, v in backbone.items() if k == "model_args"}
    about = {"model": model, "encoded": rests, **args, **_for_users(job, fitted)}
    BACKBONE.write(folder / "weights.safetensors", arrays, **about)
    _write_scores(folder, job, [seed], [fitted], backbone)


def _for_users(job: Job, fitted: Fitted) -> dict[str, Any]:
    """Return what weights need to be used on other images."""
    names = read_categories(job.categories).names(job.target)
    return {"target": job.target, "names": names, "preprocess": fitted.preprocess}


def _write_scores(
    folder: Path, job: Job, seeds: list[int], fitted: list[Fitted], backbone: dict[str, Any]
) -> None:
    arrays: dict[str, np.ndarray] = {}
    for seed, found in zip(seeds, fitted, strict=True):
        arrays |= {f"{seed}/{s}/logits": v.float().numpy() for s, v in found.logits.items()}
        arrays |= {f"{seed}/{s}/zsl": v.float().numpy() for s, v in found.zsl.items()}
    first = fitted[0].features
    arrays |= {f"{seeds[0]}/{s}/features": v.half().numpy() for s, v in first.items()}
    extras, costs = fitted[0].extras, [encoded(job, found) for found in fitted]
    arrays |= {f"{seeds[0]}/extra/{name}": value.numpy() for name, value in extras.items()}
    SCORES.write(
        folder / "scores.safetensors",
        arrays,
        run=job.name,
        method=job.method,
        seeds=seeds,
        splits=sorted(first),
        leaks=fitted[0].leaks,
        facts=[found.facts for found in fitted],
        liveness=[[asdict(reading) for reading in found.liveness] for found in fitted],
        settings=stored(job.settings),
        backbone=backbone,
        encoded=costs,
        images_encoded=[sum(cost.values()) for cost in costs],
    )
    _write_history(folder / "history.csv", seeds, fitted)


def _write_history(path: Path, seeds: list[int], fitted: list[Fitted]) -> None:
    """Write one row per seed and epoch, as CSV because `dvc plots` reads no Parquet."""
    frames = [
        pl.DataFrame(found.history).select(
            pl.lit(seed).alias("seed"), pl.col("epoch").cast(pl.Int64), pl.exclude("epoch")
        )
        for seed, found in zip(seeds, fitted, strict=True)
    ]
    write_bytes(path, pl.concat(frames).write_csv().encode())
