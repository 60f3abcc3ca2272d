"""CLIP, fine-tuned."""

from dataclasses import replace

import torch

from pipeline_lib.methods.clip_ft.fit import fit
from tests.methods.toy import run
from tests.methods.toy_open import assert_unseen_labels_train_nothing, clip_ft
from tests.methods.toy_towers import LABELS, UNSEEN, data, knowledge, towers


def fitted(some=None, known=None, seed: int = 0, **changes):
    arrays = knowledge(towers()) if known is None else known
    return fit(some or data(), arrays, towers(), clip_ft(**changes), seed=seed, run=run())


def test_it_learns_a_tiny_set():
    some = data(6)
    tiny = replace(some, evaluation={"test": some.train})
    found = fitted(tiny, recipe={"epochs": 60}, student={"trained_blocks": 3})
    seen = [label for label in range(LABELS) if label not in UNSEEN]
    scores, truth = found.logits["test"][:, seen], some.targets[:, seen].bool()
    assert all(s[t].min() > s[~t].max() for s, t in zip(scores, truth, strict=True))


def test_of_the_tower_only_the_last_blocks_and_of_the_head_the_scale_are_trained():
    found = fitted(student={"trained_blocks": 1})
    before = dict(towers().visual.named_parameters())
    kept = {name.removeprefix("student.visual."): value for name, value in found.state.items()}
    assert kept.pop("head.cosine.log_scale").shape == ()
    assert kept
    assert all(not torch.equal(value, before[name]) for name, value in kept.items())
    blocks = towers().visual.blocks()
    assert set(kept) == set(blocks[-1])


def test_unseen_labels_train_nothing():
    assert_unseen_labels_train_nothing(lambda known: fitted(known=known))


def test_scores_know_no_patch():
    assert set(fitted().extras) == {"images", "labels", "similarity"}
