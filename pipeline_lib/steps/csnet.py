"""Train CSNet, which finds regions without boxes, on cached feature maps (VSCNet, Eqs. 1-4)."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline_lib.artifacts.labelled import Labelled
from pipeline_lib.artifacts.regions import FOLDS
from pipeline_lib.artifacts.shards import MAPS, Reader
from pipeline_lib.closure import code_digest
from pipeline_lib.errors import InputError
from pipeline_lib.fingerprint import digest, file_digest
from pipeline_lib.knowledge.exemplars.assignment import ASSIGNMENTS
from pipeline_lib.methods.vscnet.csnet_task import CsnetTask, weights_of
from pipeline_lib.methods.vscnet.settings import CsnetSettings
from pipeline_lib.progress import Track
from pipeline_lib.steps.train.inputs import Stored
from pipeline_lib.steps.train.settings import spelt
from pipeline_lib.targets import Target
from pipeline_lib.training.checkpoints import Checkpoints
from pipeline_lib.training.data import Pictures
from pipeline_lib.training.determinism import generator, make_deterministic
from pipeline_lib.training.loop import Run, train


@dataclass(frozen=True)
class Material:
    """What CSNet learns from."""

    maps: Path
    table: Labelled
    reader: Reader
    tags: np.ndarray  # multi-hot (images, tags)
    classes: np.ndarray  # multi-hot (images, classes); no columns where tags are the target

    @property
    def dims(self) -> int:
        """Channels of a map."""
        return self.reader.shapes["maps"][0]


def read_material(maps: Path, table: Labelled, target: Target) -> Material:
    """Open the maps beside the labels.

    Raises:
        InputError: the data set has no tags, or no classes where they are the target.
    """
    table.predicted("tags")
    wanted = table.predicted_names(target) if target == "classes" else []
    classes = table.targets("classes")[:, : len(wanted)]
    return Material(maps, table, MAPS.open(maps, table.ids), table.targets("tags"), classes)


def check_grid(reader: Reader, least: int) -> None:
    """Refuse maps with too few cells to choose from.

    Raises:
        InputError: a side has fewer than ``least``.
    """
    _, height, width = reader.shapes["maps"]
    if min(height, width) < least:
        raise InputError(
            f"{reader.folder}: maps of {height} x {width} cells, expected at least {least} x "
            f"{least} to find regions in (csnet.min_grid); in section `maps` set a smaller "
            "output_stride, a larger image_size or an earlier layer"
        )


def fit_csnet(
    material: Material,
    params: CsnetSettings,
    checkpoints: Path,
    *,
    device: str,
    track: Track,
) -> tuple[dict[str, Tensor], list[dict[str, float]]]:
    """Train the network of all training images; return the weights and one record per epoch."""
    check_grid(material.reader, params.min_grid)
    if params.weights.classes and not material.classes.shape[1]:
        raise InputError(
            f"csnet.weights.classes is {params.weights.classes}, and this network is trained for "
            "tags, which reads no class; set csnet.weights.classes to 0.0"
        )
    train_rows = material.table.train
    if not material.tags[train_rows].any():
        raise InputError(
            "samples.parquet: no training image carries a tag, expected some for CSNet to find; "
            "choose a data set with tags"
        )
    return _fit(material, params, train_rows, checkpoints, "csnet", device=device, track=track)


def fit_folds(
    material: Material,
    params: CsnetSettings,
    checkpoints: Path,
    *,
    device: str,
    track: Track,
) -> dict[str, np.ndarray]:
    """Train a further network without each fold; return the arrays of artifacts/regions.py CSNET.

    A network knows the tags of what it was trained on by heart, so that what it finds in training
    images is surer than in any other. Here nothing has seen the image whose regions it finds, as
    in the stacking of Wolpert, "Stacked generalization" (1992). Not in the paper.

    Raises:
        InputError: there are fewer training images than it takes.
    """
    train = material.table.train
    if not params.folds:
        return {}
    if len(train) < 2 * params.folds:
        raise InputError(
            f"csnet.folds is {params.folds}, expected at most {len(train) // 2}, two images a fold "
            f"of the {len(train)} to train; lower it, or set it to 0"
        )
    fold = dealt(len(train), params.folds, params.seed)
    arrays: dict[str, np.ndarray] = {"fold": fold}
    for number in range(params.folds):
        label, rows = _label(number), train[fold != number]
        weights, _ = _fit(material, params, rows, checkpoints, label, device=device, track=track)
        arrays |= {f"{FOLDS}/{number}/{name}": w.numpy() for name, w in weights.items()}
    return arrays


def dealt(count: int, folds: int, seed: int) -> np.ndarray:
    """Deal ``count`` images into folds of nearly equal size by lot, (count,) int32."""
    fold = np.empty(count, np.int32)
    fold[torch.randperm(count, generator=generator("folds", seed)).numpy()] = (
        np.arange(count) % folds
    )
    return fold


def _fit(
    material: Material,
    params: CsnetSettings,
    rows: np.ndarray,
    checkpoints: Path,
    label: str,
    *,
    device: str,
    track: Track,
) -> tuple[dict[str, Tensor], list[dict[str, float]]]:
    """Train a network on some rows of the sample table."""
    make_deterministic()
    seed = params.seed
    torch.manual_seed(seed)
    fetch = Stored(material.reader, "maps", device)
    task = CsnetTask(
        params,
        Pictures(rows.tolist(), fetch),
        dims=material.dims,
        tags=torch.from_numpy(material.tags[rows]).float(),
        classes=torch.from_numpy(material.classes[rows]).float(),
        assign=ASSIGNMENTS[params.assignment],
        seed=seed,
    )
    kept = _checkpoints(material, params, checkpoints, device, label)
    run = Run(device=device, track=track, label=label, checkpoints=kept)
    history = train(task, len(rows), params.recipe, seed=seed, run=run)
    return weights_of(task), history


def forget(material: Material, params: CsnetSettings, checkpoints: Path, *, device: str) -> None:
    """Delete the checkpoints, once the results are written."""
    labels = ["csnet", *(_label(number) for number in range(params.folds))]
    for label in labels:
        _checkpoints(material, params, checkpoints, device, label).clear()


def _label(fold: int) -> str:
    return f"csnet: without fold {fold + 1}"


def _checkpoints(
    material: Material, params: CsnetSettings, folder: Path, device: str, label: str
) -> Checkpoints:
    state = {
        "stage": label,
        "params": asdict(params),
        "labels": digest([material.tags.tobytes().hex(), material.classes.tobytes().hex()]),
        "splits": material.table.samples["split"].to_list(),
        "maps": file_digest(material.maps),
        "code": code_digest(__name__),
        "torch": torch.__version__,
        "device": device,
    }
    return Checkpoints(folder / digest(state))


def header(material: Material, params: CsnetSettings) -> dict[str, Any]:
    """Return what the file of weights says of them."""
    return {
        "settings": spelt(params),
        "dims": material.dims,
        "tags": material.tags.shape[1],
        "classes": material.classes.shape[1],
    }
