"""The losses of CSNet against their equations."""

import math

import pytest
import torch
from torch import Tensor

from pipeline_lib.methods.vscnet.csnet_losses import (
    inside_loss,
    locating_loss,
    scale_loss,
    tag_loss,
)


def boxes(rng: torch.Generator, images: int = 4, steps: int = 5) -> Tensor:
    return torch.randn(images, steps, 2, 3, generator=rng)


def box(*values: float) -> Tensor:
    return torch.tensor(values).view(1, 1, 2, 3)


def test_the_locating_loss_by_hand():
    # shifts (0.3, 0) and (-0.3, 0): mean 0, exp(-0.3) each; the second is turned by 0.1 and -0.2
    theta = torch.cat([box(1, 0, 0.3, 0, 1, 0), box(1, 0.1, -0.3, -0.2, 1, 0)], 1)
    expected = (math.exp(-0.3) + math.exp(-0.3) + 0.3) / 2
    assert locating_loss(theta).item() == pytest.approx(expected)


def test_the_locating_loss_equals_equation_4_as_written(rng):
    theta = boxes(rng)
    total = 0.0
    for image in theta.tolist():
        mean_13 = sum(row[0][2] for row in image) / len(image)
        mean_23 = sum(row[1][2] for row in image) / len(image)
        for row in image:
            apart = abs(row[0][2] - mean_13) + abs(row[1][2] - mean_23)
            total += math.exp(-apart) + abs(row[0][1]) + abs(row[1][0])
    assert locating_loss(theta).item() == pytest.approx(total / (4 * 5), rel=1e-5)


def test_boxes_that_lie_apart_and_upright_lose_least():
    together = torch.cat([box(1, 0, 0.2, 0, 1, 0)] * 2, 1)
    apart = torch.cat([box(1, 0, 0.2, 0, 1, 0), box(1, 0, -0.2, 0, 1, 0)], 1)
    turned = torch.cat([box(1, 0.1, 0.2, 0.1, 1, 0), box(1, 0, -0.2, 0, 1, 0)], 1)
    assert locating_loss(apart) < locating_loss(together)
    assert locating_loss(apart) < locating_loss(turned)


@pytest.mark.parametrize(
    ("scale", "expected"),
    [(0.5, 0.0), (0.4, 0.0), (0.8, 0.0), (-0.5, 0.0), (0.1, 0.15), (1.0, 0.1), (-1.0, 0.1)],
)
def test_scales_within_bounds_lose_nothing(scale, expected):
    # one of two scales is out of bounds
    found = scale_loss(box(scale, 0.9, 0.9, 0.9, 0.5, 0.9), smallest=0.4, largest=0.8)
    assert found.item() == pytest.approx(expected)


def test_the_scale_loss_brings_a_box_back():
    theta = box(0.1, 0, 0, 0, 0.95, 0).requires_grad_()
    scale_loss(theta, smallest=0.4, largest=0.8).backward()
    assert theta.grad[0, 0, 0, 0] < 0  # a larger scale would lose less
    assert theta.grad[0, 0, 1, 1] > 0
    assert theta.grad.count_nonzero() == 2


def test_the_scale_loss_equals_loops(rng):
    theta = boxes(rng)
    values = [abs(s) for image in theta.tolist() for row in image for s in (row[0][0], row[1][1])]
    expected = sum(max(0, 0.3 - v) + max(0, v - 0.9) for v in values) / len(values)
    assert scale_loss(theta, smallest=0.3, largest=0.9).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((0.5, 0, 0.5, 0, 1, 0), 0.0),  # touches the right edge
        ((0.5, 0, 0.7, 0, 1, 0), 0.1),  # by 0.2 in one of two directions
        ((0.5, 0, -0.7, 0, 1, 0), 0.1),
        ((0.5, -0.3, 0.5, 0, 1, 0), 0.15),  # turned, it reaches 0.3 further
    ],
)
def test_boxes_within_the_image_lose_nothing(values, expected):
    assert inside_loss(box(*values)).item() == pytest.approx(expected)


def test_the_tag_loss_equals_the_cross_entropy_of_supervised_steps(rng):
    logits = torch.randn(3, 4, 5, generator=rng)
    assigned = torch.tensor([[0, -1, 4, 2], [-1, -1, -1, -1], [3, 3, -1, 0]])
    given = [(i, j, int(t)) for i, row in enumerate(assigned) for j, t in enumerate(row) if t >= 0]
    log = logits.log_softmax(2)
    expected = -sum(float(log[place]) for place in given) / len(given)
    assert tag_loss(logits, assigned).item() == pytest.approx(expected, rel=1e-5)


def test_steps_without_a_tag_get_no_gradient(rng):
    logits = torch.randn(2, 3, 5, generator=rng, requires_grad=True)
    tag_loss(logits, torch.tensor([[1, -1, 2], [-1, -1, -1]])).backward()
    assert logits.grad.abs().sum(2).bool().tolist() == [[True, False, True], [False] * 3]


def test_images_without_tags_lose_nothing(rng):
    logits = torch.randn(2, 3, 5, generator=rng, requires_grad=True)
    loss = tag_loss(logits, torch.full((2, 3), -1))
    loss.backward()
    assert loss.item() == 0
    assert not logits.grad.any()


@pytest.mark.parametrize(
    "loss",
    [locating_loss, inside_loss, lambda theta: scale_loss(theta, smallest=0.4, largest=0.8)],
)
def test_losses_do_not_depend_on_the_order_of_images_or_steps(rng, loss):
    theta = boxes(rng)
    turned = theta[torch.randperm(4, generator=rng)][:, torch.randperm(5, generator=rng)]
    torch.testing.assert_close(loss(turned), loss(theta))
