"""The sum of ConSE's and CLIP's scores."""

import pytest
import torch

from pipeline_lib.methods.clip.fit import fit as fit_clip
from pipeline_lib.methods.clip.settings import Settings as Clip
from pipeline_lib.methods.conse.fit import fit as fit_conse
from pipeline_lib.methods.conse.settings import Settings as Conse
from pipeline_lib.methods.conse_clip.fit import fit
from pipeline_lib.methods.conse_clip.settings import Settings
from pipeline_lib.training.data import Data
from tests.methods.toy import run
from tests.methods.toy_open import assert_unseen_labels_train_nothing
from tests.methods.toy_towers import data, knowledge, towers


def fitted(learn, settings, some, arrays=None):
    model = towers()
    return learn(some, arrays or knowledge(model), model, settings, seed=0, run=run())


def test_each_score_is_standardised_by_the_training_images_and_both_are_added():
    plain = data(20)
    both = Data(
        plain.train, plain.targets, {"test": plain.evaluation["test"], "train": plain.train}
    )
    expected = torch.zeros(20, plain.classes)
    for learn, settings in ((fit_clip, Clip()), (fit_conse, Conse())):
        scores = fitted(learn, settings, both).logits
        mean, deviation = scores["train"].mean(0), scores["train"].std(0)
        expected += (scores["test"] - mean) / deviation
    found = fitted(fit, Settings(), both).logits["test"]
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3)


def test_a_picture_is_scored_alone_as_among_others():
    some = data(12)
    found = fitted(fit, Settings(), some).logits["test"]
    one = type(some.evaluation["test"])(list(some.evaluation["test"].rows)[3:4], some.train.fetch)
    alone = fitted(fit, Settings(), Data(some.train, some.targets, {"test": one})).logits["test"]
    torch.testing.assert_close(alone[0], found[3], rtol=1e-4, atol=1e-4)


def test_labels_and_names_of_training_decide_nothing():
    some = data(12)
    other = Data(some.train, 1 - some.targets, some.evaluation)
    one, two = (fitted(fit, Settings(), images) for images in (some, other))
    assert torch.equal(one.logits["test"], two.logits["test"])
    assert one.history[0]["loss"] != two.history[0]["loss"]
    assert one.history[0]["images_encoded"] == 12
    assert_unseen_labels_train_nothing(lambda arrays: fitted(fit, Settings(), some, arrays))


@pytest.mark.parametrize("weighting", ["probability", "root"])
def test_the_weighting_of_conse_reaches_the_sum(weighting):
    one = fitted(fit, Settings(weighting=weighting), data())
    two = fitted(fit, Settings(weighting=weighting, classes=2), data())
    assert not torch.allclose(one.logits["test"], two.logits["test"])
