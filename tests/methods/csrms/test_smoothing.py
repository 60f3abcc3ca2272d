"""Graphical smoothing and its alternatives in Table 5."""

import pytest
import torch
from torch import Tensor, nn

from pipeline_lib.methods.csrms.settings import Knn, Star
from pipeline_lib.methods.csrms.smoothing import (
    GraphicalSmoothing,
    MeanSmoothing,
    NoSmoothing,
    TailSmoothing,
    build,
)
from pipeline_lib.nn.graph import normalised, star, symmetric_knn
from tests.methods.toy import SMOOTHINGS, csrms

KINDS = ("gcn", "gnn", "tail_gnn", "js_loss", "none")


@pytest.fixture
def nodes(rng) -> Tensor:
    return torch.randn(3, 5, 4, generator=rng)


def trained(smoothing: nn.Module) -> nn.Module:
    """Give all parameters values, as training would."""
    torch.manual_seed(2)
    for parameter in smoothing.parameters():
        nn.init.normal_(parameter)
    return smoothing


@pytest.mark.parametrize("topology", ["knn", "star"])
def test_gcn_equals_equation_10_with_a_shortcut(nodes, topology):
    smoothing = trained(GraphicalSmoothing(4, 6, Star() if topology == "star" else Knn(k=2)))
    A = normalised(star(nodes) if topology == "star" else symmetric_knn(nodes, k=2))
    W1 = smoothing.convolution.inner.weight.T
    W0 = smoothing.convolution.outer.weight.T
    expected = nodes + A @ torch.relu(A @ nodes @ W1) @ W0
    torch.testing.assert_close(smoothing(nodes), expected[:, 0])


def test_the_two_topologies_and_neighbourhoods_differ(nodes):
    variants = [Star(), Knn(k=1), Knn(k=4)]
    found = [trained(GraphicalSmoothing(4, 6, topology))(nodes) for topology in variants]
    assert not torch.allclose(found[0], found[1])
    assert not torch.allclose(found[1], found[2])


def test_gnn_adds_a_map_of_the_neighbours_mean_by_hand():
    smoothing = MeanSmoothing(2)
    nn.init.eye_(smoothing.neighbours.weight)
    nodes = torch.tensor([[[1.0, 1], [2, 0], [4, 6]]])  # the neighbours' mean is (3, 3)
    assert smoothing(nodes).tolist() == [[4, 4]]


def test_tail_gnn_completes_the_neighbourhood_before_the_mean_in_loops(nodes):
    smoothing = trained(TailSmoothing(4))
    W, bias = smoothing.adapt.weight, smoothing.adapt.bias
    for graph, found in zip(nodes, smoothing(nodes), strict=True):
        h, neighbours = graph[0], graph[1:]
        mean = sum(neighbours) / 4
        adapted = W @ torch.cat([h, mean]) + bias
        gamma, beta = adapted[:4], adapted[4:]
        missing = h + (1 + gamma) * smoothing.translation + beta - mean
        completed = (sum(neighbours) + missing) / 5
        torch.testing.assert_close(found, h + smoothing.neighbours.weight @ completed)


@pytest.mark.parametrize("kind", KINDS)
def test_an_untrained_smoothing_returns_the_image_itself(nodes, kind):
    smoothing = build(4, csrms(smoothing=SMOOTHINGS[kind]).smoothing)
    assert torch.equal(smoothing(nodes), nodes[:, 0])


@pytest.mark.parametrize("kind", ["gcn", "gnn", "tail_gnn"])
def test_graphs_of_a_batch_do_not_mix(nodes, kind):
    smoothing = trained(build(4, csrms(smoothing=SMOOTHINGS[kind]).smoothing))
    other = nodes.clone()
    other[1:] = other[1:].flip(1) + 1
    torch.testing.assert_close(smoothing(other)[0], smoothing(nodes)[0])
    assert not torch.allclose(smoothing(other)[1], smoothing(nodes)[1])


@pytest.mark.parametrize("kind", ["gcn", "gnn", "tail_gnn"])
def test_the_order_of_neighbours_does_not_matter(nodes, kind):
    smoothing = trained(build(4, csrms(smoothing=SMOOTHINGS[kind]).smoothing))
    turned = torch.cat([nodes[:, :1], nodes[:, 1:].flip(1)], 1)
    torch.testing.assert_close(smoothing(turned), smoothing(nodes))


def test_build_gives_what_the_settings_name():
    classes = {
        "gcn": GraphicalSmoothing,
        "gnn": MeanSmoothing,
        "tail_gnn": TailSmoothing,
        "js_loss": NoSmoothing,
        "none": NoSmoothing,
    }
    for kind, expected in classes.items():
        assert type(build(4, csrms(smoothing=SMOOTHINGS[kind]).smoothing)) is expected
    gcn = build(4, csrms(smoothing={"topology": {"name": "star"}, "hidden": 9}).smoothing)
    assert gcn.topology == Star()
    assert build(4, csrms(smoothing={"topology": {"k": 7}}).smoothing).topology == Knn(k=7)
    assert gcn.convolution.inner.weight.shape == (9, 4)


@pytest.mark.parametrize("kind", ["gcn", "gnn", "tail_gnn"])
def test_every_parameter_learns(nodes, kind):
    smoothing = trained(build(4, csrms(smoothing=SMOOTHINGS[kind]).smoothing))
    smoothing(nodes).square().sum().backward()
    for name, parameter in smoothing.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name
