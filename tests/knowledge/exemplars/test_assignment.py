import itertools

import numpy as np
import pytest
import torch

from pipeline_lib.knowledge.exemplars.assignment import ASSIGNMENTS, hungarian, ordered


def beliefs(rng, images=6, steps=4, tags=5):
    return torch.randn(images, steps, tags, generator=rng).log_softmax(2)


def carried(rng, images=6, tags=5, share=0.4):
    return (torch.rand(images, tags, generator=rng) < share).float()


def test_hungarian_by_hand():
    # step 0 is surer of tag 1 than step 1 is, but step 1 would pay more for tag 2
    scores = torch.tensor([[[0.1, 0.5, 0.4], [0.3, 0.6, 0.1]]]).log()
    assert hungarian(scores, torch.tensor([[0, 1, 1]])).tolist() == [[2, 1]]
    assert hungarian(scores, torch.tensor([[0, 1, 0]])).tolist() == [[-1, 1]]


def test_hungarian_is_the_best_of_all_assignments(rng):
    scores, tags = beliefs(rng, images=20), carried(rng, images=20)
    found = hungarian(scores, tags)
    for image in range(20):
        own = tags[image].nonzero().ravel().tolist()
        count = min(len(own), 4)
        best = max(
            sum(float(scores[image, s, t]) for s, t in zip(steps, some, strict=True))
            for some in itertools.combinations(own, count)
            for steps in itertools.permutations(range(4), count)
        )
        chosen = [(s, t) for s, t in enumerate(found[image].tolist()) if t >= 0]
        assert len({t for _, t in chosen}) == len(chosen) == count
        assert {t for _, t in chosen} <= set(own)
        assert sum(float(scores[image, s, t]) for s, t in chosen) == pytest.approx(best, abs=1e-5)


def test_ordered_gives_the_jth_tag_to_step_j():
    tags = torch.tensor([[0, 1, 0, 1, 1], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]])
    scores = torch.zeros(3, 4, 5)
    assert ordered(scores, tags).tolist() == [[1, 3, 4, -1], [-1] * 4, [0, 1, 2, 3]]


@pytest.mark.parametrize("kind", ASSIGNMENTS)
def test_images_do_not_influence_each_other(rng, kind):
    scores, tags = beliefs(rng), carried(rng)
    turned = torch.randperm(6, generator=rng)
    found = ASSIGNMENTS[kind](scores, tags)
    assert torch.equal(ASSIGNMENTS[kind](scores[turned], tags[turned]), found[turned])
    alone = [ASSIGNMENTS[kind](scores[i : i + 1], tags[i : i + 1]) for i in range(6)]
    assert torch.equal(torch.cat(alone), found)


def test_hungarian_follows_the_steps_wherever_they_are(rng):
    scores, tags = beliefs(rng), carried(rng)
    turned = torch.randperm(4, generator=rng)
    assert torch.equal(hungarian(scores[:, turned], tags), hungarian(scores, tags)[:, turned])


@pytest.mark.parametrize("kind", ASSIGNMENTS)
def test_indices_come_as_integers_and_inputs_stay(rng, kind):
    scores, tags = beliefs(rng), carried(rng)
    before = scores.clone(), tags.clone()
    found = ASSIGNMENTS[kind](scores, tags)
    assert (found.dtype, found.shape) == (torch.int64, (6, 4))
    assert torch.equal(scores, before[0])
    assert torch.equal(tags, before[1])
    assert torch.equal(ASSIGNMENTS[kind](scores, tags.bool()), found)


@pytest.mark.parametrize("kind", ASSIGNMENTS)
@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
def test_beliefs_that_are_not_finite_still_give_an_assignment(kind, value):
    scores = torch.full((1, 2, 3), value)
    found = ASSIGNMENTS[kind](scores, torch.tensor([[1, 0, 1]]))
    assert sorted(found.ravel().tolist()) == [0, 2]


def test_half_precision_is_taken(rng):
    scores, tags = beliefs(rng), carried(rng)
    found = hungarian(scores.bfloat16(), tags)
    np.testing.assert_array_equal((found >= 0).sum(1), tags.sum(1).clamp(max=4))
