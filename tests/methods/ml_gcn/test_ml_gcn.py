"""ML-GCN, a baseline of DLSA."""

import pytest
import torch

from pipeline_lib.families.dense_head.label_graph import reweighted
from pipeline_lib.families.dense_head.liveness import OWN
from pipeline_lib.methods.ml_gcn.fit import fit
from pipeline_lib.methods.ml_gcn.head import MlGcnHead
from tests.methods.toy import run
from tests.methods.toy_maps import (
    DIMS,
    LABELS,
    Passing,
    data,
    graph,
    knowledge,
    maps,
    ml_gcn,
    permuted,
)


def head_of(some=None, **changes) -> MlGcnHead:
    torch.manual_seed(0)
    return MlGcnHead(DIMS, some or graph(), ml_gcn(**changes))


@pytest.mark.parametrize("pool", ["max", "mean"])
def test_scores_are_products_of_pooled_features_and_graph_classifiers(pool):
    head, some = head_of(pool=pool), maps()
    logits, pooled = head(some)
    expected = some.amax((2, 3)) if pool == "max" else some.mean((2, 3))
    assert torch.equal(pooled, expected)
    W = head.classifiers()
    for b in range(3):
        for c in range(LABELS):
            torch.testing.assert_close(logits[b, c], sum(expected[b] * W[c]))


def test_the_graph_is_the_reweighted_one():
    expected = reweighted(graph().adjacency, tau=0.6, p=0.1)
    torch.testing.assert_close(head_of(tau=0.6, p=0.1).classifiers.relations, expected[None])


def test_a_permutation_of_the_labels_permutes_the_logits():
    order = torch.tensor([2, 0, 4, 1, 3])
    head, mixed = head_of(), head_of(permuted(graph(), order))
    torch.testing.assert_close(mixed(maps())[0], head(maps())[0][:, order])


def test_the_loss_falls_on_a_tiny_set():
    found = fit(data(), knowledge(), Passing(), ml_gcn(recipe={"epochs": 60}), seed=0, run=run())
    assert found.history[-1]["loss"] < found.history[0]["loss"] / 3


def test_it_says_how_far_the_graph_leaves_the_classifiers_apart():
    found = fit(data(), knowledge(), Passing(), ml_gcn(), seed=0, run=run())
    before, after = found.liveness
    assert (before.module, after.bar) == ("correlation", OWN)
    assert 0 < after.value < 1
    own = fit(data(), knowledge(), Passing(), ml_gcn(tau=1.0, p=0.0), seed=0, run=run())
    alone, same = own.liveness  # no edge is as strong, and a label keeps all of itself
    assert alone.value == same.value
