"""One training step: what is encoded, what is classified, and the sum of the terms."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.methods.csrms.knowledge import Relations
from pipeline_lib.methods.csrms.losses import inter_class_loss, js_loss, negative_loss
from pipeline_lib.methods.csrms.settings import Distance
from pipeline_lib.methods.csrms.task import CsrmsTask
from tests.methods.csrms.steps import ANCHORS, features, task
from tests.methods.toy import CURRICULA, SMOOTHINGS, knowledge


def final_logits(found: CsrmsTask) -> list[Tensor]:
    """What the final classifier gives in one step, in the order of its calls."""
    calls: list[Tensor] = []
    handle = found.model.final.register_forward_hook(lambda _m, _i, out: calls.append(out.detach()))
    found(ANCHORS)
    handle.remove()
    return calls


def cross_entropy(logits: Tensor, targets: Tensor, weights: Tensor, *, multi: bool) -> Tensor:
    if multi:
        losses = F.binary_cross_entropy_with_logits(logits, targets, reduction="none").mean(1)
    else:
        losses = F.cross_entropy(logits, targets.argmax(1), reduction="none")
    return (losses * weights).mean()


@pytest.mark.parametrize("multi", [False, True])
@pytest.mark.parametrize("pace", ["none", "linear", "converged"])
@pytest.mark.parametrize("supervise", ["final", "all", "anchors"])
def test_the_terms_and_their_sum(multi, pace, supervise):
    weights = {"backbone": 0.2, "positives": 0.5, "nega": 0.7, "inter": 1.1}
    found = task(multi=multi, weights=weights, supervise=supervise, curriculum=CURRICULA[pace])
    terms = found(ANCHORS)
    relations, model = found._relations, found.model
    positives, negatives = relations.positives[ANCHORS], relations.negatives[ANCHORS]
    anchors = features(found, ANCHORS)

    def curriculum(positions: Tensor) -> Tensor:
        if pace == "none":
            return torch.ones(len(positions))
        return found.schedule.weights(relations.difficulty[positions])

    def classified(
        positions: Tensor, neighbours: Tensor, head: Any = model
    ) -> tuple[Tensor, Tensor]:
        own = features(found, positions)
        smoothed = head.smooth(own, neighbours)
        aligned = model.align(smoothed, model.belief(model.plain(own)))
        loss = cross_entropy(
            head.final(aligned), found.targets[positions], curriculum(positions), multi=multi
        )
        return aligned, loss

    everybody = torch.cat([ANCHORS, positives.flatten(), negatives.flatten()]).unique()
    plain = ANCHORS if supervise == "anchors" else everybody
    shown = everybody if supervise == "final" else ANCHORS
    aligned, final = classified(shown, model.retrieve(features(found, shown), exclude=shown))
    printed = {"sign": "corrected", "measured": Distance(normalise=True, theta=0.5)}
    expected = {
        "final": final,
        "backbone": cross_entropy(
            model.plain(features(found, plain)),
            found.targets[plain],
            curriculum(plain),
            multi=multi,
        ),
        "positives": classified(ANCHORS, features(found, positives), model.of_positives)[1],
        "nega": negative_loss(anchors, features(found, negatives), **printed),
        "inter": inter_class_loss(aligned, found.targets[shown], **printed),
    }
    expected["loss"] = final + sum(weights[name] * expected[name] for name in weights)
    assert terms.keys() == expected.keys()
    for name, value in expected.items():
        torch.testing.assert_close(terms[name], value, msg=name)


def test_the_js_loss_compares_anchors_with_their_positives():
    found = task(smoothing={"name": "js_loss", "weight": 0.5})
    terms = found(ANCHORS)
    positives = features(found, found._relations.positives[ANCHORS])
    anchors = features(found, ANCHORS)
    expected = js_loss(
        found.model.plain(anchors).softmax(1), found.model.plain(positives).softmax(2)
    )
    torch.testing.assert_close(terms["js"], expected)
    assert "positives" not in terms
    others = terms["final"] + 0.3 * (terms["backbone"] + terms["nega"] + terms["inter"])
    torch.testing.assert_close(terms["loss"], others + 0.5 * expected)


def test_the_sign_of_both_distance_losses_is_a_setting():
    corrected, paper = (task(sign=sign)(ANCHORS) for sign in ("corrected", "paper"))
    for name in ("nega", "inter"):
        assert corrected[name].item() != paper[name].item()
    assert corrected["final"].item() == paper["final"].item()


@pytest.mark.parametrize(("head", "reached"), [("own", False), ("shared", True)])
def test_positives_teach_the_label_free_path_only_where_the_head_is_shared(head, reached):
    found = task(positives={"head": head})
    found(ANCHORS)["positives"].backward()
    for part in (found.model.smoothing, found.model.final):
        pulled = [p.grad is not None and bool(p.grad.any()) for p in part.parameters()]
        assert pulled == [reached] * len(pulled)
    assert any(p.grad.any() for p in found.model.encoder.parameters())  # which they do teach
    if head == "own":
        assert all(p.grad.any() for p in found.model.of_positives.parameters())


@pytest.mark.parametrize("classify", ["symmetric", "paper"])
def test_other_anchors_positives_do_not_change_an_anchors_output(classify):
    arrays, shared = knowledge(), {"classify": classify, "positives": {"head": "shared"}}
    before = final_logits(task(relations=Relations.of(arrays), **shared))
    arrays["positives"] = arrays["positives"].clone()
    arrays["positives"][ANCHORS[1:]] = arrays["positives"][ANCHORS[1:].roll(1)]
    after = final_logits(task(relations=Relations.of(arrays), **shared))
    assert len(before) == {"symmetric": 2, "paper": 1}[classify]
    for one, other in zip(before, after, strict=True):
        torch.testing.assert_close(one[0], other[0])
    assert not torch.allclose(before[-1][1:], after[-1][1:])  # their own outputs do change


def test_symmetric_classification_uses_no_labels_of_the_training_set():
    arrays = knowledge()
    expected = final_logits(task(relations=Relations.of(arrays)))[0]
    arrays["positives"] = arrays["positives"].roll(5, 0)
    found = task(relations=Relations.of(arrays))
    found.targets.copy_(found.targets.roll(1, 1))
    torch.testing.assert_close(final_logits(found)[0], expected)


def test_literal_classification_shows_the_label_to_the_classifier():
    found = task(classify="paper", alignment="none")
    neighbours = features(found, found._relations.positives[ANCHORS])
    expected = found.model.final(found.model.smooth(features(found, ANCHORS), neighbours))
    torch.testing.assert_close(final_logits(found)[0], expected.detach())
    found = task(alignment={"prototype": "label"})
    before = final_logits(found)[0]
    found.targets.copy_(found.targets.roll(1, 1))
    assert not torch.allclose(final_logits(found)[0], before)


def test_label_prototypes_of_several_classes_are_averaged():
    found = task(multi=True, smoothing=SMOOTHINGS["none"], alignment={"prototype": "label"})
    targets = found.targets[ANCHORS]
    anchors = features(found, ANCHORS)
    aligned = found.model.align(anchors, targets / targets.sum(1, keepdim=True))
    torch.testing.assert_close(final_logits(found)[0], found.model.final(aligned).detach())
