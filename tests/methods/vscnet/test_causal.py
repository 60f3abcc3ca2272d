"""Graph layers and losses of the causal graph, Eqs. 12-13."""

import math

import pytest
import torch
from torch import Tensor

from pipeline_lib.methods.vscnet.causal import GraphLayer, class_loss, uniform_loss
from pipeline_lib.methods.vscnet.masks import Masks, halves

NODES, WIDTH = 5, 4


def graphs(rng: torch.Generator, count: int = 3) -> tuple[Tensor, Tensor]:
    nodes = torch.randn(count, NODES, WIDTH, generator=rng)
    upper = (torch.rand(count, NODES, NODES, generator=rng) < 0.5).float().triu(1)
    return nodes, upper + upper.transpose(1, 2)


def everything(count: int = 3) -> Tensor:
    return torch.ones(count, NODES, dtype=torch.bool)


def test_a_layer_equals_the_convolution_as_loops(rng):
    nodes, adjacency = graphs(rng)
    there = torch.rand(3, NODES, generator=rng) < 0.8
    layer = GraphLayer(WIDTH)
    found = layer(nodes, adjacency, there)
    for graph in range(3):
        a = adjacency[graph] + torch.eye(NODES)
        degree = a.sum(1)
        rows = []
        for u in range(NODES):
            hidden = sum(
                a[u, v] / math.sqrt(degree[u] * degree[v]) * layer.linear(nodes[graph, v])
                for v in range(NODES)
            )
            if there[graph, u]:
                rows.append(hidden.clamp(min=0))
        torch.testing.assert_close(found[graph], sum(rows) / len(rows))


def faint(rng: torch.Generator, *, behind: bool) -> tuple[Tensor, Tensor]:
    """Return both halves, read by one layer, of a graph whose masks are 0.2 everywhere."""
    nodes, adjacency = graphs(rng)
    masks = Masks(torch.full((3, NODES), 0.2), torch.full((3, NODES, NODES), 0.5))
    layer = GraphLayer(WIDTH, behind=behind)
    causal, other = halves(nodes, adjacency, masks)
    return layer(*causal, everything()), layer(*other, everything())


def test_what_is_masked_is_not_rescaled(rng):
    causal, other = faint(rng, behind=False)
    assert not torch.allclose(causal, other, rtol=0.1)


def test_normalised_behind_the_level_of_a_mask_cancels_out(rng):
    torch.testing.assert_close(*faint(rng, behind=True), rtol=0.01, atol=0.01)


def test_a_node_that_is_not_there_changes_nothing(rng):
    nodes, adjacency = graphs(rng)
    nodes[:, -1] = 0
    adjacency[:, -1] = adjacency[:, :, -1] = 0
    there = everything()
    there[:, -1] = False
    layer = GraphLayer(WIDTH)
    smaller = layer(nodes[:, :-1], adjacency[:, :-1, :-1], there[:, :-1])
    torch.testing.assert_close(layer(nodes, adjacency, there), smaller)


def test_uniform_predictions_lose_nothing_and_others_do(rng):
    prior = torch.full((4,), 0.25)
    assert uniform_loss(torch.full((2, 4), 3.0), prior, single_label=True).item() == pytest.approx(
        0, abs=1e-6
    )
    logits = torch.randn(2, 4, generator=rng)
    expected = 0.0
    for row in logits.softmax(1).tolist():
        expected += sum(0.25 * math.log(0.25 / p) for p in row) / 2
    found = uniform_loss(logits, prior, single_label=True)
    assert found.item() == pytest.approx(expected, rel=1e-4)
    assert found > 0


def test_of_many_labels_the_prior_loses_nothing(rng):
    prior = torch.tensor([0.1, 0.5, 0.9])
    logits = (prior / (1 - prior)).log().expand(2, 3)
    assert uniform_loss(logits, prior, single_label=False).item() == pytest.approx(0, abs=1e-6)
    other = torch.randn(2, 3, generator=rng)
    expected = 0.0
    for row in other.sigmoid().tolist():
        for p, q in zip(prior.tolist(), row, strict=True):
            expected += (p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))) / 6
    found = uniform_loss(other, prior, single_label=False)
    assert found.item() == pytest.approx(expected, rel=1e-4)


def test_a_class_that_all_or_none_carry_leaves_the_loss_finite():
    prior = torch.tensor([0.0, 1.0])
    found = uniform_loss(torch.tensor([[-9.0, 9.0]]), prior, single_label=False)
    assert found.item() == pytest.approx(math.log1p(math.exp(-9)), abs=1e-5)


def test_the_squared_error_is_on_probabilities():
    logits = torch.tensor([[math.log(3), 0.0], [0.0, 0.0]])
    hot = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    # (1/4)² + (1/4)² and (1/2)² + (1/2)²
    found = class_loss(logits, hot, kind="l2", single_label=True)
    assert found.item() == pytest.approx((1 / 8 + 1 / 2) / 2)
    many = class_loss(logits, hot, kind="l2", single_label=False)
    assert many.item() == pytest.approx(((1 / 16 + 1 / 4) + 2 / 4) / 2)


def test_cross_entropy_by_hand():
    logits = torch.tensor([[math.log(3), 0.0]])
    hot = torch.tensor([[1.0, 0.0]])
    one = class_loss(logits, hot, kind="ce", single_label=True)
    assert one.item() == pytest.approx(math.log(4 / 3))
    many = class_loss(logits, hot, kind="ce", single_label=False)
    assert many.item() == pytest.approx((math.log(4 / 3) + math.log(2)) / 2)
