"""Fitting every row of Table 3: what comes out, and that it learns."""

import math
from typing import Any

import pytest
import torch

from pipeline_lib.methods.vscnet import fit as module
from pipeline_lib.methods.vscnet import model as model_module
from pipeline_lib.methods.vscnet.fit import fit
from pipeline_lib.training.data import Data
from pipeline_lib.training.fitted import Fitted
from tests.methods.toy import run
from tests.methods.vscnet.toy import (
    CLASSES,
    ROWS,
    TEST,
    TRAIN,
    J,
    data,
    knowledge,
    model,
    vscnet,
)

HARD = {"epochs": 50, "batch_size": TRAIN, "optimizer": "adamw", "lr": 0.03}


def fitted(
    letters: str = "LKGCF",
    *,
    seed: int = 0,
    multi: bool = False,
    some: Data | None = None,
    **changes: Any,
) -> Fitted:
    return fit(
        some or data(multi=multi),
        knowledge(),
        torch.nn.Identity(),
        vscnet(letters, **changes),
        seed=seed,
        run=run(),
    )


@pytest.mark.parametrize("multi", [False, True])
@pytest.mark.parametrize("row", ROWS)
def test_every_row_of_table_3_trains(row, multi):
    found = fitted(ROWS[row], multi=multi)
    (epoch,) = found.history
    assert all(math.isfinite(value) for value in epoch.values())
    assert epoch["images_encoded"] == TRAIN
    assert found.logits["test"].shape == (TEST, CLASSES)
    assert torch.isfinite(found.logits["test"]).all()
    start = model(ROWS[row], single_label=not multi).state_dict()
    changed = [n for n, v in found.state.items() if not torch.equal(v, start[n])]
    assert set(changed) >= {n for n in start if n.endswith("weight")}


def test_all_rows_differ():
    scores = [fitted(letters).logits["test"] for letters in ROWS.values()]
    assert not any(torch.equal(a, b) for i, a in enumerate(scores) for b in scores[:i])


@pytest.mark.parametrize("row", ROWS)
def test_every_row_learns_one_batch_by_heart(row):
    some = data()
    whole = Data(some.train, some.targets, {"train": some.train})
    found = fitted(ROWS[row], some=whole, recipe=HARD)
    loss = "causal" if "C" in ROWS[row] else "loss"
    assert found.history[-1][loss] < found.history[0][loss] / 5
    right = found.logits["train"].argmax(1) == some.targets.argmax(1)
    assert right.float().mean() > 0.95


@pytest.mark.parametrize("row", ["Base", "+L+K+G+C+F"])
def test_many_labels_are_learned_by_heart_too(row):
    some = data(multi=True)
    whole = Data(some.train, some.targets, {"train": some.train})
    found = fitted(ROWS[row], multi=True, some=whole, recipe=HARD)
    ranked = found.logits["train"].argsort(1, descending=True)
    right = some.targets.gather(1, ranked)[:, 0]
    assert right.mean() > 0.95


def test_the_uniform_term_makes_the_head_of_the_non_causal_half_uniform():
    # which does not say that the half knows nothing: test_masks.py asks a probe
    found = fitted("LKGC", recipe=HARD)
    assert found.history[-1]["uniform"] < 0.05
    free = fitted("LKGC", recipe=HARD, weights={"uniform": 0.0})
    assert free.history[-1]["uniform"] > 2 * found.history[-1]["uniform"]


def test_the_non_causal_halves_of_training_images_are_kept_for_equation_12():
    found = fitted("LKGC", masks={"strata": 5})
    assert found.state["strata"].shape[0] == 5
    assert found.state["strata"].any(1).all()


@pytest.mark.parametrize("strata", [0, 5])
def test_the_state_gives_the_scores_again(strata):
    letters = "LKGC" if strata else "LKGCF"
    found = fitted(letters, masks={"strata": strata})
    net = model(letters, seed=9, masks={"strata": strata})
    net.load_state_dict(found.state)
    (batch,) = data().evaluation["test"].batches(TEST)
    with torch.no_grad():
        seen = net.eval()(batch)
    torch.testing.assert_close(seen.logits, found.logits["test"])
    torch.testing.assert_close(seen.features, found.features["test"])


@pytest.mark.parametrize("row", ROWS)
def test_graphs_and_masks_are_kept_for_figures(row):
    letters = ROWS[row]
    found = fitted(letters)
    names = {"images", "tags", "scores", "adjacency", "there"} if letters else set()
    names |= {"nodes", "edges"} if "C" in letters else set()
    assert found.extras.keys() == {f"test/{name}" for name in names}
    if letters:
        count = J + 4 + (J if "K" in letters else 0)
        assert found.extras["test/images"].tolist() == list(range(TEST))
        assert found.extras["test/adjacency"].shape == (TEST, count, count)
        assert found.extras["test/there"].shape == (TEST, count)


def test_of_many_images_those_at_even_steps_are_kept(monkeypatch):
    whole = fitted().extras
    monkeypatch.setattr(module, "EXPLAINED", 4)
    monkeypatch.setattr(model_module, "BATCH", 3)
    found = fitted().extras
    assert found["test/images"].tolist() == [0, 3, 6, 9]
    for name in ("adjacency", "there", "tags"):
        assert torch.equal(found[f"test/{name}"], whole[f"test/{name}"][[0, 3, 6, 9]])
    torch.testing.assert_close(found["test/nodes"], whole["test/nodes"][[0, 3, 6, 9]])
