"""One vector per label from a feature map."""

import math

import pytest
import torch

from pipeline_lib.families.dense_head.decoupling import pooled_by, sigmoid_attention


@pytest.fixture
def maps(rng) -> torch.Tensor:
    return torch.randn(2, 5, 3, 4, generator=rng, dtype=torch.float64)


@pytest.fixture
def guides(rng) -> torch.Tensor:
    return torch.randn(6, 5, generator=rng, dtype=torch.float64)


@pytest.mark.parametrize("normalise", [False, True])
def test_attention_equals_its_definition_in_loops(maps, guides, normalise):
    found = sigmoid_attention(maps, guides, normalise=normalise)
    for b in range(2):
        for c in range(6):
            expected = torch.zeros(3, 4, dtype=torch.float64)
            for h in range(3):
                for w in range(4):
                    product = sum(float(maps[b, d, h, w] * guides[c, d]) for d in range(5))
                    expected[h, w] = 1 / (1 + math.exp(-product / math.sqrt(5)))
            total = expected.sum() if normalise else 1.0
            torch.testing.assert_close(found[b, c], expected / total)


def test_pooling_equals_equation_3_in_loops(maps, guides):
    attention = sigmoid_attention(maps, guides, normalise=False)
    found = pooled_by(attention, maps)
    places = [(h, w) for h in range(3) for w in range(4)]
    for b in range(2):
        for c in range(6):
            total = sum(attention[b, c, h, w] * maps[b, :, h, w] for h, w in places)
            torch.testing.assert_close(found[b, c], total)


def test_a_label_that_looks_nowhere_still_has_a_finite_vector_and_gradient(maps, guides):
    """σ is 0 at every position in single precision; its shares are not."""
    far = (maps.abs() + 1).float().requires_grad_()
    away = torch.full((1, 5), -200.0)
    vectors = pooled_by(sigmoid_attention(far, away, normalise=True), far)
    vectors.sum().backward()
    assert (sigmoid_attention(far, away, normalise=False) == 0).all()
    assert torch.isfinite(vectors).all()
    assert torch.isfinite(far.grad).all()


def test_normalised_pooling_of_a_flat_map_is_its_value_whatever_its_size(guides):
    for side in (1, 7):
        flat = torch.arange(5.0, dtype=torch.float64)[None, :, None, None].expand(1, 5, side, side)
        found = pooled_by(sigmoid_attention(flat, guides, normalise=True), flat)
        torch.testing.assert_close(found, flat[:, :, 0, 0][:, None].expand(1, 6, 5))


def test_equal_guides_see_equal_vectors_and_a_permutation_of_labels_permutes_them(maps, guides):
    order = torch.tensor([5, 1, 0, 3, 2, 4])
    straight, mixed = (
        pooled_by(sigmoid_attention(maps, g, normalise=True), maps) for g in (guides, guides[order])
    )
    torch.testing.assert_close(mixed, straight[:, order])
    same = sigmoid_attention(maps, guides[:1].expand(2, 5), normalise=True)
    assert torch.equal(same[:, 0], same[:, 1])


def test_gradients_are_those_of_finite_differences(maps, guides):
    def pool(m: torch.Tensor, g: torch.Tensor) -> torch.Tensor:
        return pooled_by(sigmoid_attention(m, g, normalise=True), m)

    torch.autograd.gradcheck(pool, (maps.requires_grad_(), guides.requires_grad_()))


def test_memory_does_not_hold_labels_times_positions_times_dims():
    """No operation of the forward and backward pass gives a tensor of that size."""
    batch, dims, side, labels = 2, 32, 8, 50
    maps = torch.randn(batch, dims, side, side, requires_grad=True)
    guides = torch.randn(labels, dims, requires_grad=True)
    with torch.profiler.profile(profile_memory=True) as profile:
        pooled_by(sigmoid_attention(maps, guides, normalise=True), maps).sum().backward()
    largest = max(event.self_cpu_memory_usage for event in profile.events())
    assert largest < 4 * batch * labels * side * side * dims / 4
