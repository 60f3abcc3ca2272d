"""Every row of the paper's Tables 3, 4 and 5 is a setting, and trains."""

import math
from typing import Any

import pytest
import torch

from pipeline_lib.methods.base.fit import fit as fit_base
from pipeline_lib.methods.csrms.fit import fit
from pipeline_lib.training.fitted import Fitted
from tests.methods.toy import (
    CSRMS,
    CURRICULA,
    SMOOTHINGS,
    TRAIN,
    base,
    csrms,
    data,
    encoder,
    knowledge,
    merged,
    run,
)

BASE = {
    "smoothing": SMOOTHINGS["none"],
    "alignment": "none",
    "weights": {"backbone": 0.0, "positives": 0.0, "nega": 0.0, "inter": 0.0},
    "curriculum": CURRICULA["none"],
}
D_G = merged(BASE, {"smoothing": SMOOTHINGS["gcn"], "weights": {"positives": 0.3}})
D_G_S = merged(D_G, {"weights": {"nega": 0.3}})
D_G_S_C = merged(D_G_S, {"curriculum": CURRICULA["linear"]})
D_G_S_C_A = merged(D_G_S_C, {"alignment": CSRMS["alignment"], "weights": {"backbone": 0.3}})
D_G_S_C_A_IC = merged(D_G_S_C_A, {"weights": {"inter": 0.3}})
TABLE_3 = {
    "Base": BASE,
    "+CS(D)+G": D_G,
    "+CS(D)+G+CS(S)": D_G_S,
    "+CS(D)+G+CS(S)+CS(C)": D_G_S_C,
    "+CS(D)+G+CS(S)+CS(C)+A": D_G_S_C_A,
    "+CS(D)+G+CS(S)+CS(C)+A+IC": D_G_S_C_A_IC,
}
TABLE_4 = {
    "Base": (BASE, {}),
    "Random-posi": (D_G, {"positives": "random"}),
    "OC-posi": (D_G, {"positives": "other_cluster"}),
    "DC-posi": (D_G, {"positives": "dominant"}),
    "Random-nega": (D_G_S, {"negatives": "random"}),
    "OC-nega": (D_G_S, {"negatives": "other_cluster"}),
    "SC-nega": (D_G_S, {"negatives": "similar_cluster"}),
    "Eq. 6": (D_G_S, {"negatives": "nearest_dominated"}),
}
TABLE_5 = {
    "Base": BASE,
    "JS-loss": merged(BASE, {"smoothing": SMOOTHINGS["js_loss"]}),
    "GNN": merged(D_G, {"smoothing": SMOOTHINGS["gnn"]}),
    "Tail-GNN": merged(D_G, {"smoothing": SMOOTHINGS["tail_gnn"]}),
    "GCN": D_G,
}
BANK = {
    "all": {"lists": "bank"},
    "negatives alone": merged(BASE, {"lists": "bank", "weights": {"nega": 0.3}}),
    "JS-loss": merged(BASE, {"lists": "bank", "smoothing": SMOOTHINGS["js_loss"]}),
    "text": {"lists": "bank", "classify": "paper"},
}
LITERAL = {
    "all of the paper": {
        "classify": "paper",
        "supervise": "anchors",
        "sign": "paper",
        "alignment": {"prototype": "label"},
        "neighbours": "self",
        "refresh_epochs": 0,
    },
    "classify": {"classify": "paper"},
    "sign": {"sign": "paper"},
    "star": {"smoothing": {"topology": {"name": "star"}}},
    "self": {"neighbours": "self"},
    "refresh": {"refresh_epochs": 3},
}


def trained(
    settings: dict[str, Any], *, multi: bool = False, relations: dict[str, Any] | None = None
) -> Fitted:
    arrays = knowledge(multi=multi, **(relations or {}))
    found = fit(data(multi=multi), arrays, encoder(), csrms(**settings), seed=0, run=run())
    (epoch,) = found.history
    assert all(math.isfinite(value) for value in epoch.values())
    assert torch.isfinite(found.logits["test"]).all()
    start = encoder().state_dict()
    assert not torch.equal(found.state["encoder.net.0.weight"], start["net.0.weight"])
    return found


def all_differ(found: list[Fitted]) -> bool:
    scores = [one.logits["test"] for one in found]
    return not any(torch.equal(a, b) for i, a in enumerate(scores) for b in scores[:i])


@pytest.mark.parametrize("multi", [False, True])
def test_every_row_of_table_3_trains_and_differs(multi):
    assert all_differ([trained(row, multi=multi) for row in TABLE_3.values()])


@pytest.mark.parametrize("multi", [False, True])
def test_every_row_of_table_4_trains_and_differs(multi):
    rows = [trained(row, multi=multi, relations=r) for row, r in TABLE_4.values()]
    assert all_differ(rows)


@pytest.mark.parametrize("multi", [False, True])
def test_every_row_of_table_5_trains_and_differs(multi):
    assert all_differ([trained(row, multi=multi) for row in TABLE_5.values()])


@pytest.mark.parametrize("multi", [False, True])
def test_every_literal_reading_trains_and_differs(multi):
    assert all_differ([trained(row, multi=multi) for row in LITERAL.values()])


@pytest.mark.parametrize("multi", [False, True])
def test_every_term_trains_with_lists_from_the_bank(multi):
    found = [trained(row, multi=multi) for row in BANK.values()]
    assert all_differ(found)
    assert {one.history[0]["images_encoded"] for one in found} == {TRAIN}


def test_rows_without_a_term_do_not_compute_it():
    terms = {name: set(trained(row).history[0]) for name, row in (TABLE_3 | TABLE_5).items()}
    always = {"epoch", "lr", "images_encoded", "loss", "final", "backbone"}
    assert terms["Base"] == always
    assert terms["+CS(D)+G"] == terms["GNN"] == always | {"positives"}
    assert terms["+CS(D)+G+CS(S)"] == always | {"positives", "nega"}
    assert terms["+CS(D)+G+CS(S)+CS(C)+A+IC"] == always | {"positives", "nega", "inter"}
    assert terms["JS-loss"] == always | {"js"}


def test_the_row_base_encodes_as_many_images_and_loses_as_much_as_the_method_base():
    found = trained(BASE)
    expected = fit_base(data(), {}, encoder(), base(), seed=0, run=run())
    assert found.history[0]["images_encoded"] == expected.history[0]["images_encoded"]
    # the two start from different classifiers, so that they are alike and not equal
    assert found.history[0]["loss"] == pytest.approx(expected.history[0]["loss"], rel=0.1)
