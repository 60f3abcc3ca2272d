"""Graph attention v2, against PyTorch Geometric."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.nn.gatv2 import GATv2, with_self
from tests.nn.memory import peak_bytes
from tests.nn.peers import GATv2Conv

NODES, DIMS, OUT, HEADS = 6, 5, 4, 3
# padded lists; node 2 hears nobody, node 4 names itself, node 5 names node 0 twice
NEIGHBOURS = torch.tensor([[1, 2, 3], [5, -1, -1], [-1, -1, -1], [0, 1, -1], [4, 2, -1], [0, 0, 1]])


def layer_of(**changes) -> GATv2:
    torch.manual_seed(0)
    settings = {"concat": True, "slope": 0.2, "dropout": 0.0, "chunk": 0} | changes
    layer = GATv2(DIMS, OUT, HEADS, **settings).double()
    torch.nn.init.normal_(layer.bias)
    return layer


def peer_of(layer: GATv2) -> GATv2Conv:
    """PyTorch Geometric's layer with the same weights."""
    peer = GATv2Conv(
        DIMS, OUT, heads=HEADS, concat=layer.concat, negative_slope=layer.slope
    ).double()
    names = {"source": "lin_l", "target": "lin_r"}
    state = {"att": layer.attend[None], "bias": layer.bias}
    for ours, theirs in names.items():
        for part in ("weight", "bias"):
            state[f"{theirs}.{part}"] = getattr(getattr(layer, ours), part)
    peer.load_state_dict(state)
    return peer


def edges_of(neighbours: Tensor | None, graphs: int) -> Tensor:
    """(2, edges) from source to target, of so many graphs side by side."""
    if neighbours is None:
        neighbours = torch.arange(NODES).expand(NODES, NODES)
    pairs = [(j, i) for i, row in enumerate(neighbours.tolist()) for j in row if j >= 0]
    one = torch.tensor(pairs).T
    return torch.cat([one + graph * NODES for graph in range(graphs)], 1)


@pytest.fixture
def nodes(rng) -> Tensor:
    return torch.randn(2, NODES, DIMS, generator=rng, dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize("concat", [True, False])
@pytest.mark.parametrize("neighbours", [NEIGHBOURS, None], ids=["lists", "complete"])
@pytest.mark.parametrize("chunk", [0, 1, 4])
def test_values_and_gradients_are_those_of_pytorch_geometric(nodes, concat, neighbours, chunk):
    layer = layer_of(concat=concat, chunk=chunk)
    peer = peer_of(layer)
    found = layer(nodes, neighbours)
    expected = peer(nodes.flatten(0, 1), edges_of(neighbours, 2)).view(2, NODES, -1)
    torch.testing.assert_close(found, expected, rtol=1e-10, atol=1e-10)
    probe = torch.linspace(-1, 2, found.numel(), dtype=torch.float64).view_as(found)
    ours = torch.autograd.grad((found * probe).sum(), [nodes, *layer.parameters()])
    weights = [peer.lin_l.weight, peer.lin_l.bias, peer.lin_r.weight, peer.lin_r.bias]
    theirs = torch.autograd.grad((expected * probe).sum(), [nodes, peer.att, peer.bias, *weights])
    named = [name for name, _ in layer.named_parameters()]
    assert named == [
        "attend",
        "bias",
        *(f"{a}.{b}" for a in ("source", "target") for b in ("weight", "bias")),
    ]
    for one, two in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one.view_as(two), two, rtol=1e-10, atol=1e-10)


def test_values_equal_equations_19_to_23_in_loops(nodes):
    layer = layer_of().requires_grad_(False)
    found = layer(nodes, NEIGHBOURS).unflatten(2, (HEADS, OUT))
    W_left, W_right = (part.weight.view(HEADS, OUT, DIMS) for part in (layer.target, layer.source))
    b_left, b_right = (part.bias.view(HEADS, OUT) for part in (layer.target, layer.source))
    for b in range(2):
        for i in range(NODES):
            heard = [i, *(j for j in NEIGHBOURS[i].tolist() if j not in (-1, i))]
            for m in range(HEADS):
                right = [W_right[m] @ nodes[b, j] + b_right[m] for j in heard]
                left = W_left[m] @ nodes[b, i] + b_left[m]
                e = torch.stack([layer.attend[m] @ F.leaky_relu(left + r, 0.2) for r in right])
                alpha = e.exp() / e.exp().sum()
                told = sum(a * r for a, r in zip(alpha, right, strict=True))
                torch.testing.assert_close(found[b, i, m], told + layer.bias.view(HEADS, OUT)[m])


def test_a_node_without_neighbours_hears_itself_alone(nodes):
    layer = layer_of()
    expected = layer.source(nodes[:, 2]) + layer.bias
    torch.testing.assert_close(layer(nodes, NEIGHBOURS)[:, 2], expected)


def test_edges_are_directed(nodes):
    changed = nodes.detach().clone()
    changed[:, 5] += 1
    layer = layer_of()
    moved = (layer(nodes, NEIGHBOURS) != layer(changed, NEIGHBOURS)).any(2).any(0)
    assert moved.tolist() == [False, True, False, False, False, True]  # 1 hears 5


