"""Fitting SigRL, its ablations, and its losses for single positive labels."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from pipeline_lib.errors import InputError
from pipeline_lib.methods.sigrl.fit import build, fit
from pipeline_lib.progress import silent
from pipeline_lib.training.checkpoints import Checkpoints
from pipeline_lib.training.data import Data, Pictures
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.loop import Run
from pipeline_lib.training.network import built
from tests.families.open_vocabulary.toy_labels import NAMES, learned, section
from tests.methods.toy import run
from tests.methods.toy_sigrl import ROWS, sigrl
from tests.methods.toy_towers import DIMS, LABELS, PATCHES, UNSEEN, data, knowledge, towers

SPML = {name: section(name, scale=learned(shift=-3.0)) for name in NAMES[1:]}
SPML |= {"ranking": section("ranking"), "em_apl": SPML["em_apl"] | {"warmup_epochs": 1}}


def fitted(
    row: str = "all",
    *,
    seed: int = 0,
    some: Data[Tensor] | None = None,
    known: dict[str, Tensor] | None = None,
    kept: Run | None = None,
    **changes: Any,
) -> Fitted:
    model = towers()
    settings = sigrl(**changes | ROWS[row])
    told = knowledge(model) if known is None else known
    return fit(some or data(), told, model, settings, seed=seed, run=kept or run())


def single() -> Data[Tensor]:
    """One known label per image, and all of them for an oracle."""
    full = data()
    first = F.one_hot(full.targets.argmax(1), LABELS).float()
    return replace(full, targets=first, oracle=full.targets)


@pytest.mark.parametrize("row", ROWS)
def test_every_row_of_table_4_is_fitted_and_scored(row):
    found = fitted(row)
    assert found.logits["test"].shape == (12, LABELS)
    assert found.zsl["test"].shape == (12, len(UNSEEN))
    assert torch.isfinite(found.logits["test"]).all()
    assert found.leaks == []
    assert found.extras["similarity"].shape[2] == PATCHES
    names = {name.split(".")[1] for name in found.state if name.startswith("head.")}
    assert names == {"correlation", "decoupling", "reconstruction"} - ROWS[row].keys()


def test_the_placebo_of_rewriting_takes_no_neighbour_of_a_sorted_file():
    """Every image comes twice in a row: of the one before it, each second one would get its own."""
    some, model = data(), towers()
    pairs = Pictures([row for row in some.train.rows for _ in "ab"], some.train.fetch)

    def scores(placebo: str) -> Tensor:
        settings = sigrl(reconstruction={"placebo": placebo})
        torch.manual_seed(0)
        return built(build, some, knowledge(model), towers(), settings).score(pairs).logits

    assert torch.isclose(scores("none"), scores("another")).all(1).double().mean() < 0.25


@pytest.mark.parametrize("row", ROWS)
def test_every_row_learns_a_tiny_set(row):
    """Also the row without weights of its own: the student is trained."""
    some = data()
    tiny = replace(some, evaluation={"test": some.train})
    recipe = {"epochs": 60, "lr": 0.01, "batch_size": 12}
    before, after = (
        wrongly_ordered(fitted(row, some=tiny, recipe=recipe | {"epochs": epochs}), some)
        for epochs in (1, 60)
    )
    assert before > 0.2
    assert after < 0.02


def wrongly_ordered(found: Fitted, some: Data[Tensor]) -> float:
    """Share of pairs of a carried and another seen label that are in the wrong order."""
    seen = [i for i in range(LABELS) if i not in UNSEEN]
    scores, targets = found.logits["test"][:, seen], some.targets[:, seen] > 0
    wrong = scores[:, :, None] <= scores[:, None, :]
    return wrong[targets[:, :, None] & ~targets[:, None, :]].float().mean().item()


@pytest.mark.parametrize("row", ROWS)
def test_unseen_labels_do_not_touch_what_is_trained(row):
    known = knowledge(towers())
    swapped = {name: value.clone() for name, value in known.items()}
    for name in ("embeddings", "simple", "tokens", "places", "neighbours"):
        swapped[name][list(UNSEEN)] = known[name][list(reversed(UNSEEN))]
    changes = {"recipe": {"epochs": 2}}
    plain, other = (fitted(row, known=k, **changes) for k in (known, swapped))
    for name, value in plain.state.items():
        assert torch.equal(other.state[name], value), name
    torch.testing.assert_close(other.zsl["test"], plain.zsl["test"].flip(1))


def test_labels_that_are_not_asked_for_do_not_change_zero_shot_scores():
    """ZSL's graph is over the unseen labels alone; GZSL's over all."""
    known = knowledge(towers())
    other = {name: value.clone() for name, value in known.items()}
    other["embeddings"][0] = F.normalize(torch.ones(DIMS), dim=0)  # a seen label
    untrained = {
        "student": {"trained_blocks": 0},
        "recipe": {"lr": 1e-12, "weight_decay": 0.0, "epochs": 1},
    }
    plain, changed = (fitted("all", known=k, **untrained) for k in (known, other))
    torch.testing.assert_close(changed.zsl["test"], plain.zsl["test"], atol=1e-6, rtol=1e-5)
    unseen = list(UNSEEN)
    assert not torch.allclose(changed.logits["test"][:, unseen], plain.logits["test"][:, unseen])


def test_its_scores_of_the_model_as_it_is_are_a_control_that_trains_nothing():
    frozen = {"student": {"trained_blocks": 0}, "distillation": 0.0}
    found = fitted("none", **frozen)
    assert [(record["epoch"], record["lr"]) for record in found.history] == [(0.0, 0.0)]
    assert found.history[0]["images_encoded"] == len(data().train)
    assert found.state == {}
    longer = fitted("none", recipe={"epochs": 5}, **frozen)
    torch.testing.assert_close(longer.logits["test"], found.logits["test"], rtol=0, atol=0)
    trained = fitted("none")
    assert not torch.allclose(trained.logits["test"], found.logits["test"])


@pytest.mark.parametrize("name", NAMES)
def test_every_loss_trains_it_and_only_the_oracle_leaks(name):
    found = fitted(some=single(), loss=SPML[name], recipe={"epochs": 3, "lr": 0.003})
    assert torch.isfinite(found.logits["test"]).all()
    leaks = ["loss iun: the true negatives of the training images"]
    assert found.leaks == (leaks if name == "iun" else [])
    assert not any(key.startswith("loss.") for key in found.state)


def test_the_oracle_loss_needs_labels_from_before_the_reduction():
    with pytest.raises(InputError, match=r"`loss.name` is iun.*dataset\.single_positive\.enabled"):
        fitted(loss=SPML["iun"])


@pytest.mark.parametrize("name", ["role", "em_apl"])
def test_a_stopped_run_ends_with_the_same_weights(tmp_path, name):
    changes: dict[str, Any] = {
        "some": single(),
        "loss": SPML[name],
        "recipe": {"epochs": 4},
        "correlation": {"dropout": 0.3},
    }
    whole = fitted(**changes)
    with pytest.raises(KeyboardInterrupt):
        fitted(kept=interrupted(tmp_path, steps=7), **changes)
    again = fitted(kept=replace(run(), checkpoints=Checkpoints(tmp_path)), **changes)
    assert again.history == whole.history
    for key, value in whole.state.items():
        assert torch.equal(again.state[key], value), key
    assert torch.equal(again.logits["test"], whole.logits["test"])


def interrupted(folder: Path, *, steps: int) -> Run:
    def stopping(items: Any, *, label: str, total: int) -> Any:
        for number, item in enumerate(silent(items, label=label, total=total)):
            if number == steps:  # of 2 an epoch
                raise KeyboardInterrupt
            yield item

    return replace(run(), track=stopping, checkpoints=Checkpoints(folder))


def test_a_run_says_what_its_modules_pass_on_in_training_and_at_test():
    found = fitted()
    modules = {r.module for r in found.liveness}
    assert modules >= {"correlation", "decoupling", "reconstruction"}
    for module in ("correlation", "decoupling", "reconstruction"):
        assert {r.split for r in found.liveness if r.module == module} == {"train", "test"}
