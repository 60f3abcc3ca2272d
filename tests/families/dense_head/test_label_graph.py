"""A fixed graph over the labels."""

import pytest
import torch

from pipeline_lib.errors import InputError
from pipeline_lib.families.dense_head.label_graph import (
    LabelConvolution,
    LabelGraph,
    reweighted,
    row_normalised,
    rows_to_one,
)

P = torch.tensor([[0.0, 0.5, 0.1], [1.0, 0.0, 0.4], [0.0, 0.3, 0.0]])


def test_rows_are_means_of_a_label_and_its_neighbours_by_hand():
    # P + I has rows (1, .5, .1), (1, 1, .4), (0, .3, 1) with sums 1.6, 2.4, 1.3
    sums = torch.tensor([[1.6], [2.4], [1.3]])
    torch.testing.assert_close(row_normalised(P), (P + torch.eye(3)) / sums)


def test_a_row_without_edges_stays_0():
    found = rows_to_one(torch.tensor([[0.0, 0.2], [0.0, 0.0]]))
    assert found.tolist() == [[0, 1], [0, 0]]


def test_reweighting_by_hand():
    # edges of at least 0.4: 0→1, 1→0 and 1→2; label 2 keeps none
    found = reweighted(P, tau=0.4, p=0.2)
    torch.testing.assert_close(
        found, torch.tensor([[0.8, 0.2, 0.0], [0.1, 0.8, 0.1], [0.0, 0.0, 0.8]])
    )


def test_reweighting_equals_its_equations_in_loops(rng):
    some = torch.rand(6, 6, generator=rng)
    found = reweighted(some, tau=0.5, p=0.3)
    for i in range(6):
        edges = sum(float(some[i, j] >= 0.5) for j in range(6) if j != i)
        for j in range(6):
            shared = 0.3 * float(some[i, j] >= 0.5) / edges if edges else 0.0
            assert found[i, j].item() == pytest.approx(0.7 if i == j else shared)


def convolution(rng, relations: int = 2) -> LabelConvolution:
    graphs = torch.rand(relations, 5, 5, generator=rng, dtype=torch.float64)
    words = torch.randn(5, 4, generator=rng, dtype=torch.float64)
    return LabelConvolution(graphs, words, hidden=7, dims=3, slope=0.2).double()


@pytest.mark.parametrize("relations", [1, 2])
def test_convolution_equals_equation_2_in_loops(rng, relations):
    layer = convolution(rng, relations)
    hidden = [
        sum(
            g[i, j] * (w.weight @ layer.embeddings[j])
            for g, w in zip(layer.relations, layer.inner, strict=True)
            for j in range(5)
        )
        for i in range(5)
    ]
    hidden = [torch.where(h > 0, h, 0.2 * h) for h in hidden]
    found = layer()
    for i in range(5):
        expected = sum(
            g[i, j] * (w.weight @ hidden[j])
            for g, w in zip(layer.relations, layer.outer, strict=True)
            for j in range(5)
        )
        torch.testing.assert_close(found[i], expected)


def test_the_order_of_the_labels_does_not_matter(rng):
    layer = convolution(rng)
    before, order = layer(), torch.tensor([3, 0, 4, 1, 2])
    layer.relations = layer.relations[:, order][:, :, order]
    layer.embeddings = layer.embeddings[order]
    torch.testing.assert_close(layer(), before[order])


def test_gradients_reach_every_weight(rng):
    layer = convolution(rng)
    layer().square().sum().backward()
    assert all(p.grad.abs().sum() > 0 for p in layer.parameters())


def test_a_graph_of_other_labels_is_refused():
    arrays = {"adjacency": P, "exclusion": torch.zeros(3, 3), "embeddings": torch.ones(3, 2)}
    assert LabelGraph.of(arrays, 3).embeddings.shape == (3, 2)
    with pytest.raises(InputError, match=r"'adjacency' is of 3 labels, expected 4.*category_graph"):
        LabelGraph.of(arrays, 4)
    with pytest.raises(InputError, match=r"'embeddings' is of 4 labels, expected 3.* repro text"):
        LabelGraph.of(arrays | {"embeddings": torch.ones(4, 2)}, 3)
