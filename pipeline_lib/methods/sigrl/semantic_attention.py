"""Attention of every class to every patch, per channel, in memory that classes do not enlarge.

SigRL (Zhang et al., 2025) looks at an image twice: SDA (Eqs. 5-7) pools the patches for each
class, VFR (Eqs. 10-12) writes what the classes saw back into the patches. Both rest on

    a = softmax over patches of W tanh(F ⊙ g)        (batch, classes, patches, dims)

of patches F and one guide g per class. Written like this, a tensor takes 2.8 GiB at 8 images, 196
patches, 925 classes and 512 dimensions, and several are alive at a time. Classes do not see each
other: they are worked on in chunks, and once more in the backward pass. Values and gradients are
those of the direct form. What fits in one chunk is kept, so few classes are not computed twice.

Deviation: Eqs. 5 and 7 print FC∘tanh twice; it is applied once, as in Eq. 10. The FC has no bias:
it would add the same to all patches, which the softmax cancels. Eqs. 6 and 12 print each other's
sum: here Eq. 6 sums over patches, which gives the (classes, dims) it declares, Eq. 12 over classes.
"""

import importlib.util
import os
from typing import Any, Literal

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from pipeline_lib.methods.sigrl import recorded_attention
from pipeline_lib.methods.sigrl.class_chunks import (
    Workspace,
    classes_at_a_time,
    precision_of,
    product,
    without_autocast,
)
from pipeline_lib.nn.recording import is_recorded
from pipeline_lib.nn.shapes import Float

Kernel = Literal["auto", "torch", "triton"]


def decouple(
    patches: Float[Tensor, "batch patches dims"],
    labels: Float[Tensor, "classes dims"],
    weight: Float[Tensor, "dims dims"],
    *,
    chunk: int,
    kernel: Kernel = "auto",
) -> Float[Tensor, "batch classes dims"]:
    """SDA, Eqs. 5-7: m_i = Σ_p a_ip ⊙ F_p with a_i = softmax over patches of W tanh(F_p ⊙ h_i).

    Args:
        patches: F.
        labels: h.
        weight: W of the fully connected layer, (out, in).
        chunk: classes whose tensors exist at a time; 0 is automatic (class_chunks.py).
        kernel: of the forward pass: "torch" or "triton"; "auto" takes Triton's on CUDA if it is
            installed.

    Raises:
        ValueError: ``chunk`` is negative, or the kernel cannot run here.
    """
    exact, precision = precision_of(patches)
    tensors = [x.to(exact) for x in (patches, labels, weight)]
    if is_recorded():
        return recorded_attention.features(*tensors, chunk=chunk).to(patches.dtype)
    features: Tensor = _Decouple.apply(*tensors, chunk, use_triton(kernel, tensors[0]), precision)
    return features.to(patches.dtype)


def shares(
    patches: Float[Tensor, "batch patches dims"],
    features: Float[Tensor, "batch classes dims"],
    mixing: Float[Tensor, "batch dims dims"],
    shift: Float[Tensor, "classes dims"],
    weight: Float[Tensor, "dims dims"],
    *,
    chunk: int,
    kernel: Kernel = "auto",
) -> Float[Tensor, "batch patches dims"]:
    """VFR, Eqs. 10-11: Σ_i â_ip, with â_i = softmax over patches of W tanh(F_p ⊙ O_i).

    It is what all labels together give to each channel of each patch; M̂ = F ⊙ it (Eq. 12).
    O_i = m_i ``mixing`` + ``shift``_i is formed for a chunk at a time. The printed form is
    O = FC([T ; Ĥ]) with T = M Q. With the layer's weight [W1 W2], ``mixing`` is Q W1ᵀ and ``shift``
    Ĥ W2ᵀ, and neither T nor [T ; Ĥ] exists. ``chunk`` and ``kernel`` are those of ``decouple``.
    """
    exact, precision = precision_of(patches)
    tensors = [x.to(exact) for x in (patches, features, mixing, shift, weight)]
    if is_recorded():
        return recorded_attention.shares(*tensors, chunk=chunk).to(patches.dtype)
    found: Tensor = _Shares.apply(*tensors, chunk, use_triton(kernel, tensors[0]), precision)
    return found.to(patches.dtype)


