"""Label losses as modules: what they look up, remember and resume with."""

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from pipeline_lib.errors import InputError
from pipeline_lib.families.open_vocabulary import single_positive as losses
from pipeline_lib.families.open_vocabulary.losses import RoleLoss, build_loss
from pipeline_lib.families.open_vocabulary.pseudo_labels import PseudoLabelLoss
from pipeline_lib.families.open_vocabulary.ranking_loss import pairwise_hinge
from pipeline_lib.training.loop import train
from tests.families.open_vocabulary.distributed_labels import SHARES, logits_of
from tests.families.open_vocabulary.toy_labels import (
    EPOCHS,
    IMAGES,
    LABELS,
    NAMES,
    Linear,
    built,
    learned,
    observed,
    settings,
    truth,
)
from tests.training.toy import outcome, recipe, run

POSITIONS = torch.tensor([3, 0, 17, 8])


@pytest.fixture
def logits(rng) -> Tensor:
    return torch.randn(len(POSITIONS), LABELS, generator=rng)


def test_every_loss_looks_up_the_labels_of_its_images(logits):
    known, negatives = observed()[POSITIONS], 1 - truth()[POSITIONS]
    expected = {
        "ranking": pairwise_hinge(logits, known, margin=1.0),
        "an": losses.assume_negative(logits, known),
        "wan": losses.weak_assume_negative(logits, known),
        "an_ls": losses.smoothed_assume_negative(logits, known, smoothing=0.1),
        "epr": losses.expected_positives(logits, known, expected=1.5),
        "iun": losses.ignore_unobserved(logits, known, negatives),
        "em": losses.entropy_maximisation(logits, known, alpha=0.2),
        "em_apl": losses.entropy_maximisation(logits, known, alpha=0.2),  # before the warm-up ends
    }
    for name, value in expected.items():
        torch.testing.assert_close(built(name)(logits, POSITIONS), value)


def test_role_reads_the_estimates_of_its_images(logits):
    loss = built("role")
    found = loss(logits, POSITIONS)
    torch.testing.assert_close(
        found,
        losses.online_estimation(
            logits, loss.estimates[POSITIONS], observed()[POSITIONS], expected=1.5
        ),
    )
    found.backward()
    touched = loss.estimates.grad.abs().sum(1) > 0
    assert touched.nonzero().flatten().tolist() == sorted(POSITIONS.tolist())


def test_estimates_start_undecided_but_for_known_positives():
    loss = built("role")
    p, known = loss.estimates.detach().sigmoid(), observed() > 0
    torch.testing.assert_close(p[known], torch.full_like(p[known], 0.995))
    assert p[~known].min() >= 0.4
    assert p[~known].max() <= 0.6
    assert p[~known].std() > 0.03


def test_only_the_oracle_is_reported():
    assert {name for name in NAMES if built(name).leaks} == {"iun"}
    assert built("iun").leaks == ("loss iun: the true negatives of the training images",)


def test_the_oracle_without_truth_is_refused():
    with pytest.raises(
        InputError, match=r"`loss.name` is iun, which needs the true negatives.*expected "
    ):
        build_loss(settings("iun"), observed=observed(), oracle=None, epochs=2)


def test_a_warm_up_that_never_ends_is_refused():
    with pytest.raises(InputError, match=r"warmup_epochs` is 2 of 2 epochs.*expected fewer"):
        built("em_apl", epochs=2)


def chosen_by_loops(
    p: Tensor, known: Tensor, before: Tensor, *, share: float, rounds: int
) -> Tensor:
    """One round, a label at a time."""
    after = before.clone()
    for i in range(known.shape[1]):
        unobserved = [n for n in range(len(known)) if known[n, i] == 0]
        free = [n for n in unobserved if not before[n, i]]
        free.sort(key=lambda n: p[n, i].item())
        for n in free[: math.floor(share * len(unobserved) / rounds)]:
            after[n, i] = True
    return after


