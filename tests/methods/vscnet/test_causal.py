"""Masks, halves, layers and losses of the causal graph, Eqs. 10-13."""

import math

import pytest
import torch
from torch import Tensor

from pipeline_lib.methods.vscnet.causal import (
    GraphLayer,
    Masking,
    Masks,
    class_loss,
    halves,
    uniform_loss,
)

NODES, WIDTH = 5, 4


def graphs(rng: torch.Generator, count: int = 3) -> tuple[Tensor, Tensor]:
    nodes = torch.randn(count, NODES, WIDTH, generator=rng)
    upper = (torch.rand(count, NODES, NODES, generator=rng) < 0.5).float().triu(1)
    return nodes, upper + upper.transpose(1, 2)


def everything(count: int = 3) -> Tensor:
    return torch.ones(count, NODES, dtype=torch.bool)


def test_a_layer_equals_normalisation_and_convolution_as_loops(rng):
    nodes, adjacency = graphs(rng)
    there = torch.rand(3, NODES, generator=rng) < 0.8
    layer = GraphLayer(WIDTH)
    found = layer(nodes, adjacency, there)
    known = torch.stack([nodes[g, u] for g in range(3) for u in range(NODES) if there[g, u]])
    scale = (known.var(0, correction=0) + layer.norm.eps).sqrt()
    standard = (nodes - known.mean(0)) / scale * there[:, :, None]  # what is not there is 0
    for graph in range(3):
        a = adjacency[graph] + torch.eye(NODES)
        degree = a.sum(1)
        rows = []
        for u in range(NODES):
            hidden = sum(
                a[u, v] / math.sqrt(degree[u] * degree[v]) * layer.linear(standard[graph, v])
                for v in range(NODES)
            )
            if there[graph, u]:
                rows.append(hidden.clamp(min=0))
        torch.testing.assert_close(found[graph], sum(rows) / len(rows))


def test_a_faint_half_is_seen_as_well_as_a_strong_one(rng):
    nodes, adjacency = graphs(rng)
    layer = GraphLayer(WIDTH)
    found = layer(0.02 * nodes, adjacency, everything())
    torch.testing.assert_close(found, layer(nodes, adjacency, everything()), rtol=0.05, atol=0.05)


def test_masks_are_the_first_of_two_channels(rng):
    nodes, _ = graphs(rng)
    masking = Masking(WIDTH)
    found = masking(nodes)
    for graph in range(3):
        for u in range(NODES):
            c, n = masking.node(nodes[graph, u]).tolist()
            expected = math.exp(c) / (math.exp(c) + math.exp(n))
            assert found.nodes[graph, u].item() == pytest.approx(expected, rel=1e-4)
            for v in range(NODES):
                ends = masking.edge(nodes[graph, u]) + masking.edge(nodes[graph, v])
                c, n = ends.tolist()
                expected = math.exp(c) / (math.exp(c) + math.exp(n))
                assert found.edges[graph, u, v].item() == pytest.approx(expected, rel=1e-4)


def test_edge_masks_have_no_direction(rng):
    found = Masking(WIDTH)(graphs(rng)[0])
    torch.testing.assert_close(found.edges, found.edges.transpose(1, 2))


def test_the_halves_make_up_the_graph(rng):
    nodes, adjacency = graphs(rng)
    masks = Masking(WIDTH)(nodes)
    (causal, edges), (other, rest) = halves(nodes, adjacency, masks)
    torch.testing.assert_close(causal + other, nodes)
    torch.testing.assert_close(edges + rest, adjacency)
    assert not edges.diagonal(dim1=1, dim2=2).any()  # loops are added whole, by the layer


def test_equations_10_and_11_by_hand():
    masks = Masks(torch.tensor([[1.0, 0.25]]), torch.full((1, 2, 2), 0.75))
    nodes, adjacency = torch.tensor([[[2.0], [4.0]]]), torch.tensor([[[0.0, 1], [1, 0]]])
    (causal, edges), (other, rest) = halves(nodes, adjacency, masks)
    assert causal.tolist() == [[[2], [1]]]
    assert other.tolist() == [[[0], [3]]]
    assert edges.tolist() == [[[0, 0.75], [0.75, 0]]]
    assert rest.tolist() == [[[0, 0.25], [0.25, 0]]]


def test_nodes_may_come_in_any_order(rng):
    nodes, adjacency = graphs(rng)
    masking, layer = Masking(WIDTH), GraphLayer(WIDTH)
    turned = torch.randperm(NODES, generator=rng)

    def pooled(x: Tensor, a: Tensor) -> Tensor:
        (some, edges), _ = halves(x, a, masking(x))
        return layer(some, edges, everything())

    other = pooled(nodes[:, turned], adjacency[:, turned][:, :, turned])
    torch.testing.assert_close(other, pooled(nodes, adjacency))


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
