"""The distance losses against their equations."""

import math
from itertools import combinations

import pytest
import torch
from torch import Tensor

from pipeline_lib.methods.csrms.losses import (
    SMALLEST,
    inter_class_loss,
    js_loss,
    negative_loss,
    separation,
)
from pipeline_lib.methods.csrms.settings import Distance

SIGNS = ("corrected", "paper")
THETA = 0.7
PLAIN = Distance(normalise=False, theta=THETA)


@pytest.fixture
def anchors(rng) -> Tensor:
    return torch.randn(4, 3, generator=rng, dtype=torch.float64)


@pytest.fixture
def negatives(rng) -> Tensor:
    return torch.randn(4, 5, 3, generator=rng, dtype=torch.float64)


def term(distance: float, sign: str) -> float:
    """−log(μ θ / (d + θ)) of the paper with μ = 1, or its corrected numerator d."""
    return -math.log((THETA if sign == "paper" else distance) / (distance + THETA))


def length(a: Tensor, b: Tensor) -> float:
    return math.sqrt(sum((x - y) ** 2 for x, y in zip(a.tolist(), b.tolist(), strict=True)))


def test_separation_by_hand():
    # d = 3, θ = 1: −ln(3/4) and −ln(1/4)
    distance = torch.tensor([3.0])
    assert separation(distance, sign="corrected", theta=1.0).item() == pytest.approx(
        math.log(4 / 3)
    )
    assert separation(distance, sign="paper", theta=1.0).item() == pytest.approx(math.log(4))


@pytest.mark.parametrize("sign", SIGNS)
def test_the_negative_loss_equals_equation_14_in_loops(anchors, negatives, sign):
    terms = [
        term(sum(length(anchor, other) for other in some), sign)
        for anchor, some in zip(anchors, negatives, strict=True)
    ]
    found = negative_loss(anchors, negatives, sign=sign, measured=PLAIN)
    assert found.item() == pytest.approx(sum(terms) / 4, abs=1e-9)


@pytest.mark.parametrize("sign", SIGNS)
def test_the_inter_class_loss_equals_equations_15_and_16_in_loops(anchors, sign):
    # the last class is not in the batch; image 1 carries two
    targets = torch.tensor([[1, 0, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0], [0, 0, 1, 0]]).double()
    means = [anchors[[0, 1]].mean(0), anchors[[2]].mean(0), anchors[[1, 3]].mean(0)]
    terms = [term(length(a, b), sign) for a, b in combinations(means, 2)]
    found = inter_class_loss(anchors, targets, sign=sign, measured=PLAIN)
    assert found.item() == pytest.approx(sum(terms) / 3, abs=1e-9)


@pytest.mark.parametrize("sign", SIGNS)
def test_a_batch_of_one_class_has_no_pairs(anchors, sign):
    targets = torch.tensor([[0.0, 1, 0]] * 4, dtype=torch.float64)
    anchors.requires_grad_()
    loss = inter_class_loss(anchors, targets, sign=sign, measured=PLAIN)
    assert loss.item() == 0
    loss.backward()
    assert anchors.grad.abs().sum() == 0


@pytest.mark.parametrize(("sign", "apart"), [("corrected", True), ("paper", False)])
def test_descent_pushes_apart_when_corrected_and_together_as_printed(
    anchors, negatives, sign, apart
):
    def step(points: Tensor, loss: Tensor) -> Tensor:
        (gradient,) = torch.autograd.grad(loss, points)
        return points.detach() - 0.01 * gradient

    anchors.requires_grad_()
    moved = step(anchors, negative_loss(anchors, negatives, sign=sign, measured=PLAIN))
    before, after = (
        (points[:, None] - negatives).norm(dim=2).sum(1) for points in (anchors, moved)
    )
    assert ((after > before) == apart).all()
    targets = torch.eye(2, dtype=torch.float64)[[0, 0, 1, 1]]
    moved = step(anchors, inter_class_loss(anchors, targets, sign=sign, measured=PLAIN))
    before, after = (
        (points[:2].mean(0) - points[2:].mean(0)).norm() for points in (anchors, moved)
    )
    assert bool(after > before) == apart