def test_soft_negatives_are_chosen_as_in_loops(rng):
    loss = built("em_apl")
    everything = torch.arange(IMAGES)
    expected = torch.zeros(IMAGES, LABELS, dtype=torch.bool)
    for epoch in range(EPOCHS):
        p = loss.probabilities.clone()
        loss.begin_epoch(epoch)
        if epoch >= 2:
            expected = chosen_by_loops(p, observed(), expected, share=0.9, rounds=EPOCHS - 2)
        assert torch.equal(loss.chosen, expected), epoch
        loss(torch.randn(IMAGES, LABELS, generator=rng), everything)
    unobserved = (observed() == 0).sum(0)
    # four rounds of ⌊0.9 · U / 4⌋
    assert loss.chosen.sum(0).tolist() == [4 * math.floor(0.9 * u / 4) for u in unobserved.tolist()]
    assert not (loss.chosen & (observed() > 0)).any()


def test_ties_are_broken_by_the_order_of_the_images():
    loss = built("em_apl")
    loss.begin_epoch(2)  # all still at 0.5
    for i in range(LABELS):
        first = [n for n in range(IMAGES) if observed()[n, i] == 0][: int(loss.chosen[:, i].sum())]
        assert loss.chosen[:, i].nonzero().flatten().tolist() == first


def test_a_chosen_entry_keeps_the_probability_it_was_chosen_with(rng):
    loss = built("em_apl")
    everything = torch.arange(IMAGES)
    first, second = (torch.randn(IMAGES, LABELS, generator=rng) for _ in range(2))
    loss(first, everything)
    loss.begin_epoch(2)
    found = loss(second, everything)
    assert loss.chosen.any()
    latest = torch.where(loss.chosen, first, second).sigmoid()
    torch.testing.assert_close(loss.probabilities, latest)
    torch.testing.assert_close(
        found,
        losses.asymmetric_pseudo_labels(
            second, observed(), first.sigmoid(), loss.chosen, alpha=0.2, beta=0.9
        ),
    )


def test_an_image_is_remembered_from_its_last_visit(logits):
    loss = built("em_apl")
    loss(logits, POSITIONS)
    loss(2 * logits[:1], POSITIONS[:1])
    torch.testing.assert_close(loss.probabilities[POSITIONS[0]], (2 * logits[0]).sigmoid())
    torch.testing.assert_close(loss.probabilities[POSITIONS[1:]], logits[1:].sigmoid())
    assert (loss.probabilities[1] == 0.5).all()


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_learned_scale_comes_before_every_loss_but_ranking(name, logits):
    torch.manual_seed(0)
    fixed = built(name)(3 * logits, POSITIONS)
    torch.manual_seed(0)
    scaled = built(name, scale=learned(start=3.0))
    found = scaled(logits, POSITIONS)
    torch.testing.assert_close(found, fixed)
    found.backward()
    assert scaled.logits.log_scale.grad != 0
    assert scaled.logits.shift.grad != 0


def test_the_ranking_loss_takes_scores_as_they_are():
    assert list(built("ranking").parameters()) == []


@pytest.mark.parametrize("name", NAMES[1:])
def test_what_a_loss_learns_has_a_rate_of_its_own_and_does_not_decay(name):
    loss = built(name, scale=learned(lr_factor=7.0))
    groups = {group["lr_scale"]: group["params"] for group in loss.groups()}
    assert {group["weight_decay"] for group in loss.groups()} == {0.0}
    assert {id(p) for p in groups.pop(7.0)} == {id(p) for p in loss.logits.parameters()}
    estimates = [p for n, p in loss.named_parameters() if n == "estimates"]
    assert [[id(p) for p in some] for some in groups.values()] == [[id(p)] for p in estimates]
    assert list(groups) == ([10.0] if name == "role" else [])


