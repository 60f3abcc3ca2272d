"""Patches by label, as many as it takes."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.families.open_vocabulary.patch_selection import choose, local_features, similarity
from tests.nn.memory import peak_bytes

BATCH, PATCHES, LABELS, DIMS = 2, 9, 5, 6
SETTINGS = {"alpha": 0.5, "most": 4, "temperature": 0.1}


@pytest.fixture
def patches(rng) -> Tensor:
    return torch.randn(BATCH, PATCHES, DIMS, generator=rng, dtype=torch.float64)


@pytest.fixture
def texts(rng) -> Tensor:
    return F.normalize(torch.randn(LABELS, DIMS, generator=rng, dtype=torch.float64), dim=1)


def algorithm_1(
    patches: Tensor, text: Tensor, *, alpha: float, most: int, temperature: float, pool: str
) -> tuple[Tensor, list[int]]:
    """Line by line, of one image and one category."""
    s = torch.stack([F.cosine_similarity(p, text, dim=0) for p in patches]) / temperature
    s = s.exp() / s.exp().sum()
    k = sorted(range(len(s)), key=lambda i: -float(s[i]))
    for i in range(1, len(k) + 1):
        if sum(float(s[j]) for j in k[:i]) >= alpha or i >= most:
            break
    focused = k[:i]
    if pool == "mean":
        return patches[focused].mean(0), focused
    share = s[focused] / s[focused].sum()
    return sum(a * patches[j] for a, j in zip(share, focused, strict=True)), focused


def test_worked_example():
    # scores 0.5, 0.3, 0.15, 0.05 of four patches, given in another order. With α = 0.7 the best
    # hold 0.5, then 0.8: two are enough
    scores = torch.tensor([0.15, 0.5, 0.05, 0.3]).log()[None, None]
    named = {"alpha": 0.7, "most": 4, "temperature": 1.0}
    assert choose(scores, **named).tolist() == [[[False, True, False, True]]]
    assert choose(scores, **named | {"alpha": 0.81}).sum() == 3
    assert choose(scores, **named | {"most": 1}).tolist() == [[[False, True, False, False]]]


@pytest.mark.parametrize("pool", ["mean", "score_weighted"])
@pytest.mark.parametrize("alpha", [0.01, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("most", [1, 4, 20])
@pytest.mark.parametrize("temperature", [0.05, 1.0])
def test_it_is_algorithm_1(patches, texts, pool, alpha, most, temperature):
    named = {"alpha": alpha, "most": most, "temperature": temperature}
    chosen = choose(similarity(patches, texts), **named)
    found = local_features(patches, texts, **named, pool=pool)
    for b in range(BATCH):
        for c in range(LABELS):
            local, focused = algorithm_1(patches[b], texts[c], **named, pool=pool)
            assert chosen[b, c].nonzero().flatten().tolist() == sorted(focused)
            torch.testing.assert_close(found[b, c], local)


@pytest.mark.parametrize("pool", ["mean", "score_weighted"])
def test_gradients_are_those_of_finite_differences(patches, texts, pool):
    torch.autograd.gradcheck(
        lambda p, t: local_features(p, t, **SETTINGS, pool=pool),
        (patches.requires_grad_(), texts.requires_grad_(pool != "mean")),
    )


@pytest.mark.parametrize("pool", ["mean", "score_weighted"])
@pytest.mark.parametrize("chunk", [1, 2, 7])
def test_chunks_change_nothing(patches, texts, pool, chunk):
    patches.requires_grad_()
    whole = local_features(patches, texts, **SETTINGS, pool=pool)
    parts = local_features(patches, texts, **SETTINGS, pool=pool, chunk=chunk)
    torch.testing.assert_close(parts, whole)
    expected, found = (torch.autograd.grad(x.square().sum(), patches)[0] for x in (whole, parts))
    torch.testing.assert_close(found, expected)


def test_the_order_of_patches_and_of_labels_does_not_matter(patches, texts, rng):
    found = local_features(patches, texts, **SETTINGS, pool="mean")
    order = torch.randperm(PATCHES, generator=rng)
    torch.testing.assert_close(
        local_features(patches[:, order], texts, **SETTINGS, pool="mean"), found
    )
    order = torch.randperm(LABELS, generator=rng)
    torch.testing.assert_close(
        local_features(patches, texts[order], **SETTINGS, pool="mean"), found[:, order]
    )


def test_of_equal_patches_the_first_are_taken():
    chosen = choose(torch.zeros(1, 1, 6), alpha=0.5, most=6, temperature=1.0)
    assert chosen[0, 0].tolist() == [True, True, True, False, False, False]


def test_how_sharp_the_scores_are_decides_how_many_patches_it_takes(patches, texts):
    counts = [
        choose(similarity(patches, texts), alpha=0.5, most=9, temperature=t).sum(2).double().mean()
        for t in (0.01, 0.1, 1.0)
    ]
    assert counts[0] < counts[1] < counts[2]


def test_lower_precision_is_ranked_in_single_precision(patches, texts):
    half = patches.bfloat16()
    assert similarity(half, texts.float()).dtype == torch.float32
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = local_features(half, texts.float(), **SETTINGS, pool="mean")
    expected = local_features(half.float(), texts.float(), **SETTINGS, pool="mean")
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.float(), expected, rtol=0.02, atol=0.02)


def test_ranking_the_patches_of_many_labels_takes_memory_for_a_chunk_of_them():
    patches, texts = torch.randn(4, 64, 8), F.normalize(torch.randn(2000, 8), dim=1)

    def select(chunk: int) -> int:
        return peak_bytes(
            lambda: local_features(patches, texts, **SETTINGS, pool="mean", chunk=chunk)
        )

    result = 4 * 4 * 2000 * 8
    assert select(2000) > 40 * result
    assert select(50) < 5 * result
