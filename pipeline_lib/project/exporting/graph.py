"""A run as one module from prepared pictures to scores and probabilities, and its files."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pipeline_lib.api import Recogniser
from pipeline_lib.encoders.preprocess import Preprocess
from pipeline_lib.errors import InputError
from pipeline_lib.families.open_vocabulary.network import OpenNetwork
from pipeline_lib.steps.train.chain import Graphs, Maps, PixelGraphs

EXAMPLES = 2  # pictures that a graph is recorded with; it holds for any number
LARGE = 2**30  # bytes of weights, above which they lie beside an ONNX graph: protobuf ends at 2 GiB
OPSET = 18  # of ONNX, 2022


class Whole(nn.Module):
    """From prepared pictures to scores and probabilities, normalisation included.

    Args:
        run: on the CPU.
        temperature: that scores of classes are divided by before the softmax.

    Raises:
        InputError: what the run reads of a picture is made by more than networks.
    """

    scale: Tensor
    shift: Tensor

    def __init__(self, run: Recogniser, *, temperature: float) -> None:
        super().__init__()
        preprocess, self.encoder = _encoder(run)
        for name, values in (("scale", preprocess.std), ("shift", preprocess.mean)):
            self.register_buffer(name, torch.tensor(values).mul(255).view(1, 3, 1, 1))
        found = run.model
        self.network = found.standalone() if isinstance(found, OpenNetwork) else found
        self.exclusive, self.temperature = run.exclusive, temperature
        self.size = run.preprocess.size

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return scores and probabilities, both (images, names) float32.

        Args:
            images: uint8 (images, 3, size, size).
        """
        inputs = (images.float() - self.shift) / self.scale  # as Preprocess.normalise
        if self.encoder is not None:
            inputs = self.encoder(inputs)[0].half().float()  # as maps are stored
        scores = self.network(inputs).float()
        if self.exclusive:
            return scores, (scores / self.temperature).softmax(1)
        return scores, scores.sigmoid()

    @property
    def example(self) -> Tensor:
        """Pictures to record it with."""
        return torch.zeros(EXAMPLES, 3, self.size, self.size, dtype=torch.uint8)


def _encoder(run: Recogniser) -> tuple[Preprocess, nn.Module | None]:
    """Return what normalises, and the network in front of a run on maps."""
    inputs = run.inputs
    if isinstance(inputs, Graphs | PixelGraphs):
        raise InputError(
            f"run '{run.run}': method {run.method} reads regions matched with exemplars, which "
            "`exemplars` searches outside any network, expected a run on images or maps; export it "
            "--to safetensors"
        )
    if isinstance(inputs, Maps):
        return inputs.encode.preprocess, inputs.encode.model
    return run.preprocess, None


def write_torchscript(path: Path, whole: Whole) -> None:
    """Write a file that ``torch.jit.load`` opens, with inputs "images" as above."""
    with _quiet(), torch.no_grad():
        traced: Any = torch.jit.trace(  # type: ignore[no-untyped-call]
            whole, whole.example, check_trace=False
        )
        traced.save(path)


def write_onnx(path: Path, whole: Whole) -> None:
    """Write an ONNX graph with input "images" and outputs "scores" and "probabilities".

    Raises:
        InputError: what writes it is not installed.
    """
    try:
        from pipeline_lib.project.exporting.onnx_operators import translations
    except ImportError as error:
        raise InputError(
            f"{path}: needs {error.name}, which is not installed; `pip install -e '.[export]'`"
        ) from error
    size = sum(p.numel() * p.element_size() for p in whole.state_dict().values())
    images = ({0: torch.export.Dim("count")},)
    with _quiet(), torch.no_grad():
        recorded = torch.export.export(whole, (whole.example,), dynamic_shapes=images)
        torch.onnx.export(
            recorded,
            (),
            path,
            input_names=["images"],
            output_names=["scores", "probabilities"],
            opset_version=OPSET,
            dynamo=True,
            external_data=size > LARGE,
            custom_translation_table=translations(),
            verbose=False,
        )


@contextmanager
def _quiet() -> Iterator[None]:
    """Mute what torch says while it records, which is about its own ways."""
    log = logging.getLogger("onnxscript")
    level = log.level
    try:
        log.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
