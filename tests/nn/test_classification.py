"""Classification losses for one class or several."""

import math

import pytest
import torch
import torch.nn.functional as F

from pipeline_lib.nn.classification import classification_loss, posterior


@pytest.fixture
def logits(rng) -> torch.Tensor:
    return torch.randn(6, 4, generator=rng, dtype=torch.float64)


@pytest.fixture
def several() -> torch.Tensor:
    """Targets of one to three classes."""
    rows = [[1, 0, 0, 1], [0, 1, 0, 0], [1, 1, 1, 0], [0, 0, 1, 0], [1, 0, 1, 0], [0, 0, 0, 1]]
    return torch.tensor(rows, dtype=torch.float64)


def test_one_class_by_hand():
    # softmax(0, ln 3) = (1/4, 3/4): −ln(1/4) and −ln(3/4)
    logits = torch.tensor([[0.0, math.log(3)], [0.0, math.log(3)]])
    loss = classification_loss(logits, torch.eye(2), single_label=True)
    assert loss.item() == pytest.approx((math.log(4) + math.log(4 / 3)) / 2)


def test_several_classes_by_hand():
    # sigmoid(0) = 1/2, sigmoid(ln 3) = 3/4; targets 1 and 0: −ln(1/2) and −ln(1/4), their mean
    logits = torch.tensor([[0.0, math.log(3)]])
    loss = classification_loss(logits, torch.tensor([[1.0, 0.0]]), single_label=False)
    assert loss.item() == pytest.approx((math.log(2) + math.log(4)) / 2)


def test_one_class_is_torchs_cross_entropy(logits):
    index = torch.tensor([3, 0, 1, 1, 2, 0])
    found = classification_loss(logits, F.one_hot(index, 4).double(), single_label=True)
    assert found.item() == pytest.approx(F.cross_entropy(logits, index).item(), abs=1e-12)


def test_several_classes_equal_the_formula_in_loops(logits, several):
    losses = []
    for row, target in zip(logits.tolist(), several.tolist(), strict=True):
        chances = [1 / (1 + math.exp(-x)) for x in row]
        pairs = zip(chances, target, strict=True)
        losses.append(-sum(math.log(p) if t else math.log(1 - p) for p, t in pairs) / 4)
    found = classification_loss(logits, several, single_label=False)
    assert found.item() == pytest.approx(sum(losses) / 6)


@pytest.mark.parametrize("single_label", [True, False])
def test_weights_scale_the_loss_of_each_image(logits, several, single_label):
    weights = torch.tensor([0.0, 3.0, 0.5, 0.5, 1.0, 1.0], dtype=torch.float64)
    each = [
        classification_loss(logits[i : i + 1], several[i : i + 1], single_label=single_label)
        for i in range(6)
    ]
    expected = sum(w * loss for w, loss in zip(weights, each, strict=True)) / 6
    found = classification_loss(logits, several, weights, single_label=single_label)
    assert found.item() == pytest.approx(float(expected))
    even = classification_loss(logits, several, torch.ones_like(weights), single_label=single_label)
    plain = classification_loss(logits, several, single_label=single_label)
    assert even.item() == pytest.approx(plain.item())


@pytest.mark.parametrize("single_label", [True, False])
def test_gradients_are_those_of_finite_differences(logits, several, single_label):
    weights = torch.linspace(0.5, 1.5, 6, dtype=torch.float64)
    logits.requires_grad_()
    torch.autograd.gradcheck(
        lambda x: classification_loss(x, several, weights, single_label=single_label), logits
    )
    torch.autograd.gradcheck(lambda x: posterior(x, single_label=single_label), logits)


def test_posteriors_by_hand():
    logits = torch.tensor([[0.0, math.log(3)]])
    assert posterior(logits, single_label=True).tolist() == [pytest.approx([1 / 4, 3 / 4])]
    # sigmoids 1/2 and 3/4, divided by 5/4
    assert posterior(logits, single_label=False).tolist() == [pytest.approx([2 / 5, 3 / 5])]


@pytest.mark.parametrize("single_label", [True, False])
@pytest.mark.parametrize("shift", [-500.0, 0.0, 500.0])
def test_posteriors_sum_to_1_however_extreme_the_logits(logits, single_label, shift):
    found = posterior(logits.float() + shift, single_label=single_label)
    assert found.sum(1).tolist() == pytest.approx([1.0] * 6)
    assert (found >= 0).all()
