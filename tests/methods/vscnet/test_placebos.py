"""What stands in the place of what K, G, C and F know."""

import pytest
import torch

from pipeline_lib.methods.registry import METHODS, control_of
from pipeline_lib.methods.vscnet.masks import Masks
from pipeline_lib.methods.vscnet.placebos import EXEMPLARS, edges_by_lot, even, others
from pipeline_lib.methods.vscnet.settings import Placebos
from pipeline_lib.training.data import Pictures
from tests.methods.toy import merged
from tests.methods.vscnet.toy import VSCNET, associations, model, rows

SOME = associations(8)
GRAPH = model("LKG")._graph(SOME)


def test_nothing_is_replaced_without_a_placebo():
    assert all(value is SOME[name] for name, value in others(SOME, Placebos()).items())


def test_exemplars_are_those_of_the_image_before_and_tags_are_raw():
    found = others(SOME, Placebos(knowledge="another"))
    for name in (*EXEMPLARS, "beliefs"):
        assert torch.equal(found[name][1:], SOME[name][:-1])
    assert found["refined"] is SOME["raw"]
    assert all(found[name] is SOME[name] for name in ("regions", "tags", "pooled"))


def test_only_the_beliefs_are_another_images_in_the_placebo_of_fusion():
    found = others(SOME, Placebos(fusion="another"))
    assert torch.equal(found["beliefs"][1:], SOME["beliefs"][:-1])
    assert all(found[name] is SOME[name] for name in SOME if name != "beliefs")


@pytest.mark.parametrize("placebo", [{"knowledge": "another"}, {"fusion": "another"}])
def test_another_image_is_not_the_next_one_of_a_sorted_file(placebo):
    """Every image comes twice in a row: of the one before it, each second one would get its own."""
    net, control = model("LKGCF").eval(), model("LKGCF", placebo=placebo).eval()
    control.load_state_dict(net.state_dict())
    if "knowledge" in placebo:  # tags stay raw: compared with a network that reads them raw too
        net.read = lambda inputs: {**inputs, "refined": inputs["raw"]}
    pairs = Pictures([row for row in range(8) for _ in "ab"], lambda wanted: rows(SOME, wanted))
    own, given = net.score(pictures=pairs).logits, control.score(pairs).logits
    same = torch.isclose(own, given).all(1)
    assert same.double().mean() < 0.25
    single = [control.score(Pictures([row], pairs.fetch)).logits for row in range(8)]
    torch.testing.assert_close(  # an image alone has no other one
        torch.cat(single),
        torch.cat([net.score(Pictures([r], pairs.fetch)).logits for r in range(8)]),
    )


def test_edges_by_lot_are_as_many_between_nodes_that_are_there():
    found = edges_by_lot(GRAPH)
    assert not GRAPH.mask.all()
    assert torch.equal(found.adjacency.sum((1, 2)), GRAPH.adjacency.sum((1, 2)))
    assert torch.equal(found.adjacency, found.adjacency.transpose(1, 2))
    assert not found.adjacency.diagonal(dim1=1, dim2=2).any()
    assert not (found.adjacency.sum(2) > 0)[~GRAPH.mask].any()
    assert not torch.equal(found.adjacency, GRAPH.adjacency)
    assert torch.equal(found.adjacency, edges_by_lot(GRAPH).adjacency)


def test_even_masks_are_the_means_over_what_is_there():
    generator = torch.Generator().manual_seed(0)
    nodes = torch.rand(GRAPH.mask.shape, generator=generator)
    edges = torch.rand(GRAPH.adjacency.shape, generator=generator)
    found = even(Masks(nodes, edges), GRAPH)
    for image in range(8):
        mean = nodes[image][GRAPH.mask[image]].mean()
        torch.testing.assert_close(found.nodes[image], mean.expand_as(found.nodes[image]))
        mean = edges[image][GRAPH.adjacency[image] > 0].mean()
        torch.testing.assert_close(found.edges[image], mean.expand_as(found.edges[image]))


@pytest.mark.parametrize("control", METHODS["vscnet"].controls, ids=lambda c: c.name)
def test_the_catalogue_knows_each_placebo_by_its_settings(control):
    changed = VSCNET
    for key, value in control.settings.items():
        group, name = key.split(".")
        changed = merged(changed, {group: {name: value}})
    assert changed != VSCNET
    assert control_of("vscnet", changed) == control
    assert control_of("vscnet", VSCNET) is None
