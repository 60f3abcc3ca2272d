"""Masks, halves, and what stands in the place of what is removed, Eqs. 10-11."""

import math

import pytest
import torch
from torch import Tensor

from pipeline_lib.methods.vscnet.causal import GraphLayer
from pipeline_lib.methods.vscnet.masks import Masking, Masks, Normalisation, halves
from tests.methods.vscnet.test_causal import NODES, WIDTH, everything, graphs


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


def test_the_mean_node_is_zero_and_those_that_are_not_there_stay_zero(rng):
    nodes, _ = graphs(rng)
    there = torch.rand(3, NODES, generator=rng) < 0.8
    assert not there.all()
    found = Normalisation(WIDTH)(5 * nodes + 2, there)
    known = found[there]
    torch.testing.assert_close(known.mean(0), torch.zeros(WIDTH), atol=1e-5, rtol=0)
    torch.testing.assert_close(known.var(0, correction=0), torch.ones(WIDTH), atol=1e-3, rtol=0)
    assert not found[~there].any()


def test_training_cannot_outgrow_the_noise():
    assert not list(Normalisation(WIDTH).parameters())


def test_what_a_mask_removes_is_replaced_by_hand():
    masks = Masks(torch.tensor([[1.0, 0.25]]), torch.full((1, 2, 2), 0.75))
    nodes, adjacency = torch.tensor([[[2.0], [4.0]]]), torch.zeros(1, 2, 2)
    (causal, _), (other, _) = halves(nodes, adjacency, masks, lambda x: torch.full_like(x, 10.0))
    assert causal.tolist() == [[[2], [0.25 * 4 + 0.75 * 10]]]
    assert other.tolist() == [[[10], [0.75 * 4 + 0.25 * 10]]]


def test_each_half_has_noise_of_its_own(rng):
    nodes = torch.zeros(1, NODES, WIDTH)
    masks = Masks(torch.full((1, NODES), 0.5), torch.zeros(1, NODES, NODES))
    (causal, _), (other, _) = halves(
        nodes, nodes.new_zeros(1, NODES, NODES), masks, torch.randn_like
    )
    assert not torch.allclose(causal, other)


def told(nodes: Tensor, label: Tensor, share: float, stand_in) -> float:
    """Say how often a linear probe of the non-causal half, fitted on one half of the graphs, tells
    the label of the others.
    """
    masks = Masks(torch.full(nodes.shape[:2], share), torch.zeros(len(nodes), NODES, NODES))
    _, (other, edges) = halves(nodes, torch.zeros_like(masks.edges), masks, stand_in)
    torch.manual_seed(0)
    layer = GraphLayer(WIDTH)
    torch.nn.init.zeros_(layer.linear.bias)  # or a faint half is lost below ReLU's corner
    read = layer(other, edges, everything(len(nodes))).detach()
    flat, sign = read - read.mean(0), 2.0 * label - 1
    weight = torch.linalg.lstsq(flat[::2], sign[::2, None]).solution
    return float(((flat[1::2] @ weight)[:, 0].sign() == sign[1::2]).float().mean())


def test_a_probe_does_not_mind_scale_and_does_mind_noise(rng):
    label = torch.arange(800) // 2 % 2
    nodes = torch.randn(800, NODES, WIDTH, generator=rng) + label[:, None, None]
    assert told(nodes, label, 0.99, torch.zeros_like) > 0.9  # one hundredth of it says it all
    assert told(nodes, label, 0.99, torch.randn_like) < 0.6
