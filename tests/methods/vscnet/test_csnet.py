"""CSNet step by step, and what its boxes show."""

import math

import pytest
import torch
from torch import Tensor

from pipeline_lib.methods.vscnet.csnet import SCALE, CSNet, centroids, inside
from tests.methods.vscnet.toy import CLASSES, DIMS, TAGS, J, csnet

FIRST = torch.tensor([[SCALE, 0, 0], [0, SCALE, 0]])


def network(seed: int = 0, *, moved: bool = True, **changes: object) -> CSNet:
    """A network in evaluation; with ``moved`` its boxes are not where they start."""
    torch.manual_seed(seed)
    found = CSNet(csnet(**changes), dims=DIMS, tags=TAGS, classes=CLASSES)
    if moved:
        torch.nn.init.normal_(found.place[2].weight, std=0.1)
        torch.nn.init.normal_(found.start)
    return found.eval()


def maps(rng: torch.Generator, count: int = 4, side: int = 6) -> Tensor:
    return torch.randn(count, DIMS, side, side, generator=rng)


def test_the_first_boxes_are_the_middle_half(rng):
    found = network(moved=False)(maps(rng))
    torch.testing.assert_close(found.theta, FIRST.expand(4, J, 2, 3))
    assert not network(moved=False).start.any()


def test_what_is_found_has_the_shapes_of_the_glossary(rng):
    found = network()(maps(rng))
    assert found.theta.shape == (4, J, 2, 3)
    assert found.pooled.shape == found.states.shape == (4, J, DIMS)
    assert found.tags.shape == (4, J, TAGS)
    assert found.classes.shape == (4, CLASSES)


@pytest.mark.parametrize("look", ["mean", "centroids"])
@pytest.mark.parametrize("tags_from", ["region", "state"])
def test_steps_equal_equations_1_and_2_as_loops(rng, look, tags_from):
    net, some = network(look=look, tags_from=tags_from), maps(rng)
    found = net(some)
    scale = math.sqrt(1 + net.standardise.eps)  # running mean 0, variance 1
    for image in range(4):
        one = some[image] / scale
        whole = one.mean((1, 2))
        seen = whole if look == "mean" else torch.cat([whole, centroids(one[None])[0]])
        state = net.start
        for step in range(J):
            hidden = torch.nn.functional.leaky_relu(net.place[0](torch.cat([seen, state])), 0.01)
            theta = net.place[2](hidden).view(2, 3)
            region = sampled(one, theta, net.settings.cells)
            state = net.update(region[None], state[None])[0]
            torch.testing.assert_close(found.theta[image, step], theta)
            torch.testing.assert_close(found.pooled[image, step], region)
            torch.testing.assert_close(found.states[image, step], state)
            named = net.tags(region if tags_from == "region" else state)
            torch.testing.assert_close(found.tags[image, step], named)
        torch.testing.assert_close(found.classes[image], net.classes(found.pooled[image].mean(0)))


def sampled(one: Tensor, theta: Tensor, cells: int) -> Tensor:
    """GAP of bilinear samples of a map (dims, height, width); cells outside are 0."""
    dims, height, width = one.shape
    total = torch.zeros(dims)
    for i in range(cells):
        for j in range(cells):
            point = torch.tensor([(2 * j + 1) / cells - 1, (2 * i + 1) / cells - 1, 1.0])
            u, v = (theta @ point).tolist()
            x, y = ((u + 1) * width - 1) / 2, ((v + 1) * height - 1) / 2
            left, top = math.floor(x), math.floor(y)
            for column, row in ((a, b) for a in (left, left + 1) for b in (top, top + 1)):
                if 0 <= column < width and 0 <= row < height:
                    share = (1 - abs(x - column)) * (1 - abs(y - row))
                    total += share * one[:, row, column]
    return total / cells**2


def test_the_whole_box_shows_the_map(rng):
    some = maps(rng)
    whole = torch.tensor([[1.0, 0, 0], [0, 1, 0]]).expand(4, 2, 3)
    torch.testing.assert_close(inside(some, whole, 6), some)


def test_a_quarter_shows_a_quarter(rng):
    some = maps(rng)
    corner = torch.tensor([[0.5, 0, 0.5], [0, 0.5, -0.5]]).expand(4, 2, 3)
    torch.testing.assert_close(inside(some, corner, 3), some[:, :, :3, 3:])


def test_outside_the_map_there_is_nothing(rng):
    away = torch.tensor([[0.5, 0, 3.0], [0, 0.5, 0]]).expand(4, 2, 3)
    assert not inside(maps(rng), away, 3).any()


def test_centroids_by_hand():
    # all weight in one cell: channel 0 top left, channel 1 bottom right of 2 × 4
    peaks = torch.full((1, 2, 2, 4), -1e4)
    peaks[0, 0, 0, 0] = peaks[0, 1, 1, 3] = 1e4
    assert centroids(peaks).tolist() == [[-0.75, 0.75, -0.5, 0.5]]  # x of both, then y
    assert centroids(torch.zeros(1, 1, 3, 3)).tolist() == [[0, 0]]


def test_centroids_equal_loops(rng):
    some = torch.randn(2, 3, 4, 5, generator=rng)
    expected = torch.zeros(2, 6)
    for image in range(2):
        for channel in range(3):
            weight = some[image, channel].exp() / some[image, channel].exp().sum()
            for row in range(4):
                for column in range(5):
                    expected[image, channel] += weight[row, column] * ((2 * column + 1) / 5 - 1)
                    expected[image, 3 + channel] += weight[row, column] * ((2 * row + 1) / 4 - 1)
    torch.testing.assert_close(centroids(some), expected)


def test_mirrored_maps_have_mirrored_centroids(rng):
    some = torch.randn(2, 3, 4, 4, generator=rng)
    x, y = centroids(some).split(3, 1)
    torch.testing.assert_close(centroids(some.flip(3)), torch.cat([-x, y], 1))


def test_images_are_looked_at_one_by_one(rng):
    net, some = network(), maps(rng)
    turned = torch.randperm(4, generator=rng)
    whole, other = net(some), net(some[turned])
    for name in ("theta", "pooled", "states", "tags", "classes"):
        torch.testing.assert_close(getattr(other, name), getattr(whole, name)[turned])
        alone = torch.cat([getattr(net(some[i : i + 1]), name) for i in range(4)])
        torch.testing.assert_close(alone, getattr(whole, name))


def test_later_boxes_know_what_earlier_ones_saw(rng):
    theta = network()(maps(rng)).theta
    assert (theta[:, 1:] - theta[:, :-1]).abs().amax((2, 3)).min() > 1e-3


def test_the_scale_of_a_backbone_does_not_matter(rng):
    some = maps(rng)
    one, other = network().train(), network().train()
    torch.testing.assert_close(one(some).theta, other(1000 * some + 5).theta, atol=1e-3, rtol=0)


@pytest.mark.parametrize("tags_from", ["region", "state"])
def test_gradients_reach_every_parameter(rng, tags_from):
    net = network(tags_from=tags_from).train()
    found = net(maps(rng))
    (found.tags.sum() + found.classes.sum()).backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.any(), name


@pytest.mark.parametrize("term", ["tags", "classes"])
def test_boxes_learn_from_tags_and_from_classes(rng, term):
    net = network(moved=False).train()
    getattr(net(maps(rng)), term).square().sum().backward()
    assert net.place[2].weight.grad.any()
    assert net.start.grad is not None


def test_classes_are_told_by_what_the_boxes_show(rng):
    net = network()
    found = net(maps(rng))
    torch.testing.assert_close(found.classes, net.classes(found.pooled.mean(1)))
