"""The fused kernels of SDA and VFR: in Triton's interpreter, and on a GPU where there is one."""

import os
import subprocess
import sys

import pytest
import torch

from pipeline_lib.methods.sigrl.semantic_attention import decouple, reconstruct

pytest.importorskip("triton", reason="the fused kernels need triton, which is not installed")

# Batch, patches, classes, dims: less than a block of anything; more than one block of patches and
# of summed channels, neither of them full; more than one block of channels; one patch.
SHAPES = [(2, 5, 3, 8), (1, 70, 2, 40), (1, 3, 2, 150), (2, 1, 3, 33)]

no_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


def inputs(batch: int, patches: int, classes: int, dims: int) -> dict[str, torch.Tensor]:
    rng = torch.Generator().manual_seed(0)
    shapes = {
        "patches": (batch, patches, dims), "weight": (dims, dims), "shift": (classes, dims),
        "features": (batch, classes, dims), "mixing": (batch, dims, dims),
    }  # fmt: skip
    return {k: torch.randn(*s, generator=rng).requires_grad_() for k, s in shapes.items()}


def results(x: dict[str, torch.Tensor], kernel: str, device: str = "cpu") -> list[torch.Tensor]:
    """Values and gradients of both functions."""
    x = {k: v.detach().to(device).requires_grad_() for k, v in x.items()}
    features = decouple(x["patches"], x["shift"], x["weight"], chunk=2, kernel=kernel)
    patches = reconstruct(
        x["patches"], x["features"], x["mixing"] / 10, x["shift"], x["weight"],
        chunk=2, kernel=kernel,
    )  # fmt: skip
    total = (
        features * torch.linspace(-1, 2, features.numel(), device=device).view_as(features)
    ).sum()
    total = total + patches.square().sum()
    return [features, patches, *torch.autograd.grad(total, list(x.values()))]


def assert_kernels_agree(shape: tuple[int, int, int, int], device: str) -> None:
    x = inputs(*shape)
    fused, chunked = results(x, "triton", device), results(x, "torch", device)
    for one, other in zip(fused, chunked, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


def test_in_the_interpreter_the_kernels_equal_the_chunked_form(root):
    # triton reads the variable when it is imported, which another test may have done already
    environment = os.environ | {"TRITON_INTERPRET": "1", "PYTHONPATH": str(root)}
    ran = subprocess.run(
        [sys.executable, __file__], env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == [str(s).replace(" ", "") for s in SHAPES]


@pytest.mark.gpu
@no_cuda
@pytest.mark.parametrize("shape", [*SHAPES, (4, 196, 40, 256)])
def test_on_a_gpu_the_kernels_equal_the_chunked_form(shape):
    assert_kernels_agree(shape, "cuda")


@pytest.mark.gpu
@no_cuda
def test_on_a_gpu_half_precision_stays_near():
    x = inputs(2, 70, 5, 64)
    with torch.autocast("cuda", torch.bfloat16):
        fused = results(x, "auto", "cuda")
    for one, other in zip(fused, results(x, "torch", "cuda"), strict=True):
        assert (one - other).norm() < 0.05 * other.norm()


if __name__ == "__main__":
    for shape in SHAPES:
        assert_kernels_agree(shape, "cpu")
        print(str(shape).replace(" ", ""))
