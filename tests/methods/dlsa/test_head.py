"""DLSA from feature maps to logits, and every row of its Table 2."""

import pytest
import torch

from pipeline_lib.errors import InputError
from pipeline_lib.families.dense_head.decoupling import sigmoid_attention
from pipeline_lib.families.dense_head.label_graph import (
    LabelGraph,
    reweighted,
    row_normalised,
    rows_to_one,
)
from pipeline_lib.methods.dlsa.head import DlsaHead, relations_of
from pipeline_lib.nn.placebo import lot
from tests.methods.toy_maps import DIMS, LABELS, ROWS, dlsa, graph, maps, permuted


def head_of(row: str = "all", some: LabelGraph | None = None, **changes: object) -> DlsaHead:
    torch.manual_seed(0)
    return DlsaHead(DIMS, some or graph(), dlsa(**changes | ROWS[row]))


def test_without_modules_it_is_a_linear_classifier_of_pooled_features():
    head, linear = head_of("none"), torch.nn.Linear(DIMS, LABELS)
    linear.load_state_dict(head.classifier.state_dict())
    logits, features = head(maps())
    torch.testing.assert_close(features, maps().mean((2, 3)))
    torch.testing.assert_close(logits, linear(maps().mean((2, 3))))
    assert {name for name, _ in head.named_parameters()} == {
        "classifier.weight",
        "classifier.bias",
    }


def test_with_the_prior_alone_label_vectors_are_the_classifiers():
    head = head_of("prior")
    torch.nn.init.normal_(head.bias)
    logits, pooled = head(maps())
    vectors = head.labels()
    for b in range(3):
        for c in range(LABELS):
            torch.testing.assert_close(logits[b, c], pooled[b] @ vectors[c] + head.bias[c])


def test_with_decoupling_every_label_scores_its_own_vector():
    head = head_of("both")
    vectors = head.vectors(maps())
    logits, mean = head(maps())
    torch.testing.assert_close(mean, vectors.mean(1))
    weight, bias = head.classifier.weight, head.classifier.bias
    torch.testing.assert_close(logits, (vectors * weight).sum(2) + bias)


def test_decoupling_alone_guides_by_words_that_know_no_graph():
    alone, informed = head_of("decoupling"), head_of("both")
    informed.load_state_dict(alone.state_dict() | {"labels.relations": informed.labels.relations})
    assert torch.equal(alone.labels.relations[0], torch.eye(LABELS))
    assert not torch.equal(alone(maps())[0], informed(maps())[0])
    informed.labels.relations = torch.eye(LABELS)[None]
    torch.testing.assert_close(alone(maps())[0], informed(maps())[0])


def test_the_literal_head_averages_labels_before_one_classifier():
    head = head_of("both", decoupling={"head": "mean_fc"})
    logits, _ = head(maps())
    linear = head.classifier
    expected = head.vectors(maps()).mean(1) @ linear.weight.T + linear.bias
    torch.testing.assert_close(logits, expected)


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("width", [0, 4])
@pytest.mark.parametrize("exclusion", [False, True])
def test_gradients_reach_every_parameter(row, width, exclusion):
    head = head_of(row, labels={"width": width}, prior={"exclusion": exclusion})
    head(maps())[0].square().sum().backward()
    for name, parameter in head.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("row", ROWS)
def test_a_permutation_of_the_labels_permutes_the_logits(row):
    order = torch.tensor([2, 0, 4, 1, 3])
    head, mixed = head_of(row), head_of(row, permuted(graph(), order))
    state = head.state_dict() | {
        name: value for name, value in mixed.state_dict().items() if name.startswith("labels.r")
    }
    for name in ("classifier.weight", "classifier.bias", "bias", "labels.embeddings"):
        if name in state:
            state[name] = head.state_dict()[name][order]
    mixed.load_state_dict(state)
    torch.testing.assert_close(mixed(maps())[0], head(maps())[0][:, order])


PLACEBOS: dict[str, dict[str, str]] = {
    "prior": {"placebo": "lot"},
    "decoupling": {"placebo": "mean"},
    "reasoning": {"placebo": "layers"},
}


@pytest.mark.parametrize("module", PLACEBOS)
def test_a_placebo_has_all_weights_and_gradients_reach_them(module):
    head, whole = head_of(**{module: PLACEBOS[module]}), head_of()
    head(maps())[0].square().sum().backward()
    for name, parameter in head.named_parameters():
        assert parameter.grad.abs().sum() > 0, name
    counts = [sum(p.numel() for p in one.parameters()) for one in (head, whole)]
    assert counts[0] == counts[1]


def test_with_the_mean_attention_all_labels_pool_one_vector():
    head, whole = head_of("both", decoupling={"placebo": "mean"}), head_of("both")
    some = maps()
    attention = sigmoid_attention(some, whole.labels(), normalise=True).mean(1)  # (3, h, w)
    expected = torch.einsum("bhw,bdhw->bd", attention, some)
    for label in range(LABELS):
        torch.testing.assert_close(head.vectors(some)[:, label], expected)


def test_the_prior_of_other_labels_is_the_same_graph_elsewhere():
    some = graph()
    own = relations_of(some, dlsa(prior={"exclusion": True}).prior)
    moved = relations_of(some, dlsa(prior={"exclusion": True, "placebo": "lot"}).prior)
    order = lot(LABELS)
    for one, other in zip(own, moved, strict=True):
        for i in range(LABELS):
            for j in range(LABELS):
                assert other[i, j].item() == pytest.approx(one[order[i], order[j]].item())
    assert not torch.equal(own, moved)


def test_an_exclusion_that_no_label_has_is_refused():
    some = graph()
    positive = LabelGraph(some.adjacency, torch.zeros_like(some.exclusion), some.embeddings)
    with pytest.raises(InputError, match=r"`prior\.exclusion` is true, and .* set `category_gr"):
        relations_of(positive, dlsa(prior={"exclusion": True}).prior)


def test_the_printed_graph_has_its_activation_after_both_layers():
    linear, printed = head_of("both"), head_of("both", labels={"output": "paper"})
    expected = torch.where(linear.labels() > 0, linear.labels(), 0.2 * linear.labels())
    torch.testing.assert_close(printed.labels(), expected)


def test_images_of_a_batch_do_not_mix():
    head, some = head_of("all"), maps()
    torch.testing.assert_close(head(some)[0][:2], head(some[:2])[0])


def test_relations_are_those_that_the_settings_name():
    some = graph()
    plain, both = dlsa().prior, dlsa(prior={"exclusion": True}).prior
    thresholded = dlsa(prior={"reweight": {"tau": 0.5, "p": 0.3}}).prior
    torch.testing.assert_close(relations_of(some, plain), row_normalised(some.adjacency)[None])
    torch.testing.assert_close(
        relations_of(some, thresholded),
        reweighted(some.adjacency, tau=0.5, p=0.3)[None],
    )
    torch.testing.assert_close(relations_of(some, both)[1], rows_to_one(some.exclusion))
    assert torch.equal(relations_of(some, None), torch.eye(LABELS)[None])


def test_a_sum_grows_with_the_map_and_a_mean_does_not():
    some = maps(4)
    doubled = torch.cat([some, some], 3)
    for normalise, factor in (("attention", 1), ("none", 2)):
        head = head_of("both", decoupling={"normalise": normalise})
        torch.testing.assert_close(head.vectors(doubled), factor * head.vectors(some))
