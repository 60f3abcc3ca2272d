"""Low-rank bilinear attention of SSGRL."""

import pytest
import torch

from pipeline_lib.methods.ssgrl.bilinear_attention import LowRankBilinearAttention


def layer_of(chunk: int) -> LowRankBilinearAttention:
    torch.manual_seed(0)
    return LowRankBilinearAttention(4, 3, 6, chunk=chunk).double()


@pytest.fixture
def maps(rng) -> torch.Tensor:
    return torch.randn(2, 4, 3, 2, generator=rng, dtype=torch.float64)


@pytest.fixture
def words(rng) -> torch.Tensor:
    return torch.randn(5, 3, generator=rng, dtype=torch.float64)


def test_attention_equals_equations_2_to_4_in_loops(maps, words):
    layer = layer_of(2)
    U, V, w = layer.visual.weight, layer.semantic.weight, layer.attend.weight[0]
    found = layer(maps, words)
    for b in range(2):
        for c in range(5):
            scores = torch.stack(
                [
                    w @ torch.tanh((U @ maps[b, :, h, x]) * (V @ words[c]))
                    for h in range(3)
                    for x in range(2)
                ]
            )
            torch.testing.assert_close(found[b, c].flatten(), scores.exp() / scores.exp().sum())


@pytest.mark.parametrize("chunk", [1, 2, 5, 9])
def test_chunks_change_neither_values_nor_gradients(maps, words, chunk):
    whole, parts = layer_of(5), layer_of(chunk)
    for layer in (whole, parts):
        weights = torch.arange(60.0, dtype=torch.float64).view(2, 5, 3, 2)
        (layer(maps, words) * weights).sum().backward()
    torch.testing.assert_close(parts(maps, words), whole(maps, words))
    for one, two in zip(parts.parameters(), whole.parameters(), strict=True):
        assert one.grad.abs().sum() > 0
        torch.testing.assert_close(one.grad, two.grad)


def test_every_label_looks_with_a_total_weight_of_1(maps, words):
    torch.testing.assert_close(
        layer_of(2)(maps, words).sum((2, 3)), torch.ones(2, 5, dtype=torch.float64)
    )


def test_a_permutation_of_labels_permutes_the_maps(maps, words):
    order = torch.tensor([4, 2, 0, 1, 3])
    layer = layer_of(2)
    torch.testing.assert_close(layer(maps, words[order]), layer(maps, words)[:, order])
