"""Projections of two frozen towers."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.linear_model import Ridge

from pipeline_lib.steps.vlp.projections import (
    Anchors,
    Captioned,
    LitTask,
    Projections,
    as_wide,
    at_random,
    ridge,
    without,
)
from pipeline_lib.steps.vlp.recall import ranks, recalls
from pipeline_lib.training.loop import Run, train
from tests.training.toy import recipe


def silent(items, *, label, total):
    yield from items


RUN = Run(device="cpu", track=silent, label="lit")


@pytest.fixture
def pairs(rng):
    """Twelve images of two to four captions; each caption lies near its image's own vector."""
    counts = torch.tensor([2, 3, 4] * 4)
    features, turned = torch.randn(12, 6, generator=rng), torch.randn(6, 5, generator=rng)
    captions = (features @ turned).repeat_interleave(counts, 0)
    noise = 0.1 * torch.randn(captions.shape, generator=rng)
    return Captioned(features, F.normalize(captions + noise, dim=1), counts)


def start(seed=0):
    return Projections(at_random(5, 6, seed), torch.eye(5), 10.0)


def task(pairs, val=None, anchors=None, *, weight=1.0, epochs=6):
    return LitTask(start(), pairs, val, anchors, weight=weight, epochs=epochs, seed=0)


def test_the_ridge_is_scikit_learns(rng):
    rows, names = torch.randn(9, 6, generator=rng), torch.randn(9, 4, generator=rng)
    expected = Ridge(alpha=3.0).fit(rows.double().numpy(), names.double().numpy())
    found = ridge(rows, names, penalty=3.0)
    np.testing.assert_allclose(found.numpy(), expected.coef_, rtol=1e-4, atol=1e-6)


def test_without_a_penalty_as_many_rows_as_features_are_met(rng):
    rows, names = torch.randn(7, 6, generator=rng), torch.randn(7, 4, generator=rng)
    centred = names - names.mean(0)
    found = (rows - rows.mean(0)) @ ridge(rows, names, penalty=1e-9).T
    np.testing.assert_allclose(found.numpy(), centred.numpy(), atol=1e-4)


def test_a_direction_is_taken_away_and_the_rest_stays():
    away = without(torch.tensor([3.0, 4.0, 0.0]))
    assert torch.allclose(away @ torch.tensor([3.0, 4.0, 0.0]), torch.zeros(3), atol=1e-6)
    other = torch.tensor([-4.0, 3.0, 2.0])
    assert torch.allclose(away @ other, other, atol=1e-6)


def test_ranks_by_hand():
    images = torch.eye(3)
    texts = torch.tensor([[0.9, 0.5, 0.1], [0.9, 0.5, 0.1], [0.2, 0.2, 0.2]])
    # of its own image: first; third; and of equal scores the last
    assert ranks(images, texts, torch.tensor([0, 2, 1])).tolist() == [0, 2, 2]


def test_recall_equals_loops(rng):
    images, texts = torch.randn(15, 4, generator=rng), torch.randn(40, 4, generator=rng)
    owners = torch.cat([torch.arange(15), torch.randint(15, (25,), generator=rng)])
    found = recalls(images, texts, owners)
    for image in range(15):
        hits = []
        for text in np.flatnonzero(owners == image):
            scores = [float(texts[text] @ one) for one in images]
            hits.append(sum(score > scores[image] for score in scores))
        for column, most in enumerate((1, 5, 10)):
            expected = np.mean([hit < most for hit in hits])
            assert float(found[image, column]) == pytest.approx(expected)


def test_each_image_meets_a_caption_of_its_own(pairs):
    one = task(pairs)
    seen = []
    one._loss = lambda features, texts: seen.append((features, texts)) or features.sum()
    owner = {tuple(c.tolist()): int(o) for c, o in zip(pairs.captions, pairs.owners, strict=True)}
    for epoch in range(30):
        one.begin_epoch(epoch)
        one(torch.tensor([4, 0, 11]))
    drawn = [[owner[tuple(text.tolist())] for text in texts] for _, texts in seen]
    assert all(found == [4, 0, 11] for found in drawn)
    assert {tuple(texts[0].tolist()) for _, texts in seen} == {
        tuple(c.tolist()) for c in pairs.captions[pairs.owners == 4]
    }


def test_names_are_further_pairs_with_their_weight(pairs, rng):
    rows, names = torch.randn(4, 6, generator=rng), torch.randn(4, 5, generator=rng)
    one = task(pairs, anchors=Anchors(rows, names), weight=0.5)
    terms = one(torch.arange(12))
    scores = 10.0 * one.now.images(rows) @ one.now.texts(names).T
    own = torch.arange(4)
    expected = (F.cross_entropy(scores, own) + F.cross_entropy(scores.T, own)) / 2
    assert terms["anchors"].item() == pytest.approx(expected.item(), rel=1e-5)
    total = terms["captions"] + 0.5 * terms["anchors"]
    assert terms["loss"].item() == pytest.approx(total.item())


def test_the_epoch_that_finds_most_is_kept(pairs):
    one = task(pairs, pairs)
    settings = recipe(optimizer="adamw", lr=0.05, batch_size=6, epochs=6, schedule="step")
    train(one, 12, settings, seed=0, run=RUN)
    means = one.recalls.mean(1)
    assert int(one.best) == int(means.argmax())
    assert one.recall(one.kept).mean().item() == pytest.approx(means.max().item())
    assert means.max() > task(pairs, pairs).recall(start()).mean()


def test_without_val_the_last_epoch_is_kept(pairs):
    one = task(pairs)
    settings = recipe(optimizer="adamw", lr=0.05, batch_size=6, epochs=3, schedule="step")
    train(one, 12, settings, seed=0, run=RUN)
    assert int(one.best) == 2
    assert torch.equal(one.kept.image, one.now.image)


def test_a_random_start_depends_on_the_seed_alone():
    assert torch.equal(at_random(5, 6, 1), at_random(5, 6, 1))
    assert not torch.equal(at_random(5, 6, 1), at_random(5, 6, 2))
    assert at_random(50, 64, 0).abs().max() <= 1 / 8


def test_a_start_is_as_wide_as_a_random_one_and_no_cosine_sees_it(pairs, rng):
    image = 0.01 * torch.randn(300, 400, generator=rng)
    wide, random = as_wide(image), at_random(300, 400, 0)
    torch.testing.assert_close(wide.std(), random.std(), rtol=0.01, atol=0.0)
    features = torch.randn(5, 400, generator=rng)
    before, after = (
        Projections(one, torch.eye(300), 1.0).images(features) for one in (image, wide)
    )
    torch.testing.assert_close(before, after)
