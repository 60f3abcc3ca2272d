"""Fitting C2SRT and its ablations."""

from dataclasses import replace

import pytest
import torch

from pipeline_lib.errors import InputError
from pipeline_lib.methods.c2srt.fit import fit
from pipeline_lib.training.data import Data
from pipeline_lib.training.fitted import Fitted
from tests.methods.toy import run
from tests.methods.toy_open import ROWS, assert_unseen_labels_train_nothing, c2srt, on
from tests.methods.toy_towers import DIMS, LABELS, UNSEEN, data, knowledge, towers

IMAGES = 12


def fitted(
    row: str = "all", *, seed: int = 0, some: Data | None = None, known=None, **changes
) -> Fitted:
    settings = c2srt(**changes | ROWS[row])
    arrays = knowledge(towers()) if known is None else known
    return fit(some or data(IMAGES), arrays, towers(), settings, seed=seed, run=run())


def on_training_images(some: Data) -> Data:
    return replace(some, evaluation={"test": some.train})


@pytest.mark.parametrize("row", ROWS)
def test_every_row_of_table_3_is_fitted_and_scored(row):
    found = fitted(row)
    assert found.logits["test"].shape == (IMAGES, LABELS)
    assert found.zsl["test"].shape == (IMAGES, len(UNSEEN))
    assert found.features["test"].shape == (IMAGES, DIMS)
    assert torch.isfinite(found.logits["test"]).all()
    assert any(name.startswith("student.") for name in found.state)
    assert any(name.startswith("head.transfer.") for name in found.state) == on(row, "ist")
    assert found.leaks == []


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("output", ["shortcut", "paper"])
def test_every_row_learns_a_tiny_set(row, output):
    some = data(6)
    found = fitted(
        row,
        some=on_training_images(some),
        recipe={"epochs": 60},
        distillation=0.0,
        student={"trained_blocks": 3},
        ist={"output": output},
    )
    seen = [label for label in range(LABELS) if label not in UNSEEN]
    scores, truth = found.logits["test"][:, seen], some.targets[:, seen].bool()
    above = [s[t].min() > s[~t].max() for s, t in zip(scores, truth, strict=True)]
    assert all(above)
    assert found.history[-1]["labels"] < 0.2 * found.history[0]["labels"]


def test_distillation_holds_the_student_near_the_teacher():
    free, held = (
        fitted("dist", recipe={"epochs": 15}, distillation=weight) for weight in (0.0, 100.0)
    )
    untrained = towers().eval()
    with torch.no_grad():
        images = data(IMAGES).evaluation["test"].batch(torch.arange(IMAGES))
        before = untrained.visual(images).pooled.float()
    moved = [(found.features["test"] - before).abs().mean() for found in (free, held)]
    assert moved[1] < moved[0] / 2
    assert "distillation" in held.history[0]
    assert "distillation" not in free.history[0]


@pytest.mark.parametrize("mode", ["ensemble", "simple", "tuning"])
def test_unseen_labels_train_nothing(mode):
    prompts = {"name": mode} | ({"epochs": 1, "lr": 0.001} if mode == "tuning" else {})
    assert_unseen_labels_train_nothing(lambda known: fitted(known=known, prompts=prompts))


def test_dropout_and_small_chunks_train_too():
    found = fitted(recipe={"epochs": 2}, ist={"dropout": 0.3, "chunk": 2})
    assert torch.isfinite(found.logits["test"]).all()


def test_the_relation_says_whose_lists_of_neighbours_are_heard():
    """Table 4."""
    known = knowledge(towers())
    known["neighbours.random"] = known["neighbours"].flip(0).contiguous()
    merged, other = (fitted(known=known, ist={"relation": r}) for r in ("merged", "random"))
    assert not torch.equal(
        merged.state["head.transfer.enter.weight"], other.state["head.transfer.enter.weight"]
    )
    with pytest.raises(InputError, match="the relation 'llm' was not mined"):
        fitted(known=known, ist={"relation": "llm"})


def test_what_figures_show_comes_with_the_scores():
    extras = fitted().extras
    assert extras["attention"].shape == (LABELS, 3)
    assert extras["chosen"].shape == extras["similarity"].shape
    assert torch.equal(extras["chosen"].sum(2), extras["counts"])
    assert extras["histogram"].sum() == len(extras["images"]) * LABELS
