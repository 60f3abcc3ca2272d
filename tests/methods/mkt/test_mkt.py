"""MKT's first stage."""

from dataclasses import replace

import pytest
import torch

from pipeline_lib.methods.mkt.fit import fit
from pipeline_lib.methods.mkt.head import MktHead
from pipeline_lib.nn.towers import Seen
from tests.methods.toy import run
from tests.methods.toy_open import (
    assert_unseen_labels_train_nothing,
    labels_of,
    mkt,
    permuted,
    seen_of,
)
from tests.methods.toy_towers import LABELS, PATCHES, UNSEEN, data, knowledge, towers


def head_of(top_k: int = 4, normalise: str = "none") -> MktHead:
    return MktHead(10.0, mkt(top_k=top_k, scores={"normalise": normalise})).double()


def fitted(some=None, known=None, **changes):
    arrays = knowledge(towers()) if known is None else known
    return fit(some or data(), arrays, towers(), mkt(**changes), seed=0, run=run())


@pytest.mark.parametrize("top_k", [1, 4, PATCHES, 99])
def test_unnormalised_scores_are_mean_cosines_of_the_image_and_of_its_best_patches(rng, top_k):
    seen, labels = seen_of(rng), labels_of(rng)
    found = head_of(top_k)(seen, labels).detach()
    for b in range(3):
        for c in range(LABELS):
            cosines = [
                float(torch.cosine_similarity(v, labels.texts[c], dim=0))
                for v in (seen.pooled[b], *seen.patches[b])
            ]
            best = sorted(cosines[1:], reverse=True)[:top_k]
            expected = 10 * (cosines[0] + sum(best) / len(best)) / 2
            assert found[b, c].item() == pytest.approx(expected)


@pytest.mark.parametrize("top_k", [1, 4, 99])
def test_scores_are_those_of_the_authors_code(rng, top_k):
    """Inner products, unit length over the labels of either stream, the mean of both."""
    seen, labels = seen_of(rng), labels_of(rng)
    whole = seen.pooled @ labels.texts.T
    patches = (seen.patches @ labels.texts.T).topk(min(top_k, PATCHES), dim=1).values.mean(1)
    unit = [s / s.norm(dim=-1, keepdim=True) for s in (whole, patches)]
    head = head_of(top_k, "call")
    assert list(head.parameters()) == []
    torch.testing.assert_close(head(seen, labels), sum(unit) / 2)


def test_neither_the_order_of_labels_nor_of_patches_matters(rng):
    seen, labels, head = seen_of(rng), labels_of(rng), head_of()
    order = torch.randperm(LABELS, generator=rng)
    places = torch.randperm(PATCHES, generator=rng)
    mixed = Seen(seen.pooled, seen.patches[:, places])
    torch.testing.assert_close(head(mixed, permuted(labels, order)), head(seen, labels)[:, order])


def test_gradients_reach_the_scale_the_whole_and_the_best_patches_alone(rng):
    seen, labels, head = seen_of(rng), labels_of(rng, [3]), head_of()
    for part in (seen.pooled, seen.patches):
        part.requires_grad_()
    head(seen, labels).square().sum().backward()
    assert head.cosine.log_scale.grad != 0
    assert seen.pooled.grad.abs().sum() > 0
    reached = seen.patches.grad.abs().sum(2) > 0
    assert torch.equal(reached, head.explain(seen, labels)["chosen"][:, 0])
    assert (reached.sum(1) == 4).all()


def test_it_learns_a_tiny_set():
    some = data(6)
    tiny = replace(some, evaluation={"test": some.train})
    found = fitted(tiny, recipe={"epochs": 60}, distillation=0.0, student={"trained_blocks": 3})
    seen = [label for label in range(LABELS) if label not in UNSEEN]
    scores, truth = found.logits["test"][:, seen], some.targets[:, seen].bool()
    assert all(s[t].min() > s[~t].max() for s, t in zip(scores, truth, strict=True))


def test_unseen_labels_train_nothing():
    assert_unseen_labels_train_nothing(lambda known: fitted(known=known))


def test_figures_show_the_patches_that_a_score_is_made_of():
    extras = fitted(top_k=3).extras
    assert extras["chosen"].shape == extras["similarity"].shape
    assert (extras["chosen"].sum(2) == 3).all()
