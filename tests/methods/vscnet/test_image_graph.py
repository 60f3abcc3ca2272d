"""The heterogeneous graph of an image, Eqs. 8-9."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from pipeline_lib.methods.vscnet.image_graph import Associations, Graph, build, likeliest
from tests.methods.vscnet.toy import TAGS, J, associations

# three regions; 0 and 1 name tag 5 first, 0 and 2 match prototype 8, which is of tag 2
BY_HAND = Associations(
    matched=torch.tensor([[8, -1, 8]]),
    prototype_tag=torch.tensor([[2, -1, 2]]),
    tags=torch.tensor([[[5, 1, 2], [5, 2, 0], [3, 1, 5]]]),
    probabilities=torch.tensor([[[0.6, 0.3, 0.1], [0.5, 0.4, 0.1], [0.7, 0.2, 0.1]]]),
)


def some(count: int = 6, seed: int = 7) -> Associations:
    arrays = associations(count, seed)
    return Associations(
        matched=arrays["matched"].long(),
        prototype_tag=arrays["prototype_tag"].long(),
        tags=arrays["tags"].long(),
        probabilities=arrays["refined"],
    )


def graph(
    found: Associations, *, tag_nodes: int = 4, tags_per_region: int = 2, knowledge: bool = True
) -> Graph:
    return build(
        found,
        tag_count=TAGS,
        tag_nodes=tag_nodes,
        tags_per_region=tags_per_region,
        knowledge=knowledge,
    )


def edges(adjacency: Tensor) -> set[tuple[int, int]]:
    return {(u, v) for u, v in adjacency.nonzero().tolist() if u < v}


def test_a_graph_by_hand():
    found = graph(BY_HAND)
    assert found.tags.tolist() == [[3, 5, 2, 1]]  # nodes 3, 4, 5, 6
    assert found.scores[0].tolist() == pytest.approx([0.7, 0.6, 0.4, 0.3])
    assert found.mask.tolist() == [[True] * 8 + [False] * 2]  # prototype 8 is node 7
    assert edges(found.adjacency[0]) == {
        (0, 1),  # the same likeliest tag
        (0, 4), (0, 6), (1, 4), (1, 5), (2, 3), (2, 6),  # two tags of each region
        (4, 6), (4, 5), (3, 6),  # tags of the same region
        (0, 7), (2, 7),  # their prototype
        (5, 7),  # and its tag
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("tag_nodes", [1, 4, 99])
@pytest.mark.parametrize("tags_per_region", [1, 2, 99])
def test_a_graph_equals_the_text_as_loops(seed, tag_nodes, tags_per_region):
    associated = some(seed=seed)
    found = graph(associated, tag_nodes=tag_nodes, tags_per_region=tags_per_region)
    count = min(tag_nodes, TAGS)
    for image in range(6):
        nodes = found.tags[image].tolist()
        assert len(nodes) == len(set(nodes)) == count
        ranked = [
            sorted(zip(p, t, strict=True), reverse=True)[:tags_per_region]
            for p, t in zip(
                associated.probabilities[image].tolist(), associated.tags[image].tolist(),
                strict=True,
            )
        ]  # fmt: skip
        predicted = [[tag for _, tag in row] for row in ranked]
        matched = associated.matched[image].tolist()
        expected = set()
        for i in range(J):
            expected |= {(i, J + nodes.index(t)) for t in predicted[i] if t in nodes}
            for s in predicted[i]:
                for t in predicted[i]:
                    if s != t and s in nodes and t in nodes:
                        u, v = sorted((nodes.index(s), nodes.index(t)))
                        expected.add((J + u, J + v))
            expected |= {(i, j) for j in range(i + 1, J) if predicted[i][0] == predicted[j][0]}
            if matched[i] >= 0:
                node = J + count + matched.index(matched[i])
                expected.add((i, node))
                tag = int(associated.prototype_tag[image, i])
                if tag in nodes:
                    expected.add((J + nodes.index(tag), node))
        assert edges(found.adjacency[image]) == expected
        first = [m >= 0 and matched.index(m) == i for i, m in enumerate(matched)]
        assert found.mask[image].tolist() == [True] * (J + count) + first


def test_graphs_have_no_direction_and_no_loops():
    adjacency = graph(some(20)).adjacency
    torch.testing.assert_close(adjacency, adjacency.transpose(1, 2))
    assert not adjacency.diagonal(dim1=1, dim2=2).any()
    assert set(adjacency.unique().tolist()) <= {0, 1}


def test_nodes_that_are_not_there_have_no_edges():
    found = graph(some(20))
    assert not found.mask.all()
    assert not found.adjacency[~found.mask].any()


def test_without_knowledge_there_are_no_prototypes():
    whole, found = graph(some()), graph(some(), knowledge=False)
    assert found.adjacency.shape == (6, J + 4, J + 4)
    assert found.mask.all()
    torch.testing.assert_close(found.adjacency, whole.adjacency[:, : J + 4, : J + 4])


def test_regions_may_come_in_any_order():
    associated = some()
    turned = torch.tensor([2, 0, 1])
    other = graph(replace(
        associated,
        **{name: value[:, turned] for name, value in vars(associated).items()},
    ))  # fmt: skip
    found = graph(associated)
    torch.testing.assert_close(other.tags, found.tags)
    head = [*turned.tolist(), *range(J, J + 4)]
    torch.testing.assert_close(
        other.adjacency[:, : J + 4, : J + 4], found.adjacency[:, head][:, :, head]
    )
    assert torch.equal(other.mask.sum(1), found.mask.sum(1))
    assert torch.equal(other.adjacency.sum((1, 2)), found.adjacency.sum((1, 2)))


def test_images_do_not_influence_each_other():
    associated = some()
    for image in range(6):
        one = slice(image, image + 1)
        alone = graph(Associations(**{n: v[one] for n, v in vars(associated).items()}))
        for name, value in vars(graph(associated)).items():
            assert torch.equal(getattr(alone, name), value[one]), name


def test_a_tag_counts_by_the_region_that_shows_it_best():
    nodes, scores = likeliest(BY_HAND.tags, BY_HAND.probabilities, tag_count=TAGS, count=2)
    assert nodes.tolist() == [[3, 5]]
    assert scores[0].tolist() == pytest.approx([0.7, 0.6])
