"""Losses for images with one known positive label."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from pipeline_lib.families.open_vocabulary.single_positive import (
    assume_negative,
    asymmetric_pseudo_labels,
    entropy_maximisation,
    expected_positives,
    ignore_unobserved,
    online_estimation,
    smoothed_assume_negative,
    weak_assume_negative,
)

BATCH, LABELS = 4, 5
POSITIVE = torch.tensor([2, 0, 0, 4])  # of each image
Entry = Callable[[int, int], float]


def surprise(p: float) -> float:
    return -math.log(p + 1e-5)


@pytest.fixture
def logits(rng) -> Tensor:
    return 2 * torch.randn(BATCH, LABELS, generator=rng, dtype=torch.float64)


@pytest.fixture
def estimates(rng) -> Tensor:
    return torch.randn(BATCH, LABELS, generator=rng, dtype=torch.float64)


@pytest.fixture
def observed() -> Tensor:
    return torch.eye(LABELS, dtype=torch.float64)[POSITIVE]


@pytest.fixture
def negatives(rng, observed) -> Tensor:
    """True negatives: some of what is unobserved."""
    drawn = torch.rand(BATCH, LABELS, generator=rng) < 0.6
    return drawn.double() * (1 - observed)


@pytest.fixture
def chosen(observed) -> Tensor:
    some = torch.zeros(BATCH, LABELS, dtype=torch.bool)
    some[0, 1] = some[0, 3] = some[2, 4] = some[3, 0] = True
    assert not (some & observed.bool()).any()
    return some


@pytest.fixture
def soft(rng) -> Tensor:
    return 0.2 * torch.rand(BATCH, LABELS, generator=rng, dtype=torch.float64)


def mean(entry: Entry) -> float:
    """Sum over the entries / (B·C)."""
    entries = [entry(n, i) for n in range(BATCH) for i in range(LABELS)]
    return sum(entries) / (BATCH * LABELS)


def probabilities(logits: Tensor) -> list[list[float]]:
    return [[1 / (1 + math.exp(-z)) for z in row] for row in logits.tolist()]


def miscount(p: list[list[float]], expected: float) -> float:
    return ((sum(sum(row) for row in p) / BATCH - expected) / LABELS) ** 2


def test_assume_negative_by_hand():
    # σ(0) = 1/2 for both labels, of which the first is positive: ln 2 each
    loss = assume_negative(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]))
    assert loss.item() == pytest.approx(math.log(2), abs=1e-4)


def test_a_certain_mistake_costs_no_more_than_the_offset_allows():
    loss = assume_negative(torch.tensor([[-1000.0]]), torch.ones(1, 1))
    assert loss.item() == pytest.approx(-math.log(1e-5))


def test_assume_negative_equals_its_sum_as_written(logits, observed):
    p = probabilities(logits)

    def entry(n: int, i: int) -> float:
        return surprise(p[n][i]) if observed[n, i] else surprise(1 - p[n][i])

    assert assume_negative(logits, observed).item() == pytest.approx(mean(entry))


def test_assume_negative_is_binary_cross_entropy_but_for_the_offset(logits, observed):
    plain = torch.nn.functional.binary_cross_entropy_with_logits(logits, observed)
    assert assume_negative(logits, observed).item() == pytest.approx(plain.item(), abs=1e-3)


def test_weak_assume_negative_equals_its_sum_as_written(logits, observed):
    p = probabilities(logits)

    def entry(n: int, i: int) -> float:
        return surprise(p[n][i]) if observed[n, i] else surprise(1 - p[n][i]) / (LABELS - 1)

    assert weak_assume_negative(logits, observed).item() == pytest.approx(mean(entry))


def test_all_weak_negatives_together_weigh_what_the_positive_does():
    logits = torch.zeros(1, LABELS, requires_grad=True)  # everywhere p = 1/2
    observed = torch.eye(LABELS)[:1]
    weak_assume_negative(logits, observed).backward()
    gradient = logits.grad[0]
    assert gradient[0].item() == pytest.approx(-gradient[1:].sum().item())


def test_with_one_label_there_is_no_negative_to_weigh():
    logits = torch.zeros(2, 1)
    weak = weak_assume_negative(logits, torch.ones(2, 1))
    assert weak.item() == pytest.approx(math.log(2), abs=1e-4)


def test_smoothing_equals_its_sum_as_written(logits, observed):
    p = probabilities(logits)

    def entry(n: int, i: int) -> float:
        right, wrong = (p[n][i], 1 - p[n][i]) if observed[n, i] else (1 - p[n][i], p[n][i])
        return 0.9 * surprise(right) + 0.1 * surprise(wrong)

    loss = smoothed_assume_negative(logits, observed, smoothing=0.1)
    assert loss.item() == pytest.approx(mean(entry))


def test_without_smoothing_it_is_assume_negative(logits, observed):
    smoothed = smoothed_assume_negative(logits, observed, smoothing=0.0)
    assert smoothed.item() == pytest.approx(assume_negative(logits, observed).item())


def test_expected_positives_equals_its_sum_as_written(logits, observed):
    p = probabilities(logits)
    found = expected_positives(logits, observed, expected=1.5)
    known = mean(lambda n, i: surprise(p[n][i]) if observed[n, i] else 0.0)
    assert found.item() == pytest.approx(known + miscount(p, 1.5))


def test_the_right_number_of_positives_costs_nothing():
    # two certain positives per image, one of them known
    logits = torch.tensor([[50.0, 50.0, -50.0]], dtype=torch.float64)
    observed = torch.tensor([[1.0, 0.0, 0.0]], dtype=torch.float64)
    assert expected_positives(logits, observed, expected=2.0).item() == pytest.approx(0, abs=1e-4)
    # one too many of three labels: (1 / 3)²
    assert expected_positives(logits, observed, expected=1.0).item() == pytest.approx(
        1 / 9, abs=1e-4
    )


def test_online_estimation_equals_its_sum_as_written(logits, estimates, observed):
    p, q = probabilities(logits), probabilities(estimates)

    def taught(pupil: list[list[float]], teacher: list[list[float]]) -> float:
        def entry(n: int, i: int) -> float:
            t, own = teacher[n][i], pupil[n][i]
            known = surprise(own) if observed[n, i] else 0.0
            return known + t * surprise(own) + (1 - t) * surprise(1 - own)

        return mean(entry) + miscount(pupil, 1.5)

    found = online_estimation(logits, estimates, observed, expected=1.5)
    assert found.item() == pytest.approx((taught(p, q) + taught(q, p)) / 2)


def test_classifier_and_estimates_are_treated_alike(logits, estimates, observed):
    one = online_estimation(logits, estimates, observed, expected=1.5)
    other = online_estimation(estimates, logits, observed, expected=1.5)
    assert one.item() == pytest.approx(other.item())


def test_no_gradient_reaches_the_teacher(logits, estimates, observed):
    """The gradient of either is that of its own half, the other held fixed."""
    logits.requires_grad_()
    estimates.requires_grad_()
    online_estimation(logits, estimates, observed, expected=1.5).backward()
    for pupil, teacher in ((logits, estimates), (estimates, logits)):
        alone = pupil.detach().requires_grad_()
        p, target = alone.sigmoid(), teacher.detach().sigmoid()
        cross = target * -(p + 1e-5).log() + (1 - target) * -(1 - p + 1e-5).log()
        half = cross.mean() + expected_positives(alone, observed, expected=1.5)
        (half / 2).backward()
        torch.testing.assert_close(pupil.grad, alone.grad)


def test_ignoring_the_unobserved_equals_its_sum_as_written(logits, observed, negatives):
    p = probabilities(logits)

    def entry(n: int, i: int) -> float:
        if observed[n, i]:
            return surprise(p[n][i])
        return surprise(1 - p[n][i]) if negatives[n, i] else 0.0

    assert ignore_unobserved(logits, observed, negatives).item() == pytest.approx(mean(entry))


def test_what_is_neither_known_nor_negative_has_no_gradient(logits, observed, negatives):
    logits.requires_grad_()
    ignore_unobserved(logits, observed, negatives).backward()
    unknown = (observed + negatives) == 0
    assert unknown.any()
    assert (logits.grad[unknown] == 0).all()
    assert (logits.grad[~unknown] != 0).all()


def test_with_all_negatives_known_it_is_assume_negative(logits, observed):
    found = ignore_unobserved(logits, observed, 1 - observed)
    assert found.item() == pytest.approx(assume_negative(logits, observed).item())


def test_entropy_maximisation_equals_its_sum_as_written(logits, observed):
    p = probabilities(logits)

    def entry(n: int, i: int) -> float:
        own = p[n][i]
        if observed[n, i]:
            return surprise(own)
        return -0.2 * (own * surprise(own) + (1 - own) * surprise(1 - own))

    found = entropy_maximisation(logits, observed, alpha=0.2)
    assert found.item() == pytest.approx(mean(entry))


def test_entropy_draws_unobserved_entries_to_a_half_in_proportion_to_their_logit(logits, observed):
    logits.requires_grad_()
    entropy_maximisation(logits, observed, alpha=0.2).backward()
    z, p, unknown = logits.detach(), logits.detach().sigmoid(), observed == 0
    expected = 0.2 * p * (1 - p) * z / (BATCH * LABELS)
    assert (logits.grad.sign() == z.sign())[unknown].all()
    torch.testing.assert_close(logits.grad[unknown], expected[unknown], rtol=1e-3, atol=1e-6)
    assert (logits.grad[~unknown] < 0).all()  # known positives rise


@pytest.mark.parametrize("logit", [0.0, 100.0, -100.0])
def test_entropy_leaves_the_undecided_and_the_certain_alone(logit):
    logits = torch.full((1, 1), logit, dtype=torch.float64, requires_grad=True)
    entropy_maximisation(logits, torch.zeros(1, 1, dtype=torch.float64), alpha=0.2).backward()
    assert logits.grad.item() == pytest.approx(0, abs=1e-9)


def test_pseudo_labels_equal_their_sum_as_written(logits, observed, soft, chosen):
    p = probabilities(logits)

    def entry(n: int, i: int) -> float:
        own, target = p[n][i], soft[n, i].item()
        if observed[n, i]:
            return surprise(own)
        if chosen[n, i]:
            return 0.9 * (target * surprise(own) + (1 - target) * surprise(1 - own))
        return -0.2 * (own * surprise(own) + (1 - own) * surprise(1 - own))

    found = asymmetric_pseudo_labels(logits, observed, soft, chosen, alpha=0.2, beta=0.9)
    assert found.item() == pytest.approx(mean(entry))


def test_without_chosen_entries_pseudo_labels_are_entropy_maximisation(logits, observed, soft):
    nobody = torch.zeros(BATCH, LABELS, dtype=torch.bool)
    found = asymmetric_pseudo_labels(logits, observed, soft, nobody, alpha=0.2, beta=0.9)
    assert found.item() == pytest.approx(entropy_maximisation(logits, observed, alpha=0.2).item())


def every_loss(
    observed: Tensor, negatives: Tensor, soft: Tensor, chosen: Tensor
) -> dict[str, Callable[[Tensor], Tensor]]:
    return {
        "an": lambda z: assume_negative(z, observed),
        "wan": lambda z: weak_assume_negative(z, observed),
        "an_ls": lambda z: smoothed_assume_negative(z, observed, smoothing=0.1),
        "epr": lambda z: expected_positives(z, observed, expected=1.5),
        "iun": lambda z: ignore_unobserved(z, observed, negatives),
        "em": lambda z: entropy_maximisation(z, observed, alpha=0.2),
        "em_apl": lambda z: asymmetric_pseudo_labels(
            z, observed, soft, chosen, alpha=0.2, beta=0.9
        ),
    }


def test_gradients_are_those_of_finite_differences(logits, observed, negatives, soft, chosen):
    logits.requires_grad_()
    for name, loss in every_loss(observed, negatives, soft, chosen).items():
        assert torch.autograd.gradcheck(loss, (logits,)), name


def test_no_loss_depends_on_the_order_of_labels(logits, observed, negatives, soft, chosen):
    order = torch.tensor([3, 0, 4, 1, 2])
    before = every_loss(observed, negatives, soft, chosen)
    after = every_loss(*(x[:, order] for x in (observed, negatives, soft, chosen)))
    for name, loss in before.items():
        assert loss(logits).item() == pytest.approx(after[name](logits[:, order]).item()), name


def test_gradients_stay_finite_where_the_net_is_certain_and_wrong(
    observed, negatives, soft, chosen
):
    logits = torch.where(observed > 0, -200.0, 200.0).double().requires_grad_()
    for name, loss in every_loss(observed, negatives, soft, chosen).items():
        (gradient,) = torch.autograd.grad(loss(logits), logits)
        assert torch.isfinite(gradient).all(), name


def test_half_precision_logits_are_judged_in_single(observed, negatives, soft, chosen):
    rough = torch.full((BATCH, LABELS), 5.0, dtype=torch.bfloat16)  # 1 − σ(5) is 0.0067
    labels = (observed.float(), negatives.float(), soft.float(), chosen)
    for name, loss in every_loss(*labels).items():
        torch.testing.assert_close(loss(rough), loss(rough.float())), name
