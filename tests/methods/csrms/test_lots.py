"""Images by lot, of a class and of others, and the placebos that they are."""

import pytest
import torch

from pipeline_lib.methods.csrms.knowledge import Relations
from pipeline_lib.methods.csrms.lots import Members, negatives, positives
from tests.methods.csrms.steps import ANCHORS, features, task
from tests.methods.toy import CURRICULA, TRAIN, csrms, knowledge, targets


@pytest.fixture
def draws() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_members_of_each_class_are_drawn_alike(draws):
    hot = torch.eye(3)[[0, 1, 1, 1, 2, 1]]
    found = Members(hot).drawn(torch.tensor([[1] * 4000]), draws)
    values, counts = found.unique(return_counts=True)
    assert values.tolist() == [1, 2, 3, 5]
    assert (counts.double() / 1000 - 1).abs().max() < 0.1


@pytest.mark.parametrize("multi", [False, True])
def test_positives_share_a_class_and_are_other_images(draws, multi):
    hot = targets(multi=multi)
    found = positives(hot, 50, draws)
    assert found.shape == (TRAIN, 50)
    assert ((hot[found] * hot[:, None]).sum(2) > 0).all()
    assert (found != torch.arange(TRAIN)[:, None]).all()
    assert all(len(row.unique()) > 5 for row in found)


@pytest.mark.parametrize("multi", [False, True])
def test_negatives_share_no_class(draws, multi):
    hot = targets(multi=multi)
    found = negatives(hot, 50, draws)
    assert ((hot[found] * hot[:, None]).sum(2) == 0).all()
    assert all(len(row.unique()) > 5 for row in found)


def test_the_only_image_of_a_class_is_its_own_positive(draws):
    assert positives(torch.eye(2)[[0, 1, 1]], 2, draws).tolist()[0] == [0, 0]


def test_lists_are_replaced_where_a_placebo_says_so():
    plain = Relations.of(knowledge())
    settings = csrms(
        positives={"placebo": "lot"}, negatives={"placebo": "lot"}, curriculum={"placebo": "lot"}
    )
    found = plain.by_lot(settings, targets(), seed=3)
    again = plain.by_lot(settings, targets(), seed=3)
    for name in ("positives", "negatives", "difficulty"):
        ours, theirs = getattr(found, name), getattr(plain, name)
        assert ours.shape == theirs.shape
        assert not torch.equal(ours, theirs)
        assert torch.equal(ours, getattr(again, name))
    assert torch.equal(found.difficulty.sort().values, plain.difficulty.sort().values)
    assert torch.equal(found.cluster, plain.cluster)
    for untouched in ({}, {"curriculum": CURRICULA["linear"]}):
        same = plain.by_lot(csrms(**untouched), targets(), seed=3)
        assert torch.equal(same.positives, plain.positives)
        assert torch.equal(same.difficulty, plain.difficulty)


def test_neighbours_by_lot_are_other_rows_of_the_bank_wherever_an_image_stands():
    usual, found = task(), task(smoothing={"placebo": "lot"})
    some = features(found, ANCHORS).detach()
    nearest, drawn = usual.model.retrieve(some), found.model.retrieve(some)
    bank = found.model.bank
    assert torch.equal(usual.model.bank, bank)
    assert not (nearest == drawn).all(2).any()
    assert (drawn[:, :, None] == bank).all(3).any(2).all()
    assert torch.equal(found.model.retrieve(some[2:]), drawn[2:])


def test_mean_prototypes_tell_no_class():
    found = task(alignment={"placebo": "mean"})
    smoothed = torch.zeros(3, found.model.bank.shape[1])
    aligned = found.model.align(smoothed, torch.eye(3))
    torch.testing.assert_close(aligned, aligned[:1].expand_as(aligned))
    mean = found.model.cluster_prototypes.mean(0), found.model.class_prototypes.mean(0)
    torch.testing.assert_close(aligned[0], 0.7 * 0.4 * mean[0] + 0.3 * mean[1])
