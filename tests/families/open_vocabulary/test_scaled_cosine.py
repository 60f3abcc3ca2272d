"""Scores of labels by name."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.families.open_vocabulary.scaled_cosine import ScaledCosine


@pytest.fixture
def texts(rng) -> Tensor:
    return F.normalize(torch.randn(4, 6, generator=rng), dim=1)


def test_scores_are_cosines_on_the_scale(rng, texts):
    vectors = torch.randn(2, 4, 6, generator=rng)
    found = ScaledCosine(7.0)(vectors, texts)
    for b in range(2):
        for c in range(4):
            cosine = torch.cosine_similarity(vectors[b, c], texts[c], dim=0)
            torch.testing.assert_close(found[b, c], 7 * cosine)


def test_one_view_is_compared_with_every_label(rng, texts):
    view, layer = torch.randn(2, 1, 6, generator=rng), ScaledCosine(7.0)
    torch.testing.assert_close(layer(view, texts), layer(view.expand(-1, 4, -1), texts))


def test_the_length_of_vectors_does_not_matter_and_the_scale_is_learned(rng, texts):
    vectors, layer = torch.randn(2, 1, 6, generator=rng), ScaledCosine(7.0)
    torch.testing.assert_close(layer(vectors, texts), layer(3 * vectors, texts))
    scores = layer(vectors, texts)
    scores.sum().backward()
    torch.testing.assert_close(layer.log_scale.grad, scores.sum().detach())


def test_mixed_precision_does_not_round_scores(rng, texts):
    vectors, layer = torch.randn(2, 1, 6, generator=rng).bfloat16(), ScaledCosine(7.0)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = layer(vectors, texts)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, layer(vectors.float(), texts))
