"""L_gf and L_ff of Eqs. 13 and 16, term by term."""

import pytest
import torch

from pipeline_lib.methods.vscnet.causal import class_loss, uniform_loss
from pipeline_lib.methods.vscnet.task import VscnetTask
from pipeline_lib.training.determinism import generator
from tests.methods.vscnet.toy import ROWS, data, model, targets, vscnet

POSITIONS = torch.tensor([3, 10, 1, 20, 7])
CAUSAL = {"loss", "uniform", "causal", "intervened"}
TERMS = {
    "Base": {"loss"},
    "+L": {"loss"},
    "+L+G": {"loss"},
    "+L+K": {"loss"},
    "+L+K+G": {"loss"},
    "+L+K+G+C": CAUSAL,
    "+L+K+G+C+F": CAUSAL | {"fused"},
}


def task(letters: str = "LKGCF", *, multi: bool = False, **changes: object) -> VscnetTask:
    net = model(letters, single_label=not multi, **changes)
    return VscnetTask(net, data(multi=multi), vscnet(letters, **changes), seed=0)


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_the_terms_of_its_parts(row):
    found = task(ROWS[row])
    assert set(found(POSITIONS)) == TERMS[row]
    assert found.images_encoded == len(POSITIONS)


@pytest.mark.parametrize("multi", [False, True])
@pytest.mark.parametrize("loss", ["ce", "l2"])
def test_terms_equal_equations_13_and_16(multi, loss):
    found = task(multi=multi, loss=loss)
    found.begin_epoch(1)
    terms = found(POSITIONS)
    order = torch.randperm(5, generator=generator("intervention", 0, 1))
    assert order.tolist() != list(range(5))
    seen = found.model(data().train.batch(POSITIONS), order)
    hot = targets(multi=multi)
    own = {"kind": loss, "single_label": not multi}
    expected = {
        "uniform": uniform_loss(seen.other, hot.mean(0), single_label=not multi),
        "causal": class_loss(seen.causal, hot[POSITIONS], **own),
        "intervened": class_loss(seen.intervened, hot[POSITIONS], **own),
        "fused": class_loss(seen.trained, hot[POSITIONS], **own),
    }
    for name, value in expected.items():
        torch.testing.assert_close(terms[name], value)
    graph = 0.5 * terms["uniform"] + 1.0 * terms["causal"] + 0.5 * terms["intervened"]
    torch.testing.assert_close(terms["loss"], terms["fused"] + 0.7 * graph)
    # P_k takes no part in training
    assert not torch.equal(seen.trained, seen.logits)


def test_without_fusion_the_loss_is_that_of_the_graph():
    terms = task("LKGC")(POSITIONS)
    graph = 0.5 * terms["uniform"] + 1.0 * terms["causal"] + 0.5 * terms["intervened"]
    torch.testing.assert_close(terms["loss"], graph)


@pytest.mark.parametrize("row", ["Base", "+L", "+L+G", "+L+K", "+L+K+G"])
def test_without_masks_the_loss_is_that_of_the_classes(row):
    found = task(ROWS[row])
    logits = found.model(data().train.batch(POSITIONS)).logits
    expected = torch.nn.functional.cross_entropy(logits, targets()[POSITIONS])
    torch.testing.assert_close(found(POSITIONS)["loss"], expected)


def test_interventions_come_from_the_seed_and_the_epoch():
    def drawn(epoch: int) -> float:
        found = task()
        found.begin_epoch(epoch)
        return found(torch.arange(24))["intervened"].item()

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_labels_are_not_saved_with_the_model():
    assert "targets" not in task().state_dict()
