"""Heads that name regions of pixels, for all images and without those of a fold."""

import numpy as np
import pytest
import torch

from pipeline_lib.artifacts.regions import TAG_HEAD
from pipeline_lib.progress import silent
from pipeline_lib.settings.recipe import AdamW, Recipe
from pipeline_lib.steps.regions.naming import Lessons, Namer, about_head, fit_namer
from tests.steps.planted import csnet

IMAGES, REGIONS, DIMS, TAGS = 30, 3, 6, 4
RECIPE = Recipe(epochs=3, batch_size=8, optimizer=AdamW(lr=0.05))
FOLD = np.arange(IMAGES) % 2


@pytest.fixture
def lessons():
    rng = torch.Generator().manual_seed(0)
    x = torch.randn(IMAGES, REGIONS, DIMS, generator=rng).half()
    return Lessons(x, torch.rand(IMAGES, TAGS, generator=rng) < 0.4, FOLD)


def fitted(lessons, folds):
    return fit_namer(lessons, csnet(folds=folds), RECIPE, seed=0, device="cpu", track=silent)


def test_a_training_image_is_named_by_a_head_that_never_saw_it(lessons):
    namer = fitted(lessons, 2)
    named, plain = namer(lessons.descriptors, FOLD), namer(lessons.descriptors)
    for number in (0, 1):
        own, rest = lessons.descriptors[number == FOLD], number != FOLD
        others = Lessons(lessons.descriptors[rest], lessons.tags[rest], FOLD[rest])
        assert torch.equal(named[number == FOLD], fitted(others, 0)(own))
        assert not torch.equal(named[number == FOLD], plain[number == FOLD])
    none = np.full(IMAGES, -1)
    assert torch.equal(namer(lessons.descriptors, none), plain)
    assert torch.equal(fitted(lessons, 0)(lessons.descriptors), plain)


def test_names_do_not_depend_on_how_many_are_named(lessons):
    namer, many = fitted(lessons, 0), lessons.descriptors.repeat(5, 1, 1)
    assert torch.equal(namer(many)[:IMAGES], namer(lessons.descriptors))
    assert torch.equal(namer(many[7:8]), namer(many)[7:8])


def test_the_file_keeps_all_heads_and_new_images_are_read_by_that_of_all(lessons, tmp_path):
    namer = fitted(lessons, 2)
    namer.write(tmp_path / "head", **about_head(16, 8, RECIPE))
    arrays, about = TAG_HEAD.read(tmp_path / "head")
    assert (about["image_size"], about["recipe"]["epochs"]) == (16, 3)
    assert {f"folds/{k}/tags.weight" for k in (0, 1)} < arrays.keys()
    again = Namer.read(arrays, "cpu")
    assert torch.equal(again(lessons.descriptors), namer(lessons.descriptors))
