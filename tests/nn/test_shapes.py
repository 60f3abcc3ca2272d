"""The annotations that production uses where jaxtyping is not installed."""

import importlib.util
import typing
from pathlib import Path

import torch


def test_in_production_a_shape_is_a_note_to_the_tensor_type(root: Path):
    spec = importlib.util.spec_from_file_location("shapes", root / "pipeline_lib/nn/shapes.py")
    assert spec is not None
    assert spec.loader is not None
    shapes = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(shapes)
    for name in ("Bool", "Float", "Int"):
        annotation = getattr(shapes, name)[torch.Tensor, "batch dims"]
        assert typing.get_args(annotation) == (torch.Tensor, "batch dims")
