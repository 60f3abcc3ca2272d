"""SDA and VFR of SigRL in chunks of classes."""

import pytest
import torch

from benchmarks import naive
from pipeline_lib.methods.sigrl import class_chunks
from pipeline_lib.methods.sigrl.semantic_attention import decouple, reconstruct

B, P, C, D = 2, 5, 7, 4


@pytest.fixture
def sda(rng) -> list[torch.Tensor]:
    """Patches, labels, weight."""
    return [leaf(rng, *shape) for shape in [(B, P, D), (C, D), (D, D)]]


@pytest.fixture
def vfr(rng) -> list[torch.Tensor]:
    """Patches, features, mixing, shift, weight."""
    return [leaf(rng, *s) for s in [(B, P, D), (B, C, D), (B, D, D), (C, D), (D, D)]]


def leaf(rng, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=rng, dtype=torch.float64).requires_grad_()


def with_gradients(function, tensors: list[torch.Tensor], **options) -> list[torch.Tensor]:
    """The result, and the gradients of an uneven sum of it."""
    found = function(*tensors, **options)
    uneven = torch.linspace(-1, 2, found.numel(), dtype=found.dtype).view_as(found)
    return [found, *torch.autograd.grad((found * uneven).sum(), tensors)]


def test_a_class_gets_the_patches_in_the_shares_worked_by_hand():
    # D = 1, W = 2, h = 1: scores 2 tanh F_p = 0, 2 tanh 1 = 1.5232; softmax: 0.1790, 0.8210
    patches = torch.tensor([[[0.0], [1.0]]])
    found = decouple(patches, torch.ones(1, 1), torch.full((1, 1), 2.0), chunk=1)
    assert found.item() == pytest.approx(0.8210, abs=1e-4)


def test_a_patch_gets_what_all_classes_give_it():
    # Guides 1 and 0: the first as above; the second sees nothing and gives each patch one half.
    patches = torch.tensor([[[0.0], [1.0]]])
    features, mixing, shift = torch.tensor([[[2.0], [1.0]]]), torch.ones(1, 1, 1), -torch.ones(2, 1)
    found = reconstruct(patches, features, mixing, shift, torch.full((1, 1), 2.0), chunk=1)
    torch.testing.assert_close(found, torch.tensor([[[0.0], [0.8210 + 0.5]]]), rtol=0, atol=1e-4)


def test_features_equal_equations_5_to_7_in_loops(sda):
    patches, labels, weight = sda
    found = decouple(*sda, chunk=3)
    for b in range(B):
        for i in range(C):
            scores = torch.stack([weight @ torch.tanh(f * labels[i]) for f in patches[b]])
            a = scores.exp() / scores.exp().sum(0)  # over patches, for each channel
            torch.testing.assert_close(found[b, i], sum(a[p] * patches[b, p] for p in range(P)))


def test_patches_equal_equations_10_to_12_in_loops(vfr):
    patches, features, mixing, shift, weight = vfr
    found = reconstruct(*vfr, chunk=3)
    for b in range(B):
        total = torch.zeros(P, D, dtype=torch.float64)
        for i in range(C):
            guide = features[b, i] @ mixing[b] + shift[i]
            scores = torch.stack([weight @ torch.tanh(f * guide) for f in patches[b]])
            total += scores.exp() / scores.exp().sum(0) * patches[b]
        torch.testing.assert_close(found[b], total)


