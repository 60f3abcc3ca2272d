"""What was exported of a run, opened again: it scores pictures without a checkout."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor

from pipeline_lib.api.recogniser import Recogniser, restored
from pipeline_lib.api.scorer import BATCH, Scorer
from pipeline_lib.artifacts.exported import FILES, VOCABULARY, Export, read_export
from pipeline_lib.artifacts.thresholds import THRESHOLDS_FILE
from pipeline_lib.device import pick_device
from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.errors import InputError
from pipeline_lib.families.open_vocabulary.network import OpenNetwork
from pipeline_lib.families.open_vocabulary.vocabulary import Vocabulary
from pipeline_lib.steps.train.chain import Prepared
from pipeline_lib.training.determinism import THREADS
from pipeline_lib.training.network import Scores

ASKED = "asked"  # beside the arrays of a vocabulary: which labels get a score
Graph = Callable[[Tensor], Tensor]
"""From prepared pictures, uint8 (images, 3, size, size), to scores (images, names)."""


@dataclass(frozen=True)
class Exported(Scorer):
    """A graph: TorchScript or ONNX. What was classified is not in its scores."""

    graph: Graph
    depends: bool  # whether a score depends on the other names
    batch_size: int = BATCH  # as ``Scorer`` has it

    @property
    def together(self) -> bool:
        """Whether a score depends on the other names."""
        return self.depends

    def of_names(self, names: Sequence[str], *, beside: bool = False) -> Self:
        """Refuse: a graph has no text tower, see ``Scorer``."""
        raise InputError(
            f"{self.weights}: knows {len(self.names)} names and holds no text tower that others "
            "could be told by; export the run with them (`protoweave export RUN --to`, option "
            "--names) or as safetensors, where the run is told its labels by name"
        )

    def _score(self, prepared: Prepared) -> Scores:
        assert isinstance(prepared, Tensor)  # graphs are of images and of maps alone
        logits = self.graph(prepared)
        return Scores(logits, logits.new_empty(len(logits), 0))


def load_exported(folder: str | Path, *, device: str | None = None) -> Scorer:
    """Open what ``protoweave export RUN --to`` wrote.

    Args:
        folder: the exported one.
        device: "cpu" or "cuda"; None is what the stages would use.

    Returns:
        a ``Recogniser`` of "safetensors", else an ``Exported``.

    Raises:
        InputError: the folder is none, damaged, or what runs its format is not installed.
    """
    place, where = Path(folder), device or pick_device()
    about = read_export(place)
    if about.format == "safetensors":
        return _recogniser(place, about, where)
    return Exported(
        run=about.run,
        method=about.method,
        seed=about.seed,
        seeds=[about.seed],
        weights=place / FILES[about.format],
        thresholds=place / THRESHOLDS_FILE,
        target=about.target,
        names=list(about.names),
        exclusive=about.exclusive,
        unseen=list(about.unseen),
        trained_names=list(about.trained_names),
        preprocess=_preprocess(about),
        device=where,
        graph=GRAPHS[about.format](place / FILES[about.format], where),
        depends=about.together,
    )


def _recogniser(folder: Path, about: Export, device: str) -> Recogniser:
    """Build a run whose files lie in the folder; names asked at the export are as they were."""
    weights, thresholds = folder / FILES["safetensors"], folder / THRESHOLDS_FILE
    found = restored(weights, folder, seed=None, device=device, thresholds=thresholds)
    if not (folder / VOCABULARY).exists():
        return found
    arrays = {name: value.to(device) for name, value in load_file(folder / VOCABULARY).items()}
    asked = arrays.pop(ASKED)
    network = found.model
    if not isinstance(network, OpenNetwork):
        raise InputError(
            f"{folder / VOCABULARY}: is there, and method {about.method} is not told its labels by "
            "name, expected no such file; copy the whole folder anew, or export the run again"
        )
    model = network.of_labels(Vocabulary(**arrays), asked).to(device)
    return replace(found, model=model, names=list(about.names), unseen=list(about.unseen))


def _preprocess(about: Export) -> Preprocess:
    seen = about.pixels
    way = seen.interpolation.lower()
    return Preprocess(seen.size, seen.mean, seen.std, way, seen.crop_pct, seen.mode)


def _torchscript(path: Path, device: str) -> Graph:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # torch's, of the format as such
        network: Any = torch.jit.load(path, map_location=device)  # type: ignore[no-untyped-call]

    @torch.inference_mode()
    def scores(prepared: Tensor) -> Tensor:
        found: Tensor = network(prepared.to(device))[0]
        return found.cpu()

    return scores


def _onnx(path: Path, device: str) -> Graph:
    try:
        import onnxruntime
    except ImportError as error:
        raise InputError(
            f"{path}: needs onnxruntime, which is not installed; `pip install onnxruntime`"
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS  # of a batch; several are scored at once
    wanted = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}[device]
    if wanted not in onnxruntime.get_available_providers():
        raise InputError(
            f"{path}: the installed onnxruntime computes on no {device}; install onnxruntime-gpu, "
            "or choose --device cpu"
        )
    session = onnxruntime.InferenceSession(path, options, providers=[wanted])

    def scores(prepared: Tensor) -> Tensor:
        found: np.ndarray = session.run(["scores"], {"images": prepared.numpy()})[0]
        return torch.from_numpy(found)

    return scores


GRAPHS: dict[str, Callable[[Path, str], Graph]] = {"torchscript": _torchscript, "onnx": _onnx}