def test_a_scale_changes_no_order_within_or_between_images(logits):
    scale = built("em", scale=learned(start=3.0)).logits
    with torch.no_grad():
        scale.shift.fill_(-2.0)
        found = scale(logits)
    torch.testing.assert_close(found, 3 * logits - 2)
    assert torch.equal(found.flatten().argsort(), logits.flatten().argsort())


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_learned_scale_starts_where_it_is_told(name):
    scale = built(name, scale=learned(start=3.0, shift=-6.0)).logits
    found = scale(torch.tensor([[0.0, 1.0]])).detach()
    torch.testing.assert_close(found, torch.tensor([[-6.0, -3.0]]))


@pytest.mark.parametrize("name", NAMES)
def test_labels_are_no_part_of_a_checkpoint_and_memory_is(name):
    state = set(built(name).state_dict())
    memory = {"role": {"estimates"}, "em_apl": {"probabilities", "chosen"}}
    assert state == memory.get(name, set())


@pytest.mark.parametrize("name", NAMES)
def test_every_loss_ranks_the_known_positive_higher(name):
    task = Linear(name)
    before = known_first(task)
    train(task, IMAGES, recipe(epochs=EPOCHS, lr=0.5), seed=0, run=run())
    assert known_first(task) > before


def known_first(task: Linear) -> float:
    """Share of pairs of a known positive and a false label that are in the right order."""
    scores = task.net(task.x).detach()
    right = [
        scores[n, p] > scores[n, q]
        for n in range(IMAGES)
        for p in range(LABELS)
        for q in range(LABELS)
        if observed()[n, p] and not truth()[n, q]
    ]
    return torch.stack(right).float().mean().item()


@pytest.mark.parametrize("name", ["role", "em_apl"])
@pytest.mark.parametrize("epoch", [1, 3, 5])
def test_a_stopped_run_ends_with_the_same_bits(tmp_path, name, epoch):
    values = recipe(epochs=EPOCHS, optimizer="adamw")
    whole = Linear(name)
    expected = outcome(whole, train(whole, IMAGES, values, seed=3, run=run()))
    with pytest.raises(KeyboardInterrupt):
        train(Linear(name, stop_after=epoch), IMAGES, values, seed=3, run=run(tmp_path))
    torch.manual_seed(99)
    task = Linear(name)
    with torch.no_grad():  # of another start, so that what counts must come from the checkpoint
        for value in task.state_dict().values():
            value.zero_()
    found = outcome(task, train(task, IMAGES, values, seed=3, run=run(tmp_path)))
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        np.testing.assert_array_equal(found[key], value, err_msg=key)


def test_what_was_learned_of_the_labels_is_worth_something():
    """ROLE's estimates and EM+APL's choice both know more than the one label they were given."""
    values = recipe(epochs=40, optimizer="adamw", lr=0.05)
    role = Linear("role")
    train(role, IMAGES, values, seed=0, run=run())
    assert isinstance(role.loss, RoleLoss)
    unknown = observed() == 0
    p = role.loss.estimates.detach().sigmoid()
    assert p[unknown & (truth() > 0)].mean() > p[unknown & (truth() == 0)].mean()
    apl = Linear("em_apl")
    train(apl, IMAGES, recipe(epochs=EPOCHS, optimizer="adamw", lr=0.05), seed=0, run=run())
    assert isinstance(apl.loss, PseudoLabelLoss)
    wrong = truth()[apl.loss.chosen].mean()  # of the chosen negatives
    assert wrong < truth()[unknown].mean()


def test_every_process_remembers_what_all_of_them_saw(tmp_path):
    script = Path(__file__).with_name("distributed_labels.py")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    subprocess.run(
        [*command, "--nproc-per-node", "2", str(script), str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(script.parents[3]), "OMP_NUM_THREADS": "1"},
        check=True,
        timeout=120,
        capture_output=True,
    )
    alone = built("em_apl")
    both = [*SHARES[0], *SHARES[1]]
    alone(logits_of(both), torch.tensor(both))
    alone.begin_epoch(2)
    for rank in (0, 1):
        found = load_file(tmp_path / f"{rank}.safetensors")
        for name, value in alone.state_dict().items():
            torch.testing.assert_close(found[name], value, msg=f"{rank}: {name}")
