"""A fixed lattice of boxes, and CSNet looking through it."""

import pytest
import torch

from pipeline_lib.errors import InputError
from pipeline_lib.methods.vscnet.csnet import CSNet, inside
from pipeline_lib.methods.vscnet.fit import build
from pipeline_lib.methods.vscnet.lattice import lattice
from pipeline_lib.training.data import Data, Pictures
from pipeline_lib.training.network import Problem
from tests.methods.vscnet.toy import associations, csnet, data, knowledge, model, rows, vscnet


def centres(boxes: int, size: tuple[float, float]) -> list[list[float]]:
    return [[round(x, 3) for x in own] for own in lattice(boxes, size)[:, :, 2].tolist()]


def test_five_boxes_are_two_above_three_and_reach_the_borders():
    assert centres(5, (0.4, 0.5)) == [[-0.6, -0.5], [0.6, -0.5], [-0.6, 0.5], [0, 0.5], [0.6, 0.5]]
    found = lattice(5, (0.4, 0.5))
    assert found[:, 0, 0].tolist() == pytest.approx([0.4] * 5)
    assert found[:, 1, 1].tolist() == pytest.approx([0.5] * 5)
    assert not found[:, 0, 1].any()
    assert not found[:, 1, 0].any()


def test_one_box_is_in_the_middle_and_whole_images_stay_inside():
    assert centres(1, (0.3, 0.3)) == [[0, 0]]
    assert not lattice(4, (1.0, 1.0))[:, :, 2].any()


@pytest.mark.parametrize("named", ["region", "state"])
def test_given_boxes_are_looked_at_in_every_image_and_named_by_the_same_head(rng, named):
    net = CSNet(csnet(tags_from=named), dims=5, tags=6, classes=2).eval()
    maps, boxes = torch.randn(4, 5, 6, 6, generator=rng), lattice(3, (0.5, 0.4))
    found = net(maps, boxes)
    assert torch.equal(found.theta, boxes.expand(4, 3, 2, 3))
    standard = net.standardise(maps)
    for step in range(3):
        cut = inside(standard, boxes[step].expand(4, 2, 3), net.settings.cells).mean((2, 3))
        torch.testing.assert_close(found.pooled[:, step], cut)
    shown = found.pooled if named == "region" else found.states
    torch.testing.assert_close(found.tags, net.tags(shown))
    assert not torch.allclose(net(maps).pooled, found.pooled)


def test_its_own_boxes_given_back_change_nothing(rng):
    net = CSNet(csnet(), dims=5, tags=6, classes=2).eval()
    maps = torch.randn(1, 5, 6, 6, generator=rng)
    found = net(maps)
    for name, value in vars(net(maps, found.theta[0])).items():
        torch.testing.assert_close(value, getattr(found, name))


def test_a_run_on_the_lattice_reads_it_in_the_place_of_the_regions():
    some = associations(8)
    fixed, free = model("LG", regions={"boxes": "lattice"}).eval(), model("LG").eval()
    names = {"regions": "lattice", "tags": "lattice_tags", "raw": "lattice_raw"}
    swapped = some | {name: some[other] for name, other in names.items()}
    assert torch.equal(fixed(some).logits, free(swapped).logits)
    assert not torch.allclose(fixed(some).logits, free(some).logits)


def test_a_run_on_the_mean_of_the_regions_does_not_know_one_from_another():
    net, some = model("LG", regions={"boxes": "mean"}).eval(), associations(8)
    found = net(some).logits
    torch.testing.assert_close(net(some | {"regions": some["regions"].flip(1)}).logits, found)
    assert not torch.allclose(net(some | {"regions": some["regions"] + 1}).logits, found)
    assert not torch.allclose(model("LG").eval()(some).logits, found)


def test_tags_alone_are_the_only_nodes():
    net, some = model("L", regions={"nodes": "tags"}).eval(), associations(8)
    assert not any(name.startswith("region.") for name, _ in net.named_parameters())
    found = net(some)
    assert found.graph.mask.sum(1).tolist() == [4] * 8
    assert torch.equal(net(some | {"regions": some["regions"] + 1}).logits, found.logits)
    assert not torch.allclose(net(some | {"raw": some["raw"].flip(2)}).logits, found.logits)


def test_a_run_on_a_lattice_that_was_not_looked_at_is_refused_with_the_way_out():
    some, known = data(), associations()
    bare = {name: value for name, value in known.items() if not name.startswith("lattice")}
    train = Pictures(some.train.rows, lambda wanted: rows(bare, wanted))
    problem = Problem.of(Data(train, some.targets, {}))
    with pytest.raises(InputError, match=r"set `regions\.lattice` to true"):
        build(problem, knowledge(), torch.nn.Identity(), vscnet("L", regions={"boxes": "lattice"}))
