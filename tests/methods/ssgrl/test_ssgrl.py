"""SSGRL, a baseline of DLSA."""

import torch

from pipeline_lib.methods.ssgrl.fit import fit
from pipeline_lib.methods.ssgrl.head import SsgrlHead
from tests.methods.toy import run
from tests.methods.toy_maps import (
    DIMS,
    LABELS,
    Passing,
    data,
    graph,
    knowledge,
    maps,
    permuted,
    ssgrl,
)


def head_of(some=None, **changes) -> SsgrlHead:
    torch.manual_seed(0)
    return SsgrlHead(DIMS, some or graph(), ssgrl(**changes))


def test_logits_equal_equations_5_to_8_in_loops():
    head, some = head_of(), maps(2)
    attention = head.attention(some, head.embeddings)
    vectors = torch.zeros(2, LABELS, DIMS)
    for b in range(2):
        for c in range(LABELS):
            for h in range(3):
                for w in range(3):
                    vectors[b, c] += attention[b, c, h, w] * some[b, :, h, w]
    states = head.interaction(vectors)
    logits, _ = head(some)
    for b in range(2):
        for c in range(LABELS):
            both = torch.cat([states[b, c], vectors[b, c]])
            output = torch.tanh(head.output.weight @ both + head.output.bias)
            expected = head.classifier.weight[c] @ output + head.classifier.bias[c]
            torch.testing.assert_close(logits[b, c], expected)


def test_gradients_reach_every_parameter():
    for width in (0, 4):
        head = head_of(width=width)
        head(maps())[0].square().sum().backward()
        for name, parameter in head.named_parameters():
            assert parameter.grad.abs().sum() > 0, name


def test_a_permutation_of_the_labels_permutes_the_logits():
    order = torch.tensor([2, 0, 4, 1, 3])
    head, mixed = head_of(), head_of(permuted(graph(), order))
    for name in ("weight", "bias"):
        getattr(mixed.classifier, name).data = getattr(head.classifier, name).data[order]
    torch.testing.assert_close(mixed(maps())[0], head(maps())[0][:, order])


def test_the_loss_falls_on_a_tiny_set():
    found = fit(data(), knowledge(), Passing(), ssgrl(recipe={"epochs": 60}), seed=0, run=run())
    assert found.history[-1]["loss"] < found.history[0]["loss"] / 3


def test_a_graph_that_passes_nothing_is_read_as_dead():
    def read(**changes):
        found = fit(data(), knowledge(), Passing(), ssgrl(**changes), seed=0, run=run()).liveness
        return {(one.module, one.split): one.value for one in found}

    alive, without = read(), read(steps=0)
    assert 0 < alive["correlation", "test"] <= 1
    assert without["correlation", "test"] == 0
    assert 0 < alive["decoupling", "train"] <= 1
