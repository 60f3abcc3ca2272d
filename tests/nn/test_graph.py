"""Graphs of a few nodes, many at once."""

import pytest
import torch
from jaxtyping import TypeCheckError

from pipeline_lib.nn.graph import GraphConvolution, normalised, star, symmetric_knn


@pytest.fixture
def nodes(rng) -> torch.Tensor:
    return torch.randn(3, 6, 4, generator=rng, dtype=torch.float64)


def line(*places: float) -> torch.Tensor:
    return torch.tensor(places, dtype=torch.float32)[None, :, None]


def knn_loops(graph: list[list[float]], k: int) -> list[list[float]]:
    count = len(graph)
    out = [[0.0] * count for _ in range(count)]
    for i in range(count):
        others = [j for j in range(count) if j != i]
        pairs = [
            (sum((a - b) ** 2 for a, b in zip(graph[i], graph[j], strict=True)), j) for j in others
        ]
        for _, j in sorted(pairs)[:k]:
            out[i][j] = out[j][i] = 1.0
    return out


def test_a_star_connects_node_0_with_all_others():
    expected = [[0, 1, 1], [1, 0, 0], [1, 0, 0]]
    assert star(torch.zeros(2, 3, 5)).tolist() == [expected, expected]


def test_neighbours_on_a_line_by_hand():
    # 0 and 1 are nearest to each other, 3 is nearest to 1, 10 is nearest to 3
    expected = [[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]]
    assert symmetric_knn(line(0, 1, 3, 10), k=1).tolist() == [expected]


@pytest.mark.parametrize("k", [1, 2, 4, 5, 9])
def test_neighbours_equal_loops(nodes, k):
    expected = [knn_loops(graph, k) for graph in nodes.tolist()]
    found = symmetric_knn(nodes, k=k)
    assert found.dtype == nodes.dtype
    assert found.tolist() == expected


def test_graphs_are_symmetric_and_without_loops(nodes):
    for adjacency in (star(nodes), symmetric_knn(nodes, k=2)):
        assert torch.equal(adjacency, adjacency.transpose(1, 2))
        assert adjacency.diagonal(dim1=1, dim2=2).sum() == 0


def test_twins_are_neighbours():
    found = symmetric_knn(line(2, 2, 9, 9), k=1)
    assert found.tolist() == [[[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]]


def test_a_node_alone_has_no_neighbours():
    assert symmetric_knn(torch.zeros(2, 1, 3), k=4).tolist() == [[[0]], [[0]]]


def test_the_graph_itself_is_not_differentiated(nodes):
    assert not symmetric_knn(nodes.requires_grad_(), k=2).requires_grad


def test_normalisation_by_hand():
    # degrees with loops 2, 3, 2: 1/2, 1/√6, 1/3
    adjacency = torch.tensor([[[0.0, 1, 0], [1, 0, 1], [0, 1, 0]]])
    root = 6**-0.5
    expected = torch.tensor([[[1 / 2, root, 0], [root, 1 / 3, root], [0, root, 1 / 2]]])
    torch.testing.assert_close(normalised(adjacency), expected)


def test_normalised_rows_of_a_regular_graph_sum_to_1():
    ring = torch.roll(torch.eye(5), 1, 0) + torch.roll(torch.eye(5), -1, 0)
    torch.testing.assert_close(normalised(ring[None]).sum(2), torch.ones(1, 5))


def test_normalised_graphs_are_symmetric(nodes):
    found = normalised(symmetric_knn(nodes, k=2))
    torch.testing.assert_close(found, found.transpose(1, 2))


def convolution(nodes: torch.Tensor) -> GraphConvolution:
    torch.manual_seed(0)
    layer = GraphConvolution(dims=nodes.shape[2], hidden=7).to(nodes.dtype)
    torch.nn.init.normal_(layer.outer.weight)
    return layer


def test_convolution_equals_the_formula_in_loops(nodes):
    layer = convolution(nodes)
    adjacency = normalised(symmetric_knn(nodes, k=2))
    found = layer(nodes, adjacency)
    W1, W0 = layer.inner.weight, layer.outer.weight
    for X, A, smoothed in zip(nodes, adjacency, found, strict=True):
        hidden = [torch.relu(sum(A[i, j] * (W1 @ X[j]) for j in range(6))) for i in range(6)]
        for i in range(6):
            expected = X[i] + sum(A[i, j] * (W0 @ hidden[j]) for j in range(6))
            torch.testing.assert_close(smoothed[i], expected)


def test_an_untrained_convolution_returns_its_input_and_can_learn(nodes):
    layer = GraphConvolution(dims=4, hidden=7).double()
    adjacency = normalised(star(nodes))
    assert torch.equal(layer(nodes, adjacency), nodes)
    layer(nodes, adjacency).square().sum().backward()
    assert layer.outer.weight.grad.abs().sum() > 0


def test_graphs_of_a_batch_do_not_mix(nodes):
    layer = convolution(nodes)
    other = nodes.clone()
    other[1:] += 1
    before, after = (layer(x, normalised(star(x)))[0] for x in (nodes, other))
    assert torch.equal(before, after)


def test_gradients_are_those_of_finite_differences(nodes):
    layer = convolution(nodes)
    adjacency = normalised(symmetric_knn(nodes, k=2))
    torch.autograd.gradcheck(lambda x: layer(x, adjacency[:1]), nodes[:1].requires_grad_())


def test_a_wrong_shape_is_noticed_by_the_tests(nodes):
    with pytest.raises(TypeCheckError, match="nodes"):
        star(nodes[0])
    with pytest.raises(TypeCheckError, match="adjacency"):
        normalised(torch.zeros(1, 2, 3))
