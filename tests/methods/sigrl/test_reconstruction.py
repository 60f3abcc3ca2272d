"""SDA and VFR, against their equations as loops."""

import math

import pytest
import torch
import torch.nn.functional as F

from pipeline_lib.methods.sigrl.reconstruction import (
    Decoupling,
    Reconstruction,
    channel_map,
    label_map,
)
from tests.methods.toy_sigrl import BATCH, DIMS, LABELS, PATCHES, seen, sigrl, texts


def softmax_over_patches(weight, patches, guide):
    """Weights (patches, dims) of W tanh(F_p ⊙ guide), a patch and a channel at a time."""
    found = [weight @ torch.tanh(patch * guide) for patch in patches]
    out = torch.zeros(len(patches), DIMS, dtype=torch.float64)
    for d in range(DIMS):
        total = sum(math.exp(float(f[d])) for f in found)
        for p, f in enumerate(found):
            out[p, d] = math.exp(float(f[d])) / total
    return out


@pytest.fixture
def decoupling() -> Decoupling:
    torch.manual_seed(0)
    return Decoupling(DIMS, sigrl().decoupling).double().requires_grad_(False)


def reconstruction(*, by_channels: bool = True, chunk: int = 0, **own: str) -> Reconstruction:
    torch.manual_seed(1)
    settings = sigrl(reconstruction={"map": "channels" if by_channels else "paper", **own})
    module = Reconstruction(DIMS, settings.reconstruction, {"chunk": chunk, "kernel": "torch"})
    return module.double().requires_grad_(False)


@pytest.fixture
def enriched(rng) -> torch.Tensor:
    return torch.randn(LABELS, DIMS, generator=rng, dtype=torch.float64)


def test_decoupling_equals_equations_5_to_7_in_loops(decoupling):
    found, patches = decoupling(seen().patches, texts()), seen().patches
    assert found.shape == (BATCH, LABELS, DIMS)
    for b in range(BATCH):
        for i in range(LABELS):
            weights = softmax_over_patches(decoupling.connected.weight, patches[b], texts()[i])
            expected = sum(weights[p] * patches[b, p] for p in range(PATCHES))
            torch.testing.assert_close(found[b, i], expected)


def test_a_label_sees_a_mean_of_the_patches_in_every_channel(decoupling):
    found, patches = decoupling(seen().patches, texts()), seen().patches
    assert (found >= patches.amin(1, keepdim=True)).all()
    assert (found <= patches.amax(1, keepdim=True)).all()


def test_a_bias_of_the_layer_would_change_nothing(decoupling):
    patches, label = seen().patches[0], texts()[0]
    products = torch.tanh(patches * label) @ decoupling.connected.weight.T
    shifted = products + torch.arange(DIMS)
    torch.testing.assert_close(shifted.softmax(0), products.softmax(0))


def test_the_map_between_channels_as_loops(decoupling):
    decoupled = decoupling(seen().patches, texts())
    found = channel_map(decoupled, texts())
    for b in range(BATCH):
        q = torch.zeros(DIMS, DIMS, dtype=torch.float64)
        for d in range(DIMS):
            for e in range(DIMS):
                q[d, e] = max(
                    0.0, sum(float(decoupled[b, i, d] * texts()[i, e]) for i in range(LABELS))
                )
            q[d] /= q[d].norm().clamp(min=1e-12)  # a row may be all 0
        torch.testing.assert_close(found[b], q)


def test_the_map_between_labels_equals_equation_8_in_loops(decoupling):
    decoupled = decoupling(seen().patches, texts())
    found = label_map(decoupled, texts())
    for b in range(BATCH):
        q = torch.zeros(LABELS, LABELS, dtype=torch.float64)
        for i in range(LABELS):
            for j in range(LABELS):
                m, h = decoupled[b, i], texts()[j]
                q[i, j] = max(0.0, float(m @ h) / float(m.norm() * h.norm()))
            q[i] /= q[i].norm().clamp(min=1e-12)
        torch.testing.assert_close(found[b], q)


def test_maps_have_rows_of_unit_length_or_0():
    opposed = -3 * texts()[None]  # a feature that contradicts its label
    for built in (channel_map, label_map):
        lengths = built(opposed, texts()).norm(dim=2)
        assert ((lengths - 1).abs().lt(1e-9) | (lengths == 0)).all()
    assert (label_map(-texts()[None, :1], texts()[:1]) == 0).all()


