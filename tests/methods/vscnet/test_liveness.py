"""What the modules of VSCNet come to: planted in graphs, and read off them."""

from typing import Any

import pytest
import torch
from torch import Tensor

from pipeline_lib.methods.vscnet.liveness import _halves
from pipeline_lib.methods.vscnet.masks import Masks
from pipeline_lib.methods.vscnet.model import VSCNet
from pipeline_lib.training.data import Data, Pictures
from pipeline_lib.training.liveness import Reading
from tests.methods.vscnet.toy import CLASSES, ROWS, J, associations, model, rows

COUNT = 240
REPLACE = {"masks": {"removal": "replace"}}


def data(arrays: dict[str, Tensor]) -> Data:
    def part(of: range) -> Pictures:
        return Pictures(of, lambda wanted: rows(arrays, wanted))

    hot = torch.eye(CLASSES)[torch.arange(COUNT) % CLASSES]
    return Data(part(range(COUNT)), hot, {"test": part(range(COUNT, 2 * COUNT))})


def read(net: VSCNet, **planted: Tensor) -> dict[tuple[str, str], Reading]:
    found = net.readings(data(associations(2 * COUNT) | planted))
    return {(one.name, one.split): one for one in found}


NAMES = {
    "": set(),
    "L": {"between regions"},
    "K": {"tags", "order"},
    "G": {"by edges"},
    "C": {"class in F_c", "class in F_n"}
    | {f"{n}, {k}" for n in ("mean", "spread") for k in ("regions", "tags", "prototypes")},
    "F": {"decisions"},
}


@pytest.mark.parametrize("row", ROWS)
def test_each_module_that_is_on_is_read_on_training_and_test_images(row):
    letters = ROWS[row]
    names = set.union(*(NAMES[letter] for letter in letters or [""]))
    assert read(model(letters)).keys() == {(n, s) for n in names for s in ("train", "test")}


class Sorted(torch.nn.Module):
    """Masks that keep nodes for one half alone."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, nodes: Tensor) -> Masks:
        batch, count, _ = nodes.shape
        edges = torch.ones(batch, count, count)  # all are the causal half's
        return Masks(torch.full((batch, count), self.share), edges)


def sorted_into(share: float, **changes: Any) -> dict[tuple[str, str], Reading]:
    net = model("LKGC", **changes)
    net.masking = Sorted(share)
    return read(net)


def test_classes_that_come_in_turn_are_probed_all_the_same():
    label = torch.arange(COUNT) % CLASSES
    even, odd = (label == 0).nonzero()[:, 0], (label > 0).nonzero()[:, 0][: COUNT // CLASSES]
    order = torch.stack([even, odd], 1).flatten()  # every other image is of class 0
    some = data(associations(2 * COUNT))
    train = Pictures(order.tolist(), some.train.fetch)
    net = model("LKGC")
    net.masking = Sorted(1.0)
    found = net.readings(Data(train, some.targets[order], {}))
    assert next(r.value for r in found if r.name == "class in F_c") > 0.9


def test_images_of_two_splits_are_not_told_by_equal_noise():
    net, some = model("LKGC", **REPLACE).eval(), data(associations(2 * COUNT))
    first, second, again = (
        _halves(net, some.train, torch.arange(5), split)[1] for split in ("val", "test", "val")
    )
    assert torch.equal(first, again)
    assert not torch.allclose(first, second)


def alive(one: Reading) -> bool:
    assert one.bar is not None
    return one.value > one.bar if one.above else one.value < one.bar


def test_a_half_of_which_all_is_replaced_says_nothing_of_the_class():
    found = sorted_into(1.0, **REPLACE)
    chance = 1 / CLASSES
    assert found["class in F_n", "train"].bar == pytest.approx(chance + 0.2 * (1 - chance))
    assert found["class in F_n", "train"].value < 0.45
    assert alive(found["class in F_c", "train"])
    assert found["class in F_c", "train"].value > 0.9


def test_a_half_that_is_only_scaled_says_all():
    found = sorted_into(0.99)
    assert found["class in F_n", "train"].value > 0.9
    assert not alive(found["class in F_n", "train"])


def test_what_masks_leave_to_the_other_half_is_missed_in_the_causal_one():
    found = sorted_into(0.0, **REPLACE)
    assert not alive(found["class in F_c", "train"])
    assert not alive(found["class in F_n", "train"])


@pytest.mark.parametrize(("label", "share"), [(1, 1.0), (0, 0.0)])
def test_of_test_images_it_is_the_answer_of_the_network_that_is_asked_for(label, share):
    net = model("LKGC")
    torch.nn.init.zeros_(net.causal_head.weight)
    with torch.no_grad():
        net.causal_head.bias.copy_(torch.eye(CLASSES)[1])  # the answer is always 1 …
    some = data(associations(2 * COUNT))
    hot = torch.eye(CLASSES)[torch.full((COUNT,), label)]  # … and all that a probe is taught, this
    found = net.readings(Data(some.train, hot, some.evaluation))
    (value,) = (r.value for r in found if (r.name, r.split) == ("class in F_c", "test"))
    assert value == share


def test_masks_that_are_alike_have_no_spread():
    found = sorted_into(0.25)
    assert found["spread, regions", "test"].value == pytest.approx(0, abs=1e-6)
    assert found["mean, tags", "test"].value == pytest.approx(0.25)
    free = read(model("LKGC"))
    assert free["spread, regions", "test"].value > 0.01


def test_sharpening_changes_no_tag_and_another_one_does():
    some = associations(2 * COUNT)
    sharp = some["raw"].clone()
    sharp[:, :, 0] += 0.2  # of the likeliest
    found = read(model("LK"), refined=sharp)
    assert found["tags", "test"].value == 0
    assert not alive(found["tags", "test"])
    other = some["raw"].clone()
    other[COUNT : COUNT + COUNT // 2, 0, 1] += 1.0  # of one region of half the test images
    found = read(model("LK"), refined=other)
    assert found["tags", "test"].value == pytest.approx(1 / (2 * J))
    assert found["tags", "train"].value == 0
    assert alive(found["tags", "test"])
    assert found["order", "train"].value == 0
    assert 0 < found["order", "test"].value <= 0.5


def test_without_edges_nothing_changes_by_them():
    found = read(model("LG"))
    assert found["by edges", "test"].value > 0.01
    apart = associations(2 * COUNT)["tags"]
    net = model("LG")
    net._graph = lambda inputs, of=net._graph: _bare(of(inputs))  # type: ignore[method-assign]
    assert read(net, tags=apart)["by edges", "test"].value == 0


def _bare(graph: Any) -> Any:
    return type(graph)(graph.tags, graph.scores, 0 * graph.adjacency, graph.mask)


def decisions(answer: int, **fusion: float) -> float:
    certain = torch.eye(CLASSES)[torch.full((2 * COUNT,), answer)]
    return read(model(fusion=fusion), beliefs=certain)["decisions", "test"].value


def test_decisions_count_where_the_exemplars_overrule():
    assert decisions(0, enhanced=1.0, knowledge=0.0) == 0
    changed = [decisions(answer, enhanced=0.0, knowledge=1.0) for answer in range(CLASSES)]
    assert sum(changed) == pytest.approx(CLASSES - 1)  # each image has one answer of its own
