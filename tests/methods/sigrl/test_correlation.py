"""GMC: graph attention over the labels of the call."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F

from pipeline_lib.methods.sigrl.correlation import LabelCorrelation
from pipeline_lib.training.liveness import between
from tests.methods.toy_sigrl import DIMS, LABELS, sigrl, texts


def graph(*, dropout: float = 0.0, **changes: Any) -> LabelCorrelation:
    torch.manual_seed(0)
    settings = sigrl(correlation={"dropout": dropout, **changes}).correlation
    return LabelCorrelation(DIMS, settings).double()


def layer_in_loops(layer, nodes, *, slope: float):
    """Eqs. 2-4 of GATv2, a head and a node at a time: e_ij = aᵀ LeakyReLU(W h_i + W' h_j)."""
    heads, width = layer.attend.shape
    out = []
    for i in range(len(nodes)):
        rows = []
        for k in range(heads):
            part = slice(k * width, (k + 1) * width)
            own = layer.target.weight[part] @ nodes[i] + layer.target.bias[part]
            others = [layer.source.weight[part] @ n + layer.source.bias[part] for n in nodes]
            e = torch.stack([F.leaky_relu(own + o, slope) @ layer.attend[k] for o in others])
            beta = e.exp() / e.exp().sum()
            rows.append(sum(b * o for b, o in zip(beta, others, strict=True)))
        out.append(torch.cat(rows) + layer.bias)
    return torch.stack(out)


def test_two_layers_equal_equations_2_to_4_in_loops():
    net = graph()
    hidden = F.elu(layer_in_loops(net.inner, texts(), slope=0.2))
    torch.testing.assert_close(net(texts()), layer_in_loops(net.outer, hidden, slope=0.2))


def test_every_label_hears_every_other_and_itself():
    attention = graph().attention(texts())
    assert attention.shape == (LABELS, LABELS)
    assert (attention > 0).all()
    torch.testing.assert_close(attention.sum(1), torch.ones(LABELS, dtype=torch.float64))


def test_attention_is_that_of_the_last_layer():
    net = graph()
    hidden = F.elu(layer_in_loops(net.inner, texts(), slope=0.2))
    told = net.attention(texts()) @ F.linear(hidden, net.outer.source.weight, net.outer.source.bias)
    torch.testing.assert_close(net(texts()), told + net.outer.bias)


def test_the_order_of_the_labels_does_not_matter():
    net, order = graph(), torch.tensor([2, 0, 3, 1])
    torch.testing.assert_close(net(texts()[order]), net(texts())[order])
    attention = net.attention(texts())
    torch.testing.assert_close(net.attention(texts()[order]), attention[order][:, order])


def test_dropout_is_for_training_only():
    net = graph(dropout=0.3)
    assert not torch.equal(net(texts()), net(texts()))
    net.eval()
    torch.testing.assert_close(net(texts()), graph()(texts()))


def names(count: int = 40, dims: int = 64) -> torch.Tensor:
    """Vectors as alike as those of names are: cosines of about 0.8."""
    generator = torch.Generator().manual_seed(3)
    common = torch.randn(1, dims, generator=generator, dtype=torch.float64)
    own = torch.randn(count, dims, generator=generator, dtype=torch.float64)
    return F.normalize(common + 0.5 * own, dim=1)


def of_names(**changes: Any) -> LabelCorrelation:
    torch.manual_seed(0)
    return LabelCorrelation(64, sigrl(correlation=changes).correlation).double().eval()


@torch.no_grad()
def test_as_printed_all_labels_hear_the_same():
    """Flat attention over a complete graph, twice: a placebo could not be more alike."""
    assert between(of_names().told(names()), 0) < 1e-6
    assert between(names(), 0) > 0.1


@torch.no_grad()
def test_of_their_nearest_labels_hear_different_things():
    assert between(of_names(form="residual", neighbours=4).told(names()), 0) > 0.01


def test_with_the_residual_labels_start_as_they_are_and_learn_what_to_add():
    net = graph(form="residual", neighbours=2)
    torch.testing.assert_close(net(texts()), texts())
    with torch.no_grad():
        net.gate.fill_(0.5)
    torch.testing.assert_close(net(texts()), texts() + 0.5 * net.told(texts()))


def test_neighbours_are_the_nearest_of_the_call():
    net = graph(neighbours=1)
    attention = net.attention(texts())
    near = texts() @ texts().T
    near.fill_diagonal_(-torch.inf)
    expected = torch.eye(LABELS).bool()
    expected[torch.arange(LABELS), near.argmax(1)] = True
    assert torch.equal(attention > 0, expected)
    torch.testing.assert_close(attention.sum(1), torch.ones(LABELS, dtype=torch.float64))
    assert torch.equal(graph(neighbours=99)(texts()) > -torch.inf, torch.ones(LABELS, DIMS) > 0)


@pytest.mark.parametrize("form", ["paper", "residual"])
def test_a_placebo_has_the_same_weights_and_hears_nothing_of_its_own(form):
    plain, mean, lot = (graph(form=form, neighbours=2, placebo=p) for p in ("none", "mean", "lot"))
    for net in (mean, lot):
        assert net.state_dict().keys() == plain.state_dict().keys()
        if net.gate is not None:
            torch.nn.init.ones_(net.gate.data)
    own = texts() if form == "residual" else 0
    told = plain.told(texts())
    torch.testing.assert_close(mean(texts()) - own, told.mean(0).expand_as(told))
    heard = lot(texts()) - own
    assert (heard - told).abs().sum(1).min() > 0
    torch.testing.assert_close(heard.sum(0), told.sum(0))
