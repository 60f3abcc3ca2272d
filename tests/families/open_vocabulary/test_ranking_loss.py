"""The pairwise ranking loss."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline_lib.families.open_vocabulary.ranking_loss import pairwise_hinge


def looped(
    scores: torch.Tensor, targets: torch.Tensor, margin: float, pairs: str = "all"
) -> torch.Tensor:
    """The definition, pair by pair; torch's own relu decides the gradient at the kink."""
    images = []
    for row, target in zip(scores, targets, strict=True):
        found = [
            torch.relu(margin + row[n] - row[p])
            for p in range(len(row))
            for n in range(len(row))
            if target[p] and not target[n]
        ]
        if found:
            hinges = torch.stack(found)
            violated = (hinges > 0).sum().clamp(min=1)
            images.append(hinges.mean() if pairs == "all" else hinges.sum() / violated)
    return torch.stack(images).mean() if images else (scores * 0).sum()


def with_gradient(loss, scores: torch.Tensor, *rest, **named):
    scores = scores.clone().requires_grad_()
    value = loss(scores, *rest, **named)
    value.backward()
    return value.detach(), scores.grad


def assert_equal_to_loops(scores: torch.Tensor, targets: torch.Tensor, margin: float) -> None:
    for pairs in ("all", "violated"):
        found = with_gradient(pairwise_hinge, scores, targets, margin=margin, pairs=pairs)
        expected = with_gradient(looped, scores, targets, margin, pairs)
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)


def test_worked_example():
    # positives 2 and 0.5, negatives 1.6 and −3, margin 1: 1 + 1.6 − 2 = 0.6; 1 + 1.6 − 0.5 = 2.1;
    # −3 violates nothing; 2.7 over 4 pairs. Slopes: each pair counts 1/4
    scores = torch.tensor([[2.0, 1.6, 0.5, -3.0]])
    loss, gradient = with_gradient(
        pairwise_hinge, scores, torch.tensor([[1.0, 0.0, 1.0, 0.0]]), margin=1.0
    )
    assert loss.item() == pytest.approx(2.7 / 4)
    assert gradient.tolist() == [[-0.25, 0.5, -0.25, 0.0]]
    loss, gradient = with_gradient(
        pairwise_hinge, scores, torch.tensor([[1.0, 0.0, 1.0, 0.0]]), margin=1.0, pairs="violated"
    )
    assert loss.item() == pytest.approx(2.7 / 2)  # two of the four are violated
    assert gradient.tolist() == [[-0.5, 1.0, -0.5, 0.0]]


# a few round numbers, so that equal scores and pairs exactly at the kink are common
ROUND = st.sampled_from([-1.0, -0.5, 0.0, 0.25, 0.5, 1.0])
ANY = st.floats(-10, 10, allow_subnormal=False)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_value_and_gradient_equal_the_double_loop(data):
    shape = (data.draw(st.integers(1, 4)), data.draw(st.integers(1, 7)))
    numbers = data.draw(st.sampled_from([ROUND, ANY]))
    scores = torch.from_numpy(data.draw(arrays("float64", shape, elements=numbers)))
    targets = torch.from_numpy(data.draw(arrays("bool", shape)))
    assert_equal_to_loops(scores, targets, data.draw(st.sampled_from([0.0, 0.5, 1.0])))


@pytest.mark.parametrize("margin", [0.0, 1.0])
def test_equal_scores_are_violated_by_the_margin_and_at_margin_0_not_at_all(margin):
    targets = torch.tensor([[1, 0, 1, 0, 0], [0, 1, 0, 0, 0]])
    scores = torch.full((2, 5), 0.3, dtype=torch.float64)
    assert_equal_to_loops(scores, targets, margin)
    loss, gradient = with_gradient(pairwise_hinge, scores, targets, margin=margin)
    assert loss.item() == pytest.approx(margin)
    assert bool(gradient.any()) == (margin > 0)


def test_images_without_a_positive_or_a_negative_do_not_count(rng):
    scores = torch.randn(4, 6, generator=rng, dtype=torch.float64)
    targets = torch.zeros(4, 6)
    targets[0, 2] = targets[3, [1, 4]] = 1
    targets[2] = 1
    assert_equal_to_loops(scores, targets, 0.7)
    both = pairwise_hinge(scores[[0, 3]], targets[[0, 3]], margin=0.7)
    assert pairwise_hinge(scores, targets, margin=0.7).item() == pytest.approx(both.item())


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_batch_without_pairs_has_loss_0_and_gradient_0(rng, value):
    scores = torch.randn(3, 5, generator=rng)
    loss, gradient = with_gradient(pairwise_hinge, scores, torch.full((3, 5), value), margin=1.0)
    assert loss.item() == 0
    assert torch.equal(gradient, torch.zeros(3, 5))


def test_where_every_pair_violates_it_is_the_margin_minus_the_mean_difference(rng):
    """SigRL's normalised scores differ by less than 1, so its loss is always this."""
    scores = torch.rand(5, 9, generator=rng, dtype=torch.float64)
    targets = torch.zeros(5, 9)
    targets[torch.arange(5), torch.arange(5)] = targets[:, 8] = 1
    lead = torch.stack(
        [s[t > 0].mean() - s[t == 0].mean() for s, t in zip(scores, targets, strict=True)]
    )
    assert pairwise_hinge(scores, targets, margin=1.0).item() == pytest.approx(
        1 - lead.mean().item()
    )


def test_neither_the_order_of_labels_nor_of_images_matters(rng):
    scores = torch.randn(6, 20, generator=rng, dtype=torch.float64)
    targets = (torch.rand(6, 20, generator=rng) < 0.2).float()
    loss, gradient = with_gradient(pairwise_hinge, scores, targets, margin=1.0)
    rows, columns = torch.randperm(6, generator=rng), torch.randperm(20, generator=rng)
    mixed, of_mixed = with_gradient(
        pairwise_hinge, scores[rows][:, columns], targets[rows][:, columns], margin=1.0
    )
    assert mixed.item() == pytest.approx(loss.item())
    torch.testing.assert_close(of_mixed, gradient[rows][:, columns])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_scores_of_lower_precision_keep_their_type_and_are_summed_in_double(rng, dtype):
    scores = torch.randn(4, 300, generator=rng).to(dtype)
    targets = torch.rand(4, 300, generator=rng) < 0.05
    loss, gradient = with_gradient(pairwise_hinge, scores, targets, margin=1.0)
    assert loss.dtype == gradient.dtype == dtype
    whole = pairwise_hinge(scores.double(), targets, margin=1.0)
    assert loss.item() == pytest.approx(whole.item(), rel=2 * torch.finfo(dtype).eps)


def test_scores_need_not_be_contiguous(rng):
    scores, targets = torch.randn(7, 3, generator=rng).T, torch.eye(3, 7)
    assert pairwise_hinge(scores, targets, margin=1.0) == pairwise_hinge(
        scores.contiguous(), targets, margin=1.0
    )


def test_a_score_that_is_no_number_is_not_hidden():
    loss = pairwise_hinge(torch.tensor([[torch.nan, 0.0]]), torch.eye(1, 2), margin=1.0)
    assert loss.isnan()


def test_nothing_of_size_labels_times_labels_is_formed():
    labels = 2000
    scores = torch.randn(2, labels, requires_grad=True)
    targets = (torch.arange(labels) < 40).float().expand(2, labels)
    with torch.profiler.profile(profile_memory=True) as profile:
        pairwise_hinge(scores, targets, margin=1.0).backward()
    largest = max(event.self_cpu_memory_usage for event in profile.events())
    assert largest < 2 * labels * 8 * 10
