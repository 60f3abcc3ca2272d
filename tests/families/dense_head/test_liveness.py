"""What is read of heads over the labels."""

import pytest
import torch

from pipeline_lib.families.dense_head.label_graph import LabelConvolution
from pipeline_lib.families.dense_head.liveness import (
    OWN,
    Meaning,
    between_labels,
    from_flat,
    labels_apart,
    over_images,
)
from tests.methods.toy_maps import TEST, TRAIN, data, maps


def test_what_differs_between_labels_is_read_of_each_image_by_hand():
    # an image of one vector for all; one of opposites, whose mean is 0; of (3, 0) and (1, 0): the
    # mean is (2, 0), so that 1 + 1 of 9 + 1 differ
    vectors = torch.tensor([[[1.0, 2], [1, 2]], [[1, 0], [-1, 0]], [[3, 0], [1, 0]]])
    assert between_labels(vectors).tolist() == pytest.approx([0, 1, 0.2])


def test_what_has_to_move_to_be_flat_by_hand():
    flat, one = [0.25] * 4, [1.0, 0, 0, 0]
    some = torch.tensor([[flat, flat], [one, one], [flat, one]])
    assert from_flat(some).tolist() == pytest.approx([0, 0.75, 0.375])


def test_a_reading_is_the_mean_over_the_images_of_its_split():
    meaning = Meaning("decoupling", "sum", "A sum.", 0.5)
    found = {
        one.split: one for one in over_images(data(), lambda some: {meaning: some.sum((1, 2, 3))})
    }
    sums = maps().sum((1, 2, 3))
    assert found["train"].value == pytest.approx(sums[:TRAIN].mean().item(), abs=1e-5)
    assert found["test"].value == pytest.approx(sums[-TEST:].mean().item(), abs=1e-5)
    assert (found["test"].module, found["test"].bar) == ("decoupling", 0.5)


def test_a_graph_of_means_takes_the_labels_together():
    torch.manual_seed(0)
    words = torch.randn(4, 6)
    labels = LabelConvolution(torch.full((1, 4, 4), 0.25), words, hidden=5, dims=3, slope=0.2)
    before, after = labels_apart("prior", labels)
    assert before.value > 0.1
    assert after.value == pytest.approx(0, abs=1e-9)
    assert (before.bar, after.bar) == (None, OWN)
    labels.relations = torch.eye(4)[None]
    same = labels_apart("prior", labels)
    assert same[0].value == pytest.approx(same[1].value)
