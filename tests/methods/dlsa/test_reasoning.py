"""Self-attention over labels."""

import math

import pytest
import torch
import torch.nn.functional as F

from pipeline_lib.errors import InputError
from pipeline_lib.methods.dlsa.reasoning import Reasoning
from pipeline_lib.methods.dlsa.settings import Reasoning as Settings


def layer(*, shortcut: bool = False) -> Reasoning:
    torch.manual_seed(0)
    return Reasoning(6, Settings(heads=2, hidden=5, shortcut=shortcut)).double()


@pytest.fixture
def vectors(rng) -> torch.Tensor:
    return torch.randn(2, 4, 6, generator=rng, dtype=torch.float64)


def test_attention_equals_equations_4_to_6_in_loops(vectors):
    net = layer().requires_grad_(False)
    found = net.attended(vectors)
    for b in range(2):
        for n in range(4):
            heads = []
            for h in range(2):
                rows = slice(3 * h, 3 * h + 3)  # of this head
                Wq, Wk, Wv = (w.weight[rows] for w in (net.queries, net.keys, net.values))
                products = [
                    math.exp(float((Wq @ vectors[b, n]) @ (Wk @ vectors[b, o])) / math.sqrt(3))
                    for o in range(4)
                ]
                alpha = [p / sum(products) for p in products]
                heads.append(sum(alpha[o] * (Wv @ vectors[b, o]) for o in range(4)))
            torch.testing.assert_close(found[b, n], torch.cat(heads) + vectors[b, n])


@pytest.mark.parametrize("shortcut", [False, True])
def test_two_connected_layers_follow(vectors, shortcut):
    net = layer(shortcut=shortcut)
    related = net.attended(vectors)
    first, _, second = net.connected
    expected = F.linear(F.linear(related, first.weight, first.bias).relu(), second.weight)
    expected = expected + second.bias + (related if shortcut else 0)
    torch.testing.assert_close(net(vectors), expected)


def test_labels_are_treated_alike(vectors):
    order = torch.tensor([3, 1, 0, 2])
    net = layer()
    torch.testing.assert_close(net(vectors[:, order]), net(vectors)[:, order])


def test_heads_that_do_not_divide_the_width_are_refused():
    with pytest.raises(InputError, match="4 heads for vectors of 6 numbers, expected a divisor"):
        Reasoning(6, Settings(heads=4, hidden=5))
