"""Fitting CSRMS: what comes out, what leaks, what learns."""

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from pipeline_lib.methods.csrms.fit import fit
from pipeline_lib.methods.csrms.model import CsrmsModel
from pipeline_lib.training.data import Data
from pipeline_lib.training.fitted import Fitted
from tests.methods.toy import (
    CLASSES,
    DIMS,
    SMOOTHINGS,
    TEST,
    TRAIN,
    csrms,
    data,
    encoder,
    knowledge,
    merged,
    run,
)


def fitted(
    *,
    seed: int = 0,
    multi: bool = False,
    some: Data | None = None,
    arrays: Mapping[str, Tensor] | None = None,
    **changes: Any,
) -> Fitted:
    settings = csrms(**merged({"recipe": {"epochs": 2}}, changes))
    return fit(
        some or data(multi=multi),
        arrays or knowledge(multi=multi),
        encoder(seed),
        settings,
        seed=seed,
        run=run(),
    )


@pytest.mark.parametrize("multi", [False, True])
def test_every_evaluation_split_is_scored(multi):
    some = data(multi=multi)
    test = some.evaluation["test"]
    found = fitted(multi=multi, some=replace(some, evaluation={"test": test, "val": test}))
    assert found.logits.keys() == found.features.keys() == {"test", "val"}
    assert found.logits["test"].shape == (TEST, CLASSES)
    assert found.features["test"].shape == (TEST, DIMS)
    assert torch.equal(found.logits["val"], found.logits["test"])
    assert torch.isfinite(found.logits["test"]).all()
    assert len(found.history) == 2
    assert found.state["bank"].shape == (TRAIN, DIMS)


def test_the_state_gives_the_scores_again():
    found = fitted()
    model = CsrmsModel(encoder(9), csrms(), classes=CLASSES, train_images=TRAIN, single_label=True)
    model.load_state_dict(found.state)
    (images,) = data().evaluation["test"].batches(TEST)
    with torch.no_grad():
        logits, features = model.classify(model.encoder(images))
    torch.testing.assert_close(logits, found.logits["test"])
    torch.testing.assert_close(features, found.features["test"])
    torch.testing.assert_close(model.final(features), logits)


def test_the_bank_for_scoring_is_that_of_the_trained_encoder():
    found = fitted()
    trained = encoder(9)
    prefix = "encoder."
    trained.load_state_dict(
        {n.removeprefix(prefix): v for n, v in found.state.items() if n.startswith(prefix)}
    )
    (images,) = data().train.batches(TRAIN)
    torch.testing.assert_close(found.state["bank"], trained(images).detach())


def test_with_one_refresh_only_the_bank_stays_that_of_the_start():
    found = fitted(refresh_epochs=0)
    (images,) = data().train.batches(TRAIN)
    torch.testing.assert_close(found.state["bank"], encoder()(images).detach())
    assert found.encoded == {"first bank": 0, "last refresh": 0}
    assert found.history[-1]["images_encoded"] < fitted().history[-1]["images_encoded"]


def test_the_loss_of_a_tiny_set_falls_and_its_images_are_recognised():
    some = data()
    small = Data(some.train, some.targets, {"train": some.train})
    found = fitted(some=small, recipe={"epochs": 60, "lr": 0.1, "batch_size": 12})
    first, last = found.history[0], found.history[-1]
    assert last["final"] < first["final"] / 5
    assert last["backbone"] < first["backbone"] / 5
    right = found.logits["train"].argmax(1) == some.targets.argmax(1)
    assert right.float().mean() > 0.9


def test_labels_decide_what_is_learned():
    some = data()
    other = replace(some, targets=some.targets.roll(1, 1))
    assert not torch.equal(fitted(some=some).logits["test"], fitted(some=other).logits["test"])


@pytest.mark.parametrize(
    ("changes", "leaks"),
    [
        ({}, []),
        ({"classify": "paper"}, ["classify: paper"]),
        ({"positives": {"head": "shared"}}, ["positives.head: shared"]),
        ({"positives": {"head": "shared"}, "weights": {"positives": 0.0}}, []),
        ({"classify": "paper", "smoothing": SMOOTHINGS["none"]}, []),
        ({"smoothing": SMOOTHINGS["js_loss"]}, []),
        ({"alignment": {"prototype": "label"}}, ["alignment.prototype: label"]),
        ({"alignment": "none"}, []),
        (
            {"classify": "paper", "alignment": {"prototype": "label"}},
            ["classify: paper", "alignment.prototype: label"],
        ),
        ({"sign": "paper", "supervise": "anchors", "neighbours": "self"}, []),
    ],
)
def test_settings_that_show_labels_to_the_classifier_are_named(changes, leaks):
    assert fitted(recipe={"epochs": 1}, **changes).leaks == leaks


def test_facts_are_where_the_curriculum_ended():
    found = fitted(recipe={"epochs": 4}, curriculum={"tolerance": 1e9})
    # the second epoch is the first that is close, the third lowers α_i, the fourth α_f
    assert found.facts == {"alpha_i": pytest.approx(0.8), "alpha_f": pytest.approx(0.8)}


def test_images_encoded_are_those_of_the_history():
    found = fitted(recipe={"epochs": 1}, smoothing=SMOOTHINGS["none"], weights={"nega": 0.0})
    # one refresh for the prototypes, and every image once as an anchor
    assert found.history[-1]["images_encoded"] == 2 * TRAIN
    assert found.encoded == {"first bank": 0, "last refresh": TRAIN}  # which scores are made with
    assert math.isfinite(found.history[-1]["loss"])


def test_with_lists_from_the_bank_training_encodes_each_image_once_an_epoch():
    found = fitted(lists="bank")
    assert [epoch["images_encoded"] for epoch in found.history] == [TRAIN, 2 * TRAIN]
    assert {"positives", "nega", "inter"} <= found.history[-1].keys()
    assert found.encoded == {"first bank": TRAIN, "last refresh": TRAIN}
    nothing = fitted(
        lists="bank", smoothing=SMOOTHINGS["none"], alignment="none", weights={"nega": 0.0}
    )
    assert nothing.encoded == {"first bank": 0, "last refresh": 0}
