"""Backbones and weights that every test here may want."""

from collections.abc import Callable
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import save_file

from pipeline_lib.encoders import lenet
from pipeline_lib.params.features import Features
from pipeline_lib.settings.backbone import Backbone
from tests.steps.conftest import ingested  # noqa: F401

assert lenet.lenet5  # timm knows it from now on


@pytest.fixture
def backbone() -> Callable[..., Backbone]:
    """Name a backbone, untrained and of its own size unless told otherwise."""

    def build(model: str = "lenet5", pretrained: bool = False, image_size: int = 0) -> Backbone:
        return Backbone(model=model, pretrained=pretrained, image_size=image_size)

    return build


@pytest.fixture
def features(backbone: Callable[..., Backbone]) -> Callable[..., Features]:
    """Build the section ``features``."""

    def build(
        model: str = "lenet5", weights: Path | str = "data/none", image_size: int = 0,
        batch_size: int = 4, precision: str = "float32",
    ) -> Features:  # fmt: skip
        return Features(
            backbone=backbone(model, image_size=image_size), weights=str(weights),
            batch_size=batch_size, precision=precision,
        )  # fmt: skip

    return build


@pytest.fixture
def weights(tmp_path: Path) -> Callable[..., Path]:
    """Write the random weights of a model, all different from those that a build draws."""

    def write(model: str = "lenet5", num_classes: int = 10, seed: int = 99, **options: int) -> Path:
        torch.manual_seed(seed)
        built = timm.create_model(model, num_classes=num_classes, **options)
        path = tmp_path / f"{model}-{num_classes}-{seed}.safetensors"
        save_file(built.state_dict(), path)
        return path

    return write
