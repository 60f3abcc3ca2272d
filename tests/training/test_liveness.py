"""What is read of a mechanism."""

import pytest
import torch

from pipeline_lib.training.data import Pictures
from pipeline_lib.training.liveness import between, gradient_norms, some


def test_a_message_for_all_labels_has_no_share_between_them():
    message = torch.randn(3, 1, 5).expand(-1, 4, -1)
    assert between(message, 1) == pytest.approx(0, abs=1e-12)
    assert between(message, 0) > 0.1  # images differ
    apart = torch.tensor([[[1.0], [-1.0]]])
    assert between(apart, 1) == pytest.approx(1)
    assert between(torch.zeros(2, 3, 4), 1) == 0


def test_the_share_is_that_of_squared_lengths():
    values = torch.tensor([[[3.0], [1.0]]])  # mean 2, deviations 1 and 1: 2 of 10
    assert between(values, 1) == pytest.approx(0.2)


def test_gradients_are_measured_by_that_of_one_term():
    features = torch.tensor([1.0, 2.0], requires_grad=True)
    terms = {
        "labels": (features * torch.tensor([3.0, 4.0])).sum(),
        "distillation": features.sum() * 10,
        "loss": features.sum(),
        "known": torch.tensor(1.0),
    }
    found = gradient_norms(terms, [features], beside="labels")
    assert found == {"distillation": pytest.approx(10 * 2**0.5 / 5), "known": 0.0}


def test_what_no_gradient_reaches_is_zero():
    features = torch.ones(2, requires_grad=True)
    other = torch.ones(2, requires_grad=True)
    terms = {"labels": features.sum(), "idle": other.sum()}
    assert gradient_norms(terms, [features], beside="labels") == {"idle": 0.0}


def test_images_that_are_read_are_of_all_the_file_and_not_beside_their_neighbours():
    pictures = Pictures(range(1000), lambda rows: torch.tensor(rows))
    found = some(pictures, 100)
    steps = torch.linspace(0, 999, 100).round().long()
    assert torch.equal(found.sort().values, steps)
    assert float((found.diff().abs() < 50).float().mean()) < 0.2  # by lot: one in ten
    assert torch.equal(found, some(pictures, 100))
    assert sorted(some(pictures).tolist()) == sorted(set(some(pictures).tolist()))
