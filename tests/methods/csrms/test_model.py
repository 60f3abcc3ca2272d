"""The network: retrieval, alignment, scores."""

from typing import Any

import pytest
import torch
from torch import Tensor

from pipeline_lib.methods.csrms.model import RETRIEVED_AT_ONCE, CsrmsModel
from tests.methods.toy import DIMS, SMOOTHINGS, csrms, encoder


def model(*, images: int = 12, single_label: bool = True, **changes: Any) -> CsrmsModel:
    torch.manual_seed(0)
    found = CsrmsModel(
        encoder(), csrms(**changes), classes=3, train_images=images, single_label=single_label
    )
    for values in (found.bank, found.cluster_prototypes, found.class_prototypes):
        values.normal_()
    for parameter in found.smoothing.parameters():
        torch.nn.init.normal_(parameter)
    return found


@pytest.fixture
def features(rng) -> Tensor:
    return torch.randn(6, DIMS, generator=rng)


def nearest(features: Tensor, bank: Tensor, count: int, exclude: list[int] | None) -> Tensor:
    rows = []
    for i, feature in enumerate(features):
        distance = [float((feature - other).norm()) for other in bank]
        if exclude is not None:
            distance[exclude[i]] = float("inf")
        order = sorted(range(len(bank)), key=distance.__getitem__)[:count]
        rows.append(bank[order])
    return torch.stack(rows)


@pytest.mark.parametrize("exclude", [None, [3, 3, 0, 11, 5, 7]])
def test_the_nearest_of_the_bank_are_retrieved(features, exclude):
    found = model(n_neighbours=4)
    own = None if exclude is None else torch.tensor(exclude)
    expected = nearest(features, found.bank, 4, exclude)
    assert torch.equal(found.retrieve(features, exclude=own), expected)


def test_an_image_is_not_its_own_neighbour():
    found = model(n_neighbours=2)
    everybody = torch.arange(12)
    itself = found.bank[:, None]
    assert (found.retrieve(found.bank) == itself).all(2).any(1).all()
    others = found.retrieve(found.bank, exclude=everybody)
    assert not (others == itself).all(2).any()


def test_no_more_neighbours_than_there_are_other_images():
    found = model(images=4, n_neighbours=9)
    assert found.retrieve(found.bank, exclude=torch.arange(4)).shape == (4, 3, DIMS)


def test_many_images_are_looked_up_in_pieces(rng):
    found = model(n_neighbours=1)
    many = torch.randn(RETRIEVED_AT_ONCE + 3, DIMS, generator=rng)
    excluded = torch.arange(len(many)) % 12
    together = found.retrieve(many, exclude=excluded)
    expected = nearest(many[-4:], found.bank, 1, excluded[-4:].tolist())
    assert torch.equal(together[-4:], expected)


def test_neighbours_are_constants(features):
    found = model()
    assert not found.retrieve(features.requires_grad_()).requires_grad


def test_alignment_equals_equations_11_and_12_by_hand():
    found = model()
    found.cluster_prototypes.zero_()
    found.class_prototypes.zero_()
    found.cluster_prototypes[0, 0] = 10.0
    found.class_prototypes[1, 1] = 100.0
    smoothed = torch.ones(1, DIMS)
    belief = torch.tensor([[0.25, 0.5, 0.25]])
    # α_u 0.6, β_u 0.4: 0.6 and 0.4 · 2.5; α_a 0.7 of that, β_a 0.3 · 50
    expected = [0.7 * (0.6 + 1.0), 0.7 * 0.6 + 15, 0.42, 0.42, 0.42]
    assert found.align(smoothed, belief)[0].tolist() == pytest.approx(expected)


def test_without_prototypes_nothing_is_aligned(features):
    found = model(alignment="none")
    belief = torch.full((6, 3), 1 / 3)
    assert found.align(features, belief) is features


@pytest.mark.parametrize("single_label", [True, False])
def test_belief_is_the_posterior_as_a_constant(features, single_label):
    found = model(single_label=single_label)
    logits = found.plain(features)
    belief = found.belief(logits)
    assert not belief.requires_grad
    chances = logits.softmax(1) if single_label else logits.sigmoid()
    torch.testing.assert_close(belief, (chances / chances.sum(1, keepdim=True)).detach())


def test_a_score_is_smoothed_aligned_and_classified(features):
    found = model()
    smoothed = found.smooth(features, found.retrieve(features))
    aligned = found.align(smoothed, found.plain(features).softmax(1))
    logits, final = found.classify(features)
    torch.testing.assert_close(final, aligned)
    torch.testing.assert_close(logits, found.final(aligned))
    assert not torch.allclose(smoothed, features)


def test_alone_an_image_is_its_own_neighbour(features):
    found = model(neighbours="self")
    before = found.classify(features)[0]
    found.bank.normal_()
    assert torch.equal(found.classify(features)[0], before)
    expected = found.smooth(features, features[:, None])
    torch.testing.assert_close(
        found.classify(features)[1], found.align(expected, found.belief(found.plain(features)))
    )


def test_the_score_of_an_image_does_not_depend_on_the_others(features):
    found = model()
    whole = found.classify(features)[0]
    for i in range(6):
        torch.testing.assert_close(found.classify(features[i : i + 1])[0], whole[i : i + 1])


@pytest.mark.parametrize(
    ("kind", "prototype", "smooths", "remembers"),
    [
        ("gcn", "none", True, True),
        ("gnn", "predicted", True, True),
        ("tail_gnn", "label", True, True),
        ("none", "none", False, False),
        ("none", "predicted", False, True),
        ("js_loss", "none", False, False),
    ],
)
def test_what_is_read_of_the_training_set(kind, prototype, smooths, remembers):
    mixed = prototype if prototype == "none" else {"prototype": prototype}
    found = model(smoothing=SMOOTHINGS[kind], alignment=mixed)
    assert found.smooths is smooths
    assert found.remembers is remembers