def reconstruct(patches: Float[Tensor, "batch patches dims"], *rest: Tensor, **how: Any) -> Tensor:
    """VFR, Eq. 12: M̂ = F ⊙ ``shares``, with the same arguments."""
    return patches * shares(patches, *rest, **how)


def use_triton(kernel: Kernel, patches: Tensor) -> bool:
    """Whether the fused forward pass runs.

    Raises:
        ValueError: it was asked for and cannot run.
    """
    installed = importlib.util.find_spec("triton") is not None
    runs = patches.is_cuda or os.environ.get("TRITON_INTERPRET") == "1"
    if kernel == "auto":
        return installed and patches.is_cuda and patches.dtype == torch.float32
    if kernel == "triton" and not (installed and runs):
        found = f"a {patches.device.type} device" if installed else "no package triton"
        raise ValueError(f"kernel 'triton' needs triton and CUDA, found {found}; choose 'auto'")
    return kernel == "triton"


class _Attention:
    """a of a few classes, and the gradients that their chunks add up to."""

    def __init__(self, patches: Tensor, weight: Tensor, precision: torch.dtype) -> None:
        self.patches, self.weight, self.precision = patches, weight, precision

    def forward(self, guides: Tensor, z: Tensor, a: Tensor) -> None:
        """Write tanh(F ⊙ g) to ``z`` and a to ``a``."""
        torch.mul(self.patches[:, None], guides[:, :, None], out=z).tanh_()
        product(_rows(z), self.weight.T, self.precision, _rows(a))
        a.sub_(a.amax(2, keepdim=True)).exp_()
        a.div_(a.sum(2, keepdim=True))

    def start_backward(self) -> None:
        """Set the gradients to 0."""
        self.to_patches = torch.zeros_like(self.patches)
        self.to_weight = torch.zeros_like(self.weight)

    def backward(self, guides: Tensor, z: Tensor, a: Tensor, t: Tensor, u: Tensor) -> Tensor:
        """Add to the gradients, given a ⊙ ∂a in ``t``; return that of each image's guides.

        ``z`` is left as it is, and ``a`` too unless it is ``u``; t and u are overwritten.
        """
        t.addcmul_(a, t.sum(2, keepdim=True), value=-1)  # ∂scores, through the softmax
        product(_rows(t).T, _rows(z), self.precision, self.to_weight, add=True)
        product(_rows(t), self.weight, self.precision, _rows(u))
        torch.mul(z, z, out=t)
        torch.sub(u, t.mul_(u), out=t)  # ∂(F ⊙ g) = (1 - z²) ∂z
        self.to_patches += torch.mul(t, guides[:, :, None], out=u).sum(1)
        return torch.mul(t, self.patches[:, None], out=u).sum(2)


def _rows(tensor: Tensor) -> Tensor:
    return tensor.view(-1, tensor.shape[-1])


