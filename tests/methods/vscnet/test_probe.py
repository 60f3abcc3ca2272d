"""What a ridge regression reads off features."""

import pytest
import torch

from pipeline_lib.methods.vscnet.probe import RIDGE, ridge, told


def test_a_ridge_regression_of_one_dimension_by_hand():
    x, y = torch.tensor([[1.0], [3.0]]), torch.tensor([[0.0], [4.0]])
    # centred x is -1, 1, their square 2; y is -2, 2: W = 4 / (2 + λ), λ = RIDGE · 2
    slope = 4 / (2 + 2 * RIDGE)
    assert ridge(x, y)(torch.tensor([[5.0]])).item() == pytest.approx(2 + slope * (5 - 2))


def test_features_that_are_all_alike_say_the_mean():
    probe = ridge(torch.ones(4, 3), torch.eye(2)[[0, 0, 0, 1]])
    torch.testing.assert_close(probe(torch.ones(1, 3)), torch.tensor([[0.75, 0.25]]).double())


def test_a_linear_code_is_read_whatever_its_scale(rng):
    y = torch.eye(3)[torch.arange(90) % 3]
    x = y @ torch.randn(3, 8, generator=rng) + 0.1 * torch.randn(90, 8, generator=rng)
    for scale in (1e-3, 1.0, 1e3):
        assert told(ridge(scale * x[::2], y[::2]), scale * x[1::2], y[1::2]) == 1
    noise = torch.randn(90, 8, generator=rng)
    assert told(ridge(noise[::2], y[::2]), noise[1::2], y[1::2]) < 0.6


def test_any_class_of_an_image_that_has_several_is_right():
    x, y = torch.eye(2), torch.tensor([[1.0, 1, 0], [0, 1, 0]])
    probe = ridge(x, torch.tensor([[0.0, 1, 0], [0, 0, 1]]))
    assert told(probe, x, y) == 0.5