@pytest.mark.parametrize("sign", SIGNS)
def test_points_that_coincide_have_a_finite_loss_and_gradient(sign):
    anchors = torch.ones(2, 3, requires_grad=True)
    found = negative_loss(anchors, torch.ones(2, 4, 3), sign=sign, measured=PLAIN)
    found = found + inter_class_loss(anchors, torch.eye(2), sign=sign, measured=PLAIN)
    found.backward()
    assert math.isfinite(found.item())
    assert torch.isfinite(anchors.grad).all()
    highest = separation(torch.zeros(1), sign="corrected", theta=1.0).item()
    assert highest == pytest.approx(-math.log(SMALLEST), rel=1e-5)


@pytest.mark.parametrize("sign", SIGNS)
def test_gradients_are_those_of_finite_differences(anchors, negatives, sign):
    targets = torch.eye(3, dtype=torch.float64)[[0, 1, 2, 0]]
    inputs = (anchors.requires_grad_(), negatives.requires_grad_())
    torch.autograd.gradcheck(lambda a, n: negative_loss(a, n, sign=sign, measured=PLAIN), inputs)
    torch.autograd.gradcheck(
        lambda a: inter_class_loss(a, targets, sign=sign, measured=PLAIN), anchors
    )


@pytest.mark.parametrize("sign", SIGNS)
def test_losses_do_not_change_when_all_points_move_together(anchors, negatives, sign):
    targets = torch.eye(3, dtype=torch.float64)[[0, 1, 2, 0]]
    for shift in (0.0, 5.0):
        assert negative_loss(
            anchors + shift, negatives + shift, sign=sign, measured=PLAIN
        ).item() == pytest.approx(
            negative_loss(anchors, negatives, sign=sign, measured=PLAIN).item()
        )
        assert inter_class_loss(
            anchors + shift, targets, sign=sign, measured=PLAIN
        ).item() == pytest.approx(
            inter_class_loss(anchors, targets, sign=sign, measured=PLAIN).item()
        )


@pytest.mark.parametrize("sign", SIGNS)
def test_normalised_distances_are_those_of_unit_features(anchors, negatives, sign):
    targets = torch.eye(3, dtype=torch.float64)[[0, 1, 2, 0]]
    unit = Distance(normalise=True, theta=THETA)
    own = anchors / anchors.norm(dim=1, keepdim=True)
    others = negatives / negatives.norm(dim=2, keepdim=True)
    for scale in (1.0, 50.0):  # lengths do not count
        found = negative_loss(scale * anchors, negatives, sign=sign, measured=unit)
        expected = negative_loss(own, others, sign=sign, measured=PLAIN)
        torch.testing.assert_close(found, expected)
        found = inter_class_loss(scale * anchors, targets, sign=sign, measured=unit)
        torch.testing.assert_close(found, inter_class_loss(own, targets, sign=sign, measured=PLAIN))


def test_js_divergence_by_hand():
    p = torch.tensor([[1.0, 0.0], [0.5, 0.5]])
    same = p[:, None].expand(2, 3, 2)
    assert js_loss(p, same).item() == pytest.approx(0, abs=1e-7)
    # opposite certainties: ln 2; and (1/2, 1/2) with (1, 0): m = (3/4, 1/4),
    # (½ ln(2/3) + ½ ln 2 + ln(4/3)) / 2
    opposite = torch.tensor([[[0.0, 1.0]], [[1.0, 0.0]]])
    half = (0.5 * math.log(2 / 3) + 0.5 * math.log(2) + math.log(4 / 3)) / 2
    assert js_loss(p, opposite).item() == pytest.approx((math.log(2) + half) / 2)


def test_js_divergence_equals_loops(rng):
    p = torch.rand(4, 3, generator=rng, dtype=torch.float64).softmax(1)
    q = torch.rand(4, 2, 3, generator=rng, dtype=torch.float64).softmax(2)
    terms = []
    for one, others in zip(p.tolist(), q.tolist(), strict=True):
        for other in others:
            for a, b in zip(one, other, strict=True):
                m = (a + b) / 2
                terms.append((a * math.log(a / m) + b * math.log(b / m)) / 2)
    assert js_loss(p, q).item() == pytest.approx(sum(terms) / (4 * 2))


def test_js_divergence_has_a_gradient_where_a_posterior_rounds_to_0():
    logits = torch.tensor([[0.0, 200.0]], requires_grad=True)
    others = torch.tensor([[[0.0, 200.0], [1.0, 0.0]]], requires_grad=True)
    loss = js_loss(logits.softmax(1), others.softmax(2))
    loss.backward()
    assert math.isfinite(loss.item())
    assert torch.isfinite(logits.grad).all()
    assert torch.isfinite(others.grad).all()
    assert others.grad[0, 1].abs().sum() > 0