class _Decouple(torch.autograd.Function):
    """M of patches, labels and weight."""

    @staticmethod
    def forward(
        ctx: Any, patches: Tensor, labels: Tensor, weight: Tensor,
        chunk: int, triton: bool, precision: torch.dtype,
    ) -> Tensor:  # fmt: skip
        ctx.chunk, ctx.precision = classes_at_a_time(patches, len(labels), chunk), precision
        kept: list[Tensor] = []
        if triton:
            from pipeline_lib.methods.sigrl import semantic_attention_triton

            features = semantic_attention_triton.decouple(patches, labels, weight, precision)
        else:
            keeps = ctx.chunk >= len(labels) and any(ctx.needs_input_grad)
            features = patches.new_empty(len(patches), *labels.shape)
            attention = _Attention(patches, weight, precision)
            with without_autocast(patches):
                for part, (z, a, *spare) in _workspace(ctx, patches, labels, 2 + keeps):
                    attention.forward(labels[None, part], z, a)
                    pooled = torch.mul(a, patches[:, None], out=spare[0] if keeps else z)
                    features[:, part] = pooled.sum(2)
                    kept = [z, a] if keeps else []
        ctx.save_for_backward(patches, labels, weight, *kept)
        return features

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        patches, labels, weight, *kept = ctx.saved_tensors
        to_labels = torch.empty_like(labels)
        attention = _Attention(patches, weight, ctx.precision)
        attention.start_backward()
        with without_autocast(patches):
            for part, (t, u, *z) in _workspace(ctx, patches, labels, 2 if kept else 3):
                guides = labels[None, part]
                if not kept:
                    attention.forward(guides, z[0], u)
                z_, a = kept or (z[0], u)
                attention.to_patches += torch.mul(a, gradient[:, part, None], out=t).sum(1)
                to_guides = attention.backward(guides, z_, a, t.mul_(patches[:, None]), u)
                to_labels[part] = to_guides.sum(0)
        return attention.to_patches, to_labels, attention.to_weight, None, None, None


class _Shares(torch.autograd.Function):
    """Σ_i â_ip: what all classes together give to each patch, (batch, patches, dims)."""

    @staticmethod
    def forward(
        ctx: Any, patches: Tensor, features: Tensor, mixing: Tensor, shift: Tensor, weight: Tensor,
        chunk: int, triton: bool, precision: torch.dtype,
    ) -> Tensor:  # fmt: skip
        ctx.chunk, ctx.precision = classes_at_a_time(patches, len(shift), chunk), precision
        keeps = ctx.chunk >= len(shift) and any(ctx.needs_input_grad) and not triton
        kept: list[Tensor] = []
        shares = torch.zeros_like(patches)
        attention = _Attention(patches, weight, precision)
        with without_autocast(patches):
            for part, buffers in _workspace(ctx, patches, shift, 0 if triton else 2):
                guides = _guides(features[:, part], mixing, shift[part])
                if triton:
                    from pipeline_lib.methods.sigrl import semantic_attention_triton

                    shares += semantic_attention_triton.shares(patches, guides, weight, precision)
                else:
                    attention.forward(guides, *buffers)
                    shares += buffers[1].sum(1)
                    kept = buffers if keeps else []
        ctx.save_for_backward(patches, features, mixing, shift, weight, *kept)
        return shares

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        patches, features, mixing, shift, weight, *kept = ctx.saved_tensors
        to_features, to_shift = torch.empty_like(features), torch.empty_like(shift)
        to_mixing = torch.zeros_like(mixing)
        attention = _Attention(patches, weight, ctx.precision)
        attention.start_backward()
        with without_autocast(patches):
            for part, (t, u, *z) in _workspace(ctx, patches, shift, 2 if kept else 3):
                guides = _guides(features[:, part], mixing, shift[part])
                if not kept:
                    attention.forward(guides, z[0], u)
                z_, a = kept or (z[0], u)
                torch.mul(a, gradient[:, None], out=t)
                to_guides = attention.backward(guides, z_, a, t, u)
                to_features[:, part] = to_guides @ mixing.mT
                to_mixing.baddbmm_(features[:, part].mT, to_guides)
                to_shift[part] = to_guides.sum(0)
        to_patches, to_weight = attention.to_patches, attention.to_weight
        return to_patches, to_features, to_mixing, to_shift, to_weight, None, None, None


def _guides(features: Tensor, mixing: Tensor, shift: Tensor) -> Tensor:
    """O of some classes (Eq. 10), formed again wherever it is needed."""
    return torch.baddbmm(shift.expand(features.shape[0], -1, -1), features, mixing)


def _workspace(ctx: Any, patches: Tensor, labels: Tensor, buffers: int) -> Workspace:
    return Workspace(patches, len(labels), ctx.chunk, buffers=buffers)
