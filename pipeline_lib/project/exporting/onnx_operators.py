"""Operators of torch that its own exporter knows no ONNX for."""

from collections.abc import Callable
from typing import Any

import torch
from onnxscript import opset18

op: Any = opset18  # whose types know no constants
FLOAT, DOUBLE = 1, 11  # onnx.TensorProto.DataType


def translations() -> dict[Any, Callable[..., Any]]:
    """Return what stands for each operator."""
    return {
        torch.ops.aten.sort.stable: _stable_sort,
        torch.ops.aten._cdist_forward.default: _distances,
    }


def _stable_sort(
    values: Any, stable: bool | None = None, dim: int = -1, descending: bool = False
) -> Any:
    """Sort; of equal values ONNX's TopK has the one of the lower index first."""
    shape = op.Shape(values)
    count = op.Gather(shape, op.Constant(value_ints=[dim]))
    return op.TopK(values, count, axis=dim, largest=int(descending), sorted=1)


def _distances(a: Any, b: Any, p: float = 2.0, compute_mode: int | None = None) -> Any:
    """Return Euclidean distances of rows, in double precision, as products round too much."""
    if p != 2:
        raise ValueError(f"distances of norm {p} have no translation to ONNX, expected 2")
    rank = len(b.shape)
    a, b = op.Cast(a, to=DOUBLE), op.Cast(b, to=DOUBLE)
    order = [*range(rank - 2), rank - 1, rank - 2]
    across = op.Transpose(b, perm=order)
    own = op.ReduceSumSquare(a, op.Constant(value_ints=[-1]), keepdims=1)
    other = op.ReduceSumSquare(across, op.Constant(value_ints=[-2]), keepdims=1)
    product = op.MatMul(a, across)
    squares = op.Sub(op.Add(own, other), op.Add(product, product))
    return op.Cast(op.Sqrt(op.Relu(squares)), to=FLOAT)
