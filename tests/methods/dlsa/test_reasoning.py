"""Self-attention over labels."""

import math
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from pipeline_lib.errors import InputError
from pipeline_lib.methods.dlsa.reasoning import Reasoning
from pipeline_lib.methods.dlsa.settings import Reasoning as Settings


def layer(**changes: Any) -> Reasoning:
    torch.manual_seed(0)
    return Reasoning(6, Settings(**{"heads": 2, "hidden": 5, "scale": "root"} | changes)).double()


@pytest.fixture
def vectors(rng) -> torch.Tensor:
    return torch.randn(2, 4, 6, generator=rng, dtype=torch.float64)


@pytest.mark.parametrize(("scale", "divisor"), [("root", math.sqrt(3)), ("paper", 1.0)])
def test_attention_equals_equations_4_to_6_in_loops(vectors, scale, divisor):
    net = layer(scale=scale).requires_grad_(False)
    found, weights = net.attended(vectors), net.told.weights(vectors)
    for b in range(2):
        for n in range(4):
            heads = []
            for h in range(2):
                rows = slice(3 * h, 3 * h + 3)  # of this head
                told = net.told
                Wq, Wk, Wv = (w.weight[rows] for w in (told.queries, told.keys, told.values))
                products = [
                    math.exp(float((Wq @ vectors[b, n]) @ (Wk @ vectors[b, o])) / divisor)
                    for o in range(4)
                ]
                alpha = [p / sum(products) for p in products]
                assert weights[b, h, n].tolist() == pytest.approx(alpha)
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


@pytest.mark.parametrize("placebo", ["none", "mean", "layers"])
def test_labels_are_treated_alike(vectors, placebo):
    order = torch.tensor([3, 1, 0, 2])
    net = layer(placebo=placebo)
    torch.testing.assert_close(net(vectors[:, order]), net(vectors)[:, order])


def test_two_plain_layers_hear_no_other_label_and_have_as_many_weights(vectors):
    net, attending = layer(placebo="layers"), layer()
    other = vectors.clone()
    other[:, 1] += 1
    changed = (net(other) != net(vectors)).any(2)
    assert changed.tolist() == [[False, True, False, False]] * 2
    assert (attending(other) != attending(vectors)).any(2).all()
    counts = [sum(p.numel() for p in one.parameters()) for one in (net, attending)]
    assert counts[0] == counts[1]
    first, _, second = net.told
    expected = F.linear(F.linear(vectors, first.weight).relu(), second.weight) + vectors
    torch.testing.assert_close(net.attended(vectors), expected)


def test_a_message_for_all_is_the_mean_of_the_labels_own(vectors):
    net, attending = layer(placebo="mean"), layer()
    net.load_state_dict(attending.state_dict())
    found = net.attended(vectors) - vectors
    mean = (attending.attended(vectors) - vectors).mean(1)
    for label in range(4):
        torch.testing.assert_close(found[:, label], mean)


def test_heads_that_do_not_divide_the_width_are_refused():
    with pytest.raises(InputError, match="4 heads for vectors of 6 numbers, expected a divisor"):
        Reasoning(6, Settings(heads=4, hidden=5))
