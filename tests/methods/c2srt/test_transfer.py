"""Inter-category semantic transfer."""

import pytest
import torch
import torch.nn.functional as F

from pipeline_lib.methods.c2srt.transfer import Transfer
from tests.methods.toy_open import c2srt, labels_of, permuted
from tests.methods.toy_towers import DIMS, LABELS


def transfer_of(**ist) -> Transfer:
    torch.manual_seed(0)
    module = Transfer(DIMS, c2srt(ist=ist).ist).double()
    if ist.get("output") != "paper":  # as after some training
        torch.nn.init.normal_(module.gate)
    return module


@pytest.fixture
def images(rng) -> torch.Tensor:
    return torch.randn(3, LABELS, DIMS, generator=rng, dtype=torch.float64)


@pytest.mark.parametrize("output", ["shortcut", "paper"])
def test_nodes_are_equations_6_and_9_one_layer_after_another(rng, images, output):
    module, labels = transfer_of(output=output), labels_of(rng)
    texts = labels.texts.expand(3, -1, -1)
    nodes = module.enter(torch.cat([images, texts], 2))  # Eq. 6
    assert len(module.layers) == 1
    nodes = F.elu(module.layers[0](nodes, labels.neighbours))
    nodes = module.last(nodes, labels.neighbours)
    expected = module.gate * nodes + images if output == "shortcut" else nodes
    torch.testing.assert_close(module(images, labels.texts, labels.neighbours), expected)


def test_one_view_for_all_labels_is_the_same_view_for_each(rng, images):
    module, labels = transfer_of(), labels_of(rng)
    one = images[:, :1]
    torch.testing.assert_close(
        module(one, labels.texts, labels.neighbours),
        module(one.expand(-1, LABELS, -1), labels.texts, labels.neighbours),
    )


def test_with_the_shortcut_an_untrained_graph_says_nothing(rng, images):
    labels = labels_of(rng)
    untrained = Transfer(DIMS, c2srt().ist).double()
    torch.testing.assert_close(untrained(images, labels.texts, labels.neighbours), images)
    literal = Transfer(DIMS, c2srt(ist={"output": "paper"}).ist).double()
    assert not torch.allclose(literal(images, labels.texts, labels.neighbours), images)


def test_with_the_shortcut_an_untrained_graph_hears_some_labels_more_than_others(rng, images):
    """A layer whose weights start at zero would hear all alike, and learn to only slowly."""
    labels = labels_of(rng)
    untrained = Transfer(DIMS, c2srt().ist).double()
    heard = untrained.attention(images, labels.texts, labels.neighbours)
    assert heard[1].max() > 1.01 * heard[1].min()


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("output", ["shortcut", "paper"])
def test_gradients_reach_every_parameter(rng, images, layers, output):
    module, labels = transfer_of(layers=layers, output=output), labels_of(rng)
    assert len(module.layers) == layers - 1
    module(images, labels.texts, labels.neighbours).square().sum().backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize(("most", "moved"), [(0, [3]), (1, [0, 3]), (2, [0, 2, 3, 4])])
def test_labels_hear_the_first_few_of_their_neighbours_only(rng, images, most, moved):
    """One layer, and label 3 changes: lists name it first for 0, second for 2 and 4."""
    module, labels = transfer_of(layers=1, neighbours=most), labels_of(rng)
    changed = images.clone()
    changed[:, 3] += 1
    before, after = (module(i, labels.texts, labels.neighbours) for i in (images, changed))
    assert (before != after).any(2).any(0).nonzero().flatten().tolist() == moved


def test_the_order_of_labels_does_not_matter(rng, images):
    module, labels = transfer_of(), labels_of(rng)
    order = torch.randperm(LABELS, generator=rng)
    other = permuted(labels, order)
    torch.testing.assert_close(
        module(images[:, order], other.texts, other.neighbours),
        module(images, labels.texts, labels.neighbours)[:, order],
    )


def test_attention_is_the_mean_over_heads_and_images_and_sums_to_1(rng, images):
    module, labels = transfer_of(), labels_of(rng)
    attention = module.attention(images, labels.texts, labels.neighbours)
    states = module.states(images, labels.texts, labels.neighbours)
    every = module.last.attention(states, labels.neighbours)
    assert attention.shape == (LABELS, 3)
    torch.testing.assert_close(attention, sum(every[b, :, 0] for b in range(3)) / 3)
    torch.testing.assert_close(attention.sum(1), torch.ones(LABELS, dtype=torch.float64))
    assert attention[6].tolist() == [1, 0, 0]  # it has no neighbours


def test_a_node_reads_whether_its_label_is_in_the_image(rng, images):
    module, labels = transfer_of(nodes="agreement"), labels_of(rng)
    plain = module.enter(torch.cat([images, labels.texts.expand(3, -1, -1)], 2))
    cosine = torch.cosine_similarity(images, labels.texts.expand_as(images), dim=2)
    nodes = plain + module.agree((cosine * DIMS**0.5)[:, :, None])
    expected = module.last(F.elu(module.layers[0](nodes, labels.neighbours)), labels.neighbours)
    torch.testing.assert_close(module.told(images, labels.texts, labels.neighbours), expected)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_with_the_residual_each_layer_adds_what_it_reads(rng, images, layers):
    module, labels = transfer_of(layers=layers, residual=True), labels_of(rng)
    nodes = module.enter(torch.cat([images, labels.texts.expand(3, -1, -1)], 2))
    for layer, skip in zip(module.layers, module.skips, strict=False):
        nodes = F.elu(layer(nodes, labels.neighbours)) + skip(nodes)
    expected = module.last(nodes, labels.neighbours) + module.skips[-1](nodes)
    torch.testing.assert_close(module.told(images, labels.texts, labels.neighbours), expected)
    module(images, labels.texts, labels.neighbours).square().sum().backward()
    for name, parameter in module.named_parameters():
        assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("placebo", ["mean", "lot"])
def test_a_placebo_hears_nothing_of_its_own(rng, images, placebo):
    labels = labels_of(rng)
    told = transfer_of().told(images, labels.texts, labels.neighbours)
    module = transfer_of(placebo=placebo)
    heard = (module(images, labels.texts, labels.neighbours) - images) / module.gate
    torch.testing.assert_close(heard.mean(1), told.mean(1))
    if placebo == "mean":
        torch.testing.assert_close(heard, told.mean(1, keepdim=True).expand_as(told))
    else:
        assert (heard - told).abs().sum(2).min() > 0
