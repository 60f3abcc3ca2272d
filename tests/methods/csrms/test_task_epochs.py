"""What a step encodes, and what happens between epochs."""

import pytest
import torch

from tests.methods.csrms.steps import ANCHORS, features, task
from tests.methods.toy import SMOOTHINGS, TRAIN


@pytest.mark.parametrize(
    ("changes", "lists"),
    [
        ({}, ("positives", "negatives")),
        ({"weights": {"nega": 0.0}}, ("positives",)),
        ({"weights": {"positives": 0.0}}, ("negatives",)),
        ({"weights": {"positives": 0.0}, "classify": "paper"}, ("positives", "negatives")),
        ({"smoothing": SMOOTHINGS["none"]}, ("negatives",)),
        ({"smoothing": SMOOTHINGS["none"], "classify": "paper"}, ("negatives",)),
        ({"smoothing": SMOOTHINGS["js_loss"]}, ("positives", "negatives")),
        ({"smoothing": SMOOTHINGS["none"], "weights": {"nega": 0.0}}, ()),
    ],
)
def test_each_image_that_a_term_needs_is_encoded_once(changes, lists):
    found = task(**changes)
    before = int(found.images_encoded)
    encoded: list[int] = []
    found.model.encoder.register_forward_hook(lambda _m, i, _o: encoded.append(len(i[0])))
    found(ANCHORS)
    needed = set(ANCHORS.tolist())
    for name in lists:
        needed |= set(getattr(found._relations, name)[ANCHORS].flatten().tolist())
    assert encoded == [len(needed)]
    assert int(found.images_encoded) - before == len(needed)


@pytest.mark.parametrize(
    ("every", "refreshed"), [(0, [0]), (1, [0, 1, 2, 3, 4]), (2, [0, 2, 4]), (3, [0, 3])]
)
def test_the_bank_is_refreshed_on_time(every, refreshed):
    found = task(refresh_epochs=every)
    found.images_encoded.zero_()
    counts = []
    for epoch in range(5):
        found.begin_epoch(epoch)
        counts.append(int(found.images_encoded))
    expected = [TRAIN * sum(r <= epoch for r in refreshed) for epoch in range(5)]
    assert counts == expected
    assert found.finish() == (TRAIN if every else 0)
    assert int(found.images_encoded) == counts[-1]  # which is counted apart from training


def test_a_refresh_encodes_the_training_set_into_bank_and_prototypes():
    found = task()
    bank = features(found, torch.arange(TRAIN))
    torch.testing.assert_close(found.model.bank, bank)
    largest, every = found._relations.dominated_members(found.targets)
    torch.testing.assert_close(found.model.cluster_prototypes, largest @ bank)
    torch.testing.assert_close(found.model.class_prototypes, every @ bank)
    assert not found.model.bank.requires_grad


def test_a_bank_that_nothing_reads_is_not_encoded():
    found = task(smoothing=SMOOTHINGS["none"], alignment="none")
    assert int(found.images_encoded) == 0
    assert found.model.bank.abs().sum() == 0


def test_the_curriculum_moves_on_with_the_losses_of_epochs():
    found = task(curriculum={"tolerance": 0.5})
    for epoch, loss in enumerate((2.0, 1.9, 1.8)):
        found.end_epoch(epoch, loss)
    assert float(found.schedule.alpha_i) == pytest.approx(0.8)
    assert float(found.schedule.alpha_f) == pytest.approx(0.9)


def test_augmentation_depends_on_the_epoch_alone():
    def losses(epoch: int) -> list[float]:
        found = task(recipe={"augment": "crop_flip"})
        found.begin_epoch(epoch)
        return [found(ANCHORS)["loss"].item() for _ in range(2)]

    assert losses(1) == losses(1)
    assert losses(1) != losses(2)
    assert losses(1)[0] != losses(1)[1]


@pytest.mark.parametrize("kind", ["gcn", "gnn", "tail_gnn", "js_loss", "none"])
def test_gradients_reach_the_encoder_and_both_classifiers(kind):
    found = task(smoothing=SMOOTHINGS[kind])
    found(ANCHORS)["loss"].backward()
    for name, parameter in found.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_everything_that_later_epochs_need_is_in_the_state():
    found = task()
    found.end_epoch(0, 1.0)
    other = task(refresh_epochs=0)
    other.model.bank.zero_()
    other.load_state_dict(found.state_dict())
    assert torch.equal(other.model.bank, found.model.bank)
    assert float(other.schedule.last) == 1.0
    assert "targets" not in found.state_dict()  # data, not state
