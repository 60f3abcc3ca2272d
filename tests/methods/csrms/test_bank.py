"""Lists from the bank: what is encoded, what the terms compare, and how the bank keeps up."""

import pytest
import torch

from pipeline_lib.methods.csrms.batch import of_all_processes
from pipeline_lib.methods.csrms.losses import js_loss, negative_loss
from tests.methods.csrms.steps import ANCHORS, features, task
from tests.methods.toy import SMOOTHINGS, TRAIN

OTHERS = torch.tensor([i for i in range(TRAIN) if i not in ANCHORS])


def test_nothing_but_the_anchors_is_encoded():
    found = task(lists="bank")
    assert int(found.images_encoded) == 0  # the first bank is counted apart
    encoded: list[int] = []
    found.model.encoder.register_forward_hook(lambda _m, i, _o: encoded.append(len(i[0])))
    found(ANCHORS)
    assert encoded == [len(ANCHORS)]
    assert int(found.images_encoded) == len(ANCHORS)


def test_a_step_refreshes_its_own_rows_and_the_prototypes():
    found = task(lists="bank")
    stale = torch.randn(TRAIN, found.model.bank.shape[1])
    largest, every = found._relations.dominated_members(found.targets)
    found.model.bank.copy_(stale)
    found.model.cluster_prototypes.copy_(largest @ stale)
    found.model.class_prototypes.copy_(every @ stale)
    found(ANCHORS)
    bank = found.model.bank
    torch.testing.assert_close(bank[ANCHORS], features(found, ANCHORS).detach())
    assert torch.equal(bank[OTHERS], stale[OTHERS])
    torch.testing.assert_close(found.model.cluster_prototypes, largest @ bank)
    torch.testing.assert_close(found.model.class_prototypes, every @ bank)
    assert not bank.requires_grad


def test_only_the_first_epoch_encodes_the_whole_set():
    found = task(lists="bank")
    found.model.bank.zero_()
    found.begin_epoch(1)
    assert not found.model.bank.any()
    assert found.finish() == TRAIN
    torch.testing.assert_close(found.model.bank, features(found, torch.arange(TRAIN)))


def test_negatives_are_rows_of_the_bank():
    found = task(lists="bank")
    found.model.bank[OTHERS] = torch.randn(len(OTHERS), found.model.bank.shape[1])
    term = found(ANCHORS)["nega"]
    negatives = found.model.bank[found._relations.negatives[ANCHORS]]
    expected = negative_loss(
        features(found, ANCHORS), negatives, sign="corrected", measured=found._settings.distance
    )
    torch.testing.assert_close(term, expected)


@pytest.mark.parametrize("classify", ["symmetric", "paper"])
def test_positives_are_rows_of_the_bank(classify):
    found = task(lists="bank", classify=classify, alignment="none")
    found.model.bank[OTHERS] = torch.randn(len(OTHERS), found.model.bank.shape[1])
    terms = found(ANCHORS)
    head = found.model.of_positives or found.model
    positives = found.model.bank[found._relations.positives[ANCHORS]]
    logits = head.final(head.smooth(features(found, ANCHORS), positives))
    weights = found.schedule.weights(found._relations.difficulty[ANCHORS])
    losses = torch.nn.functional.cross_entropy(logits, found.targets[ANCHORS], reduction="none")
    name = {"symmetric": "positives", "paper": "final"}[classify]
    torch.testing.assert_close(terms[name], (losses * weights).mean())


def test_the_js_loss_reads_the_bank():
    found = task(lists="bank", smoothing=SMOOTHINGS["js_loss"])
    found.model.bank[OTHERS] = torch.randn(len(OTHERS), found.model.bank.shape[1])
    term = found(ANCHORS)["js"]
    positives = found.model.bank[found._relations.positives[ANCHORS]]
    own = found.model.plain(features(found, ANCHORS)).softmax(1)
    torch.testing.assert_close(term, js_loss(own, found.model.plain(positives).softmax(2)))


def test_a_process_alone_has_what_it_encoded():
    images, rows = of_all_processes(ANCHORS, torch.eye(4, requires_grad=True))
    assert torch.equal(images, ANCHORS)
    assert torch.equal(rows, torch.eye(4))
    assert not rows.requires_grad
