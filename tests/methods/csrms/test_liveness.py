"""What is read off a network of CSRMS after training."""

import pytest
import torch

from pipeline_lib.methods.csrms.liveness import _another, of_network, of_training
from pipeline_lib.methods.csrms.lots import Members
from tests.methods.csrms.steps import task
from tests.methods.csrms.test_fit import fitted
from tests.methods.toy import CLASSES, DIMS, SMOOTHINGS, TRAIN, data


def values(readings, split: str = "train") -> dict[str, float]:
    return {f"{r.module}: {r.name}": r.value for r in readings if r.split == split}


class Copying(torch.nn.Module):
    """A smoothing that gives the mean of the neighbours and forgets the image."""

    def forward(self, nodes: torch.Tensor) -> torch.Tensor:
        return nodes[:, 1:].mean(1)


class Deaf(torch.nn.Module):
    """A smoothing that hears no neighbour."""

    def forward(self, nodes: torch.Tensor) -> torch.Tensor:
        return nodes[:, 0]


def network(smoothing: torch.nn.Module):
    """A bank with a direction for each class, classifiers that read directions."""
    some = data()
    model = task(alignment="none").model
    model.smoothing = smoothing
    rows = torch.zeros(TRAIN, DIMS)
    rows[torch.arange(TRAIN), some.targets.argmax(1)] = 1.0
    model.bank.copy_(rows)
    model.final.weight.data = torch.eye(DIMS)[:CLASSES]
    model.final.bias.data.zero_()
    model.plain.load_state_dict(model.final.state_dict())
    return model, some


def test_a_network_that_reads_labels_off_its_neighbours_is_found_out():
    model, some = network(Copying())
    readings = of_network(model, some)
    found = values(readings)
    assert found["smoothing: right with neighbours of its own class"] == 1
    assert found["smoothing: right with neighbours of another class"] == 0
    for split in ("train", "test"):
        assert values(readings, split)["smoothing: follows wrong neighbours"] == 1
    judged = next(r for r in readings if r.name == "follows wrong neighbours")
    assert judged.bar == 0.1
    assert not judged.above


def test_a_network_that_hears_no_neighbour_answers_alike_with_any():
    model, some = network(Deaf())
    readings = of_network(model, some)
    found = values(readings)
    kinds = ("those retrieved", "its own class", "another class")
    shares = {found[f"smoothing: right with neighbours of {kind}"] for kind in kinds}
    assert shares == {found["smoothing: right with neighbours left out"]}
    for split in ("train", "test"):
        assert values(readings, split)["smoothing: follows wrong neighbours"] == 0
        assert values(readings, split)["final: agrees with the plain head"] == 1
    assert found["final: gain over the plain head"] == 0


def test_labels_of_evaluation_splits_are_not_asked_for():
    model, some = network(Deaf())
    names = {r.name for r in of_network(model, some) if r.split == "test"}
    assert names == {"follows wrong neighbours", "agrees with the plain head"}


def test_without_smoothing_the_heads_alone_are_read():
    found = fitted(smoothing=SMOOTHINGS["none"], recipe={"epochs": 1}).liveness
    assert {r.module for r in found} == {"final", "lists", "weights.backbone", "weights.nega",
                                         "weights.inter"}  # fmt: skip
    assert {r.module for r in fitted(multi=True, recipe={"epochs": 1}).liveness} == {
        "lists", "weights.backbone", "weights.nega", "weights.inter", "weights.positives",
    }  # fmt: skip


def test_exposure_is_the_effective_share_of_images():
    found, some = task(), data()
    found.eval()
    found.times_encoded.fill_(7)
    assert values(of_training(found, some, 4))["lists: exposure"] == pytest.approx(1)
    found.times_encoded.zero_()
    found.times_encoded[:6] = 3  # a quarter of the images alone
    assert values(of_training(found, some, 4))["lists: exposure"] == pytest.approx(6 / TRAIN)


def test_lists_from_the_bank_expose_images_evenly_and_encoded_ones_do_not():
    bank, encoded = (
        values(fitted(lists=lists).liveness)["lists: exposure"] for lists in ("bank", "encode")
    )
    assert bank == pytest.approx(1)
    assert encoded < 0.99


def test_a_pull_is_that_of_the_weighted_term():
    some = data()
    weak, strong = (
        values(of_training(task(weights={"nega": weight}).eval(), some, 4))["weights.nega: pull"]
        for weight in (0.1, 0.4)
    )
    assert strong == pytest.approx(4 * weak, rel=1e-4)


def test_negatives_of_frozen_features_pull_at_nothing():
    found = task(lists="bank").eval()
    found.model.encoder.requires_grad_(False)
    pulls = values(of_training(found, data(), 4))
    assert pulls["weights.nega: pull"] == 0
    assert pulls["weights.inter: pull"] > 0  # at what makes prototypes
    assert pulls["weights.positives: pull"] > 0


def test_reading_counts_and_remembers_nothing():
    found, some = task(lists="bank"), data()
    found.eval()
    before = {name: value.clone() for name, value in found.state_dict().items()}
    of_training(found, some, 6)
    of_network(found.model, some)
    for name, value in found.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_the_class_that_is_handed_is_another_one_with_images():
    members = Members(torch.eye(4)[[0, 2, 3, 3]])
    assert _another(torch.tensor([0, 2, 3]), members).tolist() == [2, 3, 0]
