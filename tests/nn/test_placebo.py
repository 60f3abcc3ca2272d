"""What stands in the place of what a module learned."""

import pytest
import torch

from pipeline_lib.nn.placebo import lot, replaced


@pytest.mark.parametrize("count", [2, 3, 7, 50])
def test_a_lot_leaves_nothing_in_its_place(count):
    order = lot(count)
    assert sorted(order.tolist()) == list(range(count))
    assert (order != torch.arange(count)).all()
    assert torch.equal(order, lot(count))


def test_one_thing_stays():
    assert lot(1).tolist() == [0]


def test_each_placebo_replaces_what_it_names():
    values = torch.randn(4, 3, 2)
    assert replaced(values, "none", dim=1) is values
    mean = replaced(values, "mean", dim=1)
    assert mean.shape == values.shape
    assert torch.allclose(mean[:, 0], values.mean(1))
    by_lot = replaced(values, "lot", dim=1)
    assert torch.equal(by_lot.sort(1).values, values.sort(1).values)
    assert (by_lot != values).any(2).all()
    assert torch.equal(replaced(values, "another", dim=1)[1], values[0])
