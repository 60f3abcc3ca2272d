"""The gated graph network of SSGRL."""

import pytest
import torch

from pipeline_lib.methods.ssgrl.gated_graph import GatedGraph


def network(rng, steps: int) -> GatedGraph:
    torch.manual_seed(0)
    adjacency = torch.rand(4, 4, generator=rng, dtype=torch.float64)
    return GatedGraph(adjacency, dims=3, steps=steps).double()


def nodes_of(rng) -> torch.Tensor:
    return torch.randn(2, 4, 3, generator=rng, dtype=torch.float64)


@pytest.mark.parametrize("steps", [1, 3])
def test_states_equal_equation_6_in_loops(rng, steps):
    net, first = network(rng, steps), nodes_of(rng)
    Wz, Wr, W = net.of_messages.weight.chunk(3)
    bz, br, b = net.of_messages.bias.chunk(3)
    Uz, Ur = net.of_gates.weight.chunk(2)
    U, A = net.of_reset.weight, net.adjacency
    found = net(first)
    for image in range(2):
        h = list(first[image])
        for _ in range(steps):
            new = []
            for c in range(4):
                out = sum(A[c, o] * h[o] for o in range(4))
                back = sum(A[o, c] * h[o] for o in range(4))
                a = torch.cat([out, back])
                z = torch.sigmoid(Wz @ a + bz + Uz @ h[c])
                r = torch.sigmoid(Wr @ a + br + Ur @ h[c])
                candidate = torch.tanh(W @ a + b + U @ (r * h[c]))
                new.append((1 - z) * h[c] + z * candidate)
            h = new
        torch.testing.assert_close(found[image], torch.stack(h))


def test_without_a_step_nothing_changes(rng):
    first = nodes_of(rng)
    assert torch.equal(network(rng, 0)(first), first)


def test_without_edges_no_node_hears_another(rng):
    net, first = network(rng, 3), nodes_of(rng)
    net.adjacency.zero_()
    other = first.clone()
    other[:, 1:] += 1
    assert torch.equal(net(first)[:, 0], net(other)[:, 0])


def test_the_order_of_the_nodes_does_not_matter(rng):
    net, first = network(rng, 2), nodes_of(rng)
    before, order = net(first), torch.tensor([2, 0, 3, 1])
    net.adjacency = net.adjacency[order][:, order]
    torch.testing.assert_close(net(first[:, order]), before[:, order])


def test_gradients_reach_every_weight(rng):
    net = network(rng, 2)
    net(nodes_of(rng)).square().sum().backward()
    assert all(p.grad.abs().sum() > 0 for p in net.parameters())
