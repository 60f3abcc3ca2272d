"""Trained networks, built anew from the file of their weights."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pipeline_lib.artifacts.scores import KNOWLEDGE, WEIGHTS
from pipeline_lib.encoders.checkpoint import arguments
from pipeline_lib.encoders.vision import empty
from pipeline_lib.encoders.vlp.load import load
from pipeline_lib.encoders.vlp.towers import Towers
from pipeline_lib.errors import InputError
from pipeline_lib.fingerprint import file_digest
from pipeline_lib.steps.train.loading import load_build
from pipeline_lib.steps.train.settings import restored
from pipeline_lib.training.encoding import Given
from pipeline_lib.training.network import Network, Problem
from pipeline_lib.training.settings import RunSettings

Arrays = dict[str, Tensor]


@dataclass(frozen=True)
class Restored:
    """One seed of a run."""

    network: Network  # in evaluation mode
    header: dict[str, Any]  # artifacts/scores.py WEIGHTS
    settings: RunSettings
    seed: int


def restore(path: Path, root: Path, *, seed: int | None, device: str) -> Restored:
    """Build the network that a run trained and scored with.

    Args:
        path: the file of weights.
        root: where its paths begin.
        seed: of the run; None is its first.
        device: where the network goes.

    Raises:
        InputError: the file is no such file, holds another seed or the weights of another version,
            or the model that it starts from is gone or changed.
    """
    header, seed, state, knowledge = _read(path, seed)
    with _told(path), torch.random.fork_rng(devices=[]):
        settings = restored(header["method"], header["settings"], header["seeds"])
        encoder = _encoder(path, header, settings, root)
        build, problem = (
            load_build(header["method"]),
            Problem.told(header["problem"], header["names"]),
        )
        network = build(problem, knowledge, encoder, settings).to(device)
        encoder.to(device)  # which lends what the network may ask once more, such as a text tower
        network.restore(state)
    return Restored(network.eval().requires_grad_(False), header, settings, seed)


def _read(path: Path, seed: int | None) -> tuple[dict[str, Any], int, Arrays, Arrays]:
    with WEIGHTS.opened(path) as (file, header):
        seeds = header["seeds"]
        wanted = seeds[0] if seed is None else seed
        if wanted not in seeds:
            known = ", ".join(map(str, seeds))
            raise InputError(f"{path}: has no seed {wanted}, expected one of {known}")
        names = list(file.keys())
        state, knowledge = (
            {
                name.removeprefix(prefix): torch.from_numpy(file.get_tensor(name))
                for name in names
                if name.startswith(prefix)
            }
            for prefix in (f"{wanted}/", f"{KNOWLEDGE}/")
        )
        return header, wanted, state, knowledge


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say of which file something does not fit, and what to do."""
    try:
        yield
    except InputError as error:
        raise InputError(
            f"{path}: {error}; restore what belongs together with `dvc checkout`, or re-run `dvc "
            "repro train`"
        ) from error


def _encoder(path: Path, header: dict[str, Any], settings: Any, root: Path) -> nn.Module:
    """Build the network in front of the method, as empty as the state will fill it."""
    shapes = header["problem"]["example"]
    if "start" in header:
        towers = _start(root / header["start"]["path"], header["start"]["digest"])
        if header["backbone"]["input"] == "maps":
            towers.read_maps(shapes, header["preprocess"]["size"])
        return towers
    if header["backbone"]["input"] == "images":
        model_args = arguments(header["backbone"].get("model_args") or {}, path)
        return empty(settings.backbone, model_args)
    return Given(shapes[0]) if isinstance(shapes, list) else nn.Identity()


def _start(folder: Path, digest: str) -> Towers:
    """Load the vision-language model that lends what was not trained."""
    found = load(folder).model
    if file_digest(folder) != digest:
        raise InputError(
            f"the run starts from {folder}, which has changed since: its digest is "
            f"{file_digest(folder)}, expected {digest}"
        )
    return found