@pytest.mark.parametrize("by_channels", [True, False])
def test_reconstruction_equals_equations_9_to_12_in_loops(decoupling, enriched, by_channels):
    net, patches = reconstruction(by_channels=by_channels), seen().patches
    decoupled = decoupling(patches, texts())
    found = net(patches, decoupled, texts(), enriched)
    assert found.shape == (BATCH, PATCHES, DIMS)
    for b in range(BATCH):
        if by_channels:
            T = decoupled[b] @ channel_map(decoupled, texts())[b]
        else:
            T = label_map(decoupled, texts())[b] @ decoupled[b]
        expected = torch.zeros(PATCHES, DIMS, dtype=torch.float64)
        for i in range(LABELS):
            guide = net.merged.weight @ torch.cat([T[i], enriched[i]])
            weights = softmax_over_patches(net.connected.weight, patches[b], guide)
            expected += weights * patches[b]
        torch.testing.assert_close(found[b], expected)


@pytest.mark.parametrize("by_channels", [True, False])
def test_chunks_of_labels_change_nothing(decoupling, enriched, by_channels):
    patches = seen().patches
    decoupled = decoupling(patches, texts())
    whole, parts = (
        reconstruction(by_channels=by_channels, chunk=chunk)(patches, decoupled, texts(), enriched)
        for chunk in (LABELS, 1)
    )
    torch.testing.assert_close(whole, parts)


def test_the_scale_of_reconstructed_patches_grows_with_the_labels(decoupling):
    """Each label adds weights that sum to 1 over the patches, which the score has to forget."""
    net, patches = reconstruction(), torch.ones(1, PATCHES, DIMS, dtype=torch.float64)
    for count in (1, 3, 12):
        some = texts(count)
        found = net(patches, decoupling(patches, some), some, some)
        torch.testing.assert_close(found, torch.full_like(found, count / PATCHES))


def test_the_order_of_labels_and_patches_does_not_matter(decoupling, enriched):
    net, patches = reconstruction(), seen().patches
    before = net(patches, decoupling(patches, texts()), texts(), enriched)
    order = torch.tensor([2, 0, 3, 1])
    mixed = texts()[order]
    after = net(patches, decoupling(patches, mixed), mixed, enriched[order])
    torch.testing.assert_close(after, before)
    order = torch.tensor([4, 2, 0, 1, 3])
    turned = patches[:, order]
    after = net(turned, decoupling(turned, texts()), texts(), enriched)
    torch.testing.assert_close(after, before[:, order])
    assert not torch.allclose(F.normalize(before, dim=2), F.normalize(patches, dim=2))


def decoupling_of(**own: str) -> Decoupling:
    torch.manual_seed(0)
    return Decoupling(DIMS, sigrl(decoupling=own).decoupling).double().requires_grad_(False)


def test_scaled_attention_compares_entries_of_about_one():
    patches, scaled = seen().patches, decoupling_of(attention="scaled")
    for b in range(BATCH):
        size = math.sqrt(float(patches[b].square().mean()))
        for i in range(LABELS):
            guide = texts()[i] * math.sqrt(DIMS) / size
            weights = softmax_over_patches(scaled.connected.weight, patches[b], guide)
            expected = sum(weights[p] * patches[b, p] for p in range(PATCHES))
            torch.testing.assert_close(scaled(patches, texts())[b, i], expected)
    torch.testing.assert_close(scaled(3 * patches, texts()), 3 * scaled(patches, texts()))


def test_a_label_sees_nothing_of_its_own_with_a_placebo():
    own = decoupling_of()(seen().patches, texts())
    mean = decoupling_of(placebo="mean")(seen().patches, texts())
    torch.testing.assert_close(mean, own.mean(1, keepdim=True).expand_as(own))
    by_lot = decoupling_of(placebo="lot")(seen().patches, texts())
    torch.testing.assert_close(by_lot.sum(1), own.sum(1))
    assert (by_lot - own).abs().sum(2).min() > 0


def test_patches_are_rewritten_by_equal_shares_or_by_those_of_another_image(decoupling, enriched):
    patches = seen().patches
    arguments = (patches, decoupling(patches, texts()), texts(), enriched)
    gates = reconstruction().gates(*arguments)
    torch.testing.assert_close(reconstruction()(*arguments), patches * gates)
    torch.testing.assert_close(gates.sum(1), torch.full((BATCH, DIMS), float(LABELS)).double())
    equal = reconstruction(placebo="mean")(*arguments)
    torch.testing.assert_close(equal, patches * LABELS / PATCHES)
    another = reconstruction(placebo="another")(*arguments)
    torch.testing.assert_close(another[1], patches[1] * gates[0])


def test_scaled_rewriting_does_not_ask_how_loud_patches_are(decoupling, enriched):
    patches, module = seen().patches, reconstruction(attention="scaled")
    loud = module.gates(5 * patches, decoupling(5 * patches, texts()), texts(), enriched)
    assert not torch.allclose(loud, torch.full_like(loud, LABELS / PATCHES))
    own = 5 * decoupling_of(attention="scaled")(patches, texts())
    five = module.gates(5 * patches, own, texts(), enriched)
    torch.testing.assert_close(five, module.gates(patches, own / 5, texts(), enriched))