# One class at a time; a chunk that divides 7 with a rest; all but one; all (kept, not computed
# again); more than there are; automatic.
@pytest.mark.parametrize("chunk", [1, 3, 6, 7, 20, 0])
def test_chunks_change_neither_values_nor_gradients(sda, vfr, chunk):
    for ours, dense, tensors in [
        (decouple, naive.decouple, sda),
        (reconstruct, naive.reconstruct, vfr),
    ]:
        expected = with_gradients(dense, tensors)
        found = with_gradients(ours, tensors, chunk=chunk)
        for one, other in zip(found, expected, strict=True):
            assert other.abs().sum() > 0
            torch.testing.assert_close(one, other, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("chunk", [2, 7])
def test_gradients_are_finite_differences(sda, vfr, chunk):
    assert torch.autograd.gradcheck(lambda *x: decouple(*x, chunk=chunk), sda)
    assert torch.autograd.gradcheck(lambda *x: reconstruct(*x, chunk=chunk), vfr)


@pytest.mark.parametrize("chunk", [2, 7])
def test_a_graph_that_is_kept_gives_the_same_gradients_again(sda, chunk):
    total = decouple(*sda, chunk=chunk).square().sum()
    first = torch.autograd.grad(total, sda, retain_graph=True)
    for one, other in zip(first, torch.autograd.grad(total, sda), strict=True):
        assert torch.equal(one, other)


def test_one_patch_is_what_each_class_sees(sda):
    patches, labels, weight = sda
    found = decouple(patches[:, :1], labels, weight, chunk=2)
    torch.testing.assert_close(found, patches[:, :1].expand(B, C, D))


def test_each_class_gives_a_total_share_of_1(vfr):
    shares = reconstruct(*vfr, chunk=2) / vfr[0]
    torch.testing.assert_close(shares.sum(1), torch.full((B, D), float(C), dtype=torch.float64))


def test_a_permutation_of_classes_permutes_the_features(sda):
    patches, labels, weight = sda
    order = torch.tensor([6, 2, 0, 5, 3, 1, 4])
    found = decouple(patches, labels[order], weight, chunk=2)
    torch.testing.assert_close(found, decouple(patches, labels, weight, chunk=2)[:, order])


def test_the_same_bits_come_twice(sda, vfr):
    for function, tensors in [(decouple, sda), (reconstruct, vfr)]:
        once, again = (with_gradients(function, tensors, chunk=3) for _ in range(2))
        assert all(torch.equal(x, y) for x, y in zip(once, again, strict=True))


def test_scores_that_overflow_an_exponential_do_not(sda):
    patches, labels, weight = sda
    found = with_gradients(decouple, [patches, labels, (1e4 * weight).detach().requires_grad_()],
                           chunk=2)  # fmt: skip
    assert all(x.isfinite().all() for x in found)


def test_nothing_is_kept_without_gradients(sda):
    with torch.no_grad():
        torch.testing.assert_close(decouple(*sda, chunk=2), naive.decouple(*sda))


def test_no_tensor_of_all_classes_and_patches_exists(vfr):
    class Sizes(torch.utils._python_dispatch.TorchDispatchMode):
        largest = 0

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            found = function(*args, **(kwargs or {}))
            if isinstance(found, torch.Tensor):
                self.largest = max(self.largest, found.untyped_storage().nbytes())
            return found

    with Sizes() as sizes:
        with_gradients(reconstruct, vfr, chunk=2)
    assert sizes.largest == 2 * B * P * D * 8
    with sizes:
        with_gradients(naive.reconstruct, vfr)
    assert sizes.largest == C * B * P * D * 8


@pytest.mark.parametrize("chunk", [2, 7])
def test_under_autocast_results_are_near_those_of_single_precision(sda, vfr, chunk):
    for function, tensors in [(decouple, sda), (reconstruct, vfr)]:
        single = [x.detach().float().requires_grad_() for x in tensors]
        expected = with_gradients(function, single, chunk=chunk)
        with torch.autocast("cpu", torch.bfloat16):
            found = with_gradients(function, single, chunk=chunk)
        for one, other in zip(found, expected, strict=True):
            assert one.dtype == torch.float32
            assert not torch.equal(one, other)  # products were in half precision
            torch.testing.assert_close(one, other, rtol=0.05, atol=0.05)


def test_half_precision_in_is_half_precision_out(sda, vfr):
    for function, tensors in [(decouple, sda), (reconstruct, vfr)]:
        expected = with_gradients(function, tensors, chunk=3)
        half = [x.detach().bfloat16().requires_grad_() for x in tensors]
        found = with_gradients(function, half, chunk=3)
        for one, other in zip(found, expected, strict=True):
            assert one.dtype == torch.bfloat16
            torch.testing.assert_close(one.double(), other, rtol=0.1, atol=0.1)


def test_the_automatic_chunk_fits_its_budget_and_is_never_empty(monkeypatch):
    patches = torch.zeros(2, 3, 4)  # 96 bytes per class
    monkeypatch.setattr(class_chunks, "BYTES", 960)
    assert class_chunks.classes_at_a_time(patches, 100, 0) == 10
    assert class_chunks.classes_at_a_time(patches, 4, 0) == 4
    assert class_chunks.classes_at_a_time(patches, 100, 33) == 33
    monkeypatch.setattr(class_chunks, "BYTES", 95)
    assert class_chunks.classes_at_a_time(patches, 100, 0) == 1


def test_a_negative_chunk_is_refused(sda):
    with pytest.raises(ValueError, match="chunk is -1, expected classes per chunk, or 0"):
        decouple(*sda, chunk=-1)


def test_triton_without_cuda_is_refused(sda):
    with pytest.raises(ValueError, match="kernel 'triton' needs triton and CUDA, found"):
        decouple(*sda, chunk=1, kernel="triton")


class Called(torch.nn.Module):
    """A function of patches and more."""

    def __init__(self, function, chunk):
        super().__init__()
        self.function, self.chunk = function, chunk

    def forward(self, *tensors):
        return self.function(*tensors, chunk=self.chunk)


@pytest.mark.parametrize("chunk", [0, 2])
@pytest.mark.parametrize(("function", "batched"), [(decouple, [0]), (reconstruct, [0, 1, 2])])
def test_a_graph_holds_for_any_number_of_images(sda, vfr, function, batched, chunk):
    tensors = [x.detach() for x in (sda if function is decouple else vfr)]
    images = torch.export.Dim("images")
    dynamic = tuple({0: images} if i in batched else None for i in range(len(tensors)))
    module = Called(function, chunk)
    graph = torch.export.export(module, tuple(tensors), dynamic_shapes=(dynamic,)).module()
    more = [torch.cat([x, x.flip(0), x]) if i in batched else x for i, x in enumerate(tensors)]
    torch.testing.assert_close(graph(*more), module(*more))