def test_the_order_of_nodes_does_not_matter(nodes, rng):
    layer, order = layer_of(), torch.randperm(NODES, generator=rng)
    place = torch.argsort(order)  # where each node went
    renamed = torch.where(NEIGHBOURS < 0, -1, place[NEIGHBOURS.clamp(min=0)])[order]
    torch.testing.assert_close(layer(nodes[:, order], renamed), layer(nodes, NEIGHBOURS)[:, order])


def test_leading_axes_are_kept(nodes):
    layer = layer_of()
    alone = layer(nodes[1], NEIGHBOURS)
    assert alone.shape == (NODES, HEADS * OUT)
    torch.testing.assert_close(alone, layer(nodes, NEIGHBOURS)[1])
    torch.testing.assert_close(layer(nodes[None], NEIGHBOURS)[0], layer(nodes, NEIGHBOURS))


def test_attention_is_self_first_sums_to_1_and_gives_the_output(nodes):
    layer = layer_of(chunk=4)
    weights = layer.attention(nodes, NEIGHBOURS)
    assert weights.shape == (2, NODES, HEADS, 4)
    torch.testing.assert_close(weights.sum(3), torch.ones(2, NODES, HEADS, dtype=torch.float64))
    table = with_self(NEIGHBOURS)
    assert (weights.transpose(2, 3)[:, table < 0] == 0).all()
    sources = layer.source(nodes).unflatten(2, (HEADS, OUT))[:, table.clamp(min=0)]
    told = torch.einsum("bnhk,bnkhd->bnhd", weights, sources).flatten(2) + layer.bias
    torch.testing.assert_close(layer(nodes, NEIGHBOURS), told)


def test_attention_of_the_complete_graph_has_all_nodes_in_order(nodes):
    layer = layer_of()
    everyone = torch.arange(NODES).expand(NODES, NODES)
    lists = layer.attention(nodes, everyone)  # the own column is dropped, self comes first
    found = layer.attention(nodes, None)
    assert found.shape == (2, NODES, HEADS, NODES)
    for i in range(NODES):
        torch.testing.assert_close(found[:, i, :, i], lists[:, i, :, 0])
        others = [j for j in range(NODES) if j != i]
        torch.testing.assert_close(
            found[:, i, :, others], lists[:, i][:, :, [1 + j for j in others]]
        )


def test_dropout_gives_the_same_values_and_gradients_in_both_passes(nodes):
    """The mask is drawn once, though chunks are computed twice."""
    layer = layer_of(dropout=0.5, chunk=2).train()

    def told(some: Tensor) -> Tensor:
        torch.manual_seed(3)
        return layer(some, NEIGHBOURS)

    assert not torch.equal(told(nodes), layer.eval()(nodes, NEIGHBOURS))
    layer.train()
    torch.autograd.gradcheck(told, nodes)


@pytest.mark.parametrize("neighbours", [NEIGHBOURS, None], ids=["lists", "complete"])
def test_training_and_judging_compute_the_same(nodes, neighbours):
    layer = layer_of(concat=False)
    with torch.no_grad():
        judged = layer(nodes, neighbours)
    torch.testing.assert_close(layer(nodes, neighbours), judged, rtol=1e-12, atol=1e-12)


def test_in_mixed_precision_attention_is_computed_in_single(nodes):
    layer, inputs = layer_of().float(), nodes.detach().float()
    exact = layer(inputs, NEIGHBOURS)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed = layer(inputs, NEIGHBOURS)
    assert mixed.dtype == torch.float32
    torch.testing.assert_close(mixed, exact, rtol=0.05, atol=0.05)
    mixed.sum().backward()
    assert all(weight.grad.isfinite().all() for weight in layer.parameters())


def test_a_second_derivative_is_refused(nodes):
    told = layer_of()(nodes, NEIGHBOURS)
    (found,) = torch.autograd.grad(told.square().sum(), nodes, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        found.sum().backward()


@pytest.mark.parametrize("kind", ["lists", "complete"])
def test_memory_does_not_hold_nodes_times_neighbours_times_width(kind):
    """Nor does it grow with the number of neighbours, but for the chunk."""
    batch, nodes, most, width = 4, 300, 32, 64
    table = torch.randint(nodes, (nodes, most)) if kind == "lists" else None
    layer = GATv2(8, width, 1, concat=True, slope=0.2, dropout=0.0, chunk=4)
    inputs = torch.randn(batch, nodes, 8, requires_grad=True)
    gathered = 4 * batch * nodes * (most if kind == "lists" else nodes) * width
    whole = GATv2(8, width, 1, concat=True, slope=0.2, dropout=0.0, chunk=nodes)
    with torch.no_grad():  # as exported networks compute
        assert peak_bytes(lambda: whole(inputs, table)) > gathered
    for one in (layer, whole):
        assert peak_bytes(lambda one=one: one(inputs, table).sum().backward()) < gathered / 2
