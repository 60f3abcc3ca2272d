"""Which epoch of a training is kept."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score

from pipeline_lib.errors import InputError
from pipeline_lib.families.open_vocabulary.selection import mean_average_precision
from pipeline_lib.training.loop import train
from tests.families.open_vocabulary.test_fit import fitted
from tests.methods.toy_open import mkt
from tests.methods.toy_towers import LABELS, UNSEEN, data
from tests.training.toy import SAMPLES, Toy, outcome, recipe, run

SEEN = [label for label in range(LABELS) if label not in UNSEEN]


def saying(values: list[float], epochs: list[int]) -> Callable[[], float]:
    """A validation that says these values, epoch by epoch of a task."""
    return lambda: values[epochs[-1]]


def state_after(epochs: int, seed: int = 3) -> dict[str, torch.Tensor]:
    """What training comes to when it is stopped after some of the five epochs."""
    task, kept = Toy(), []
    train(
        task, SAMPLES, recipe(), seed=seed, run=run(),
        validate=lambda: kept.append({n: v.clone() for n, v in task.net.state_dict().items()}) or 0,
    )  # fmt: skip
    return kept[epochs - 1]


def test_the_best_epoch_is_kept_and_the_first_of_equal_ones():
    task = Toy()
    values = [0.1, 0.7, 0.3, 0.7, 0.2]
    validate = saying(values, task.epochs)
    history = train(task, SAMPLES, recipe(), seed=3, run=run(), validate=validate)
    assert [record["val"] for record in history] == values
    for name, value in state_after(2).items():
        assert torch.equal(task.net.state_dict()[name], value)
    assert float(task.images_encoded) == history[-1]["images_encoded"]


def test_without_a_choice_nothing_is_said_of_val():
    assert "val" not in train(Toy(), SAMPLES, recipe(), seed=3, run=run())[0]


@pytest.mark.parametrize("stop", [1, 2, 4])
def test_the_best_epoch_survives_a_kill(tmp_path, stop):
    values = [0.1, 0.7, 0.3, 0.2, 0.1]
    whole = Toy()
    validate = saying(values, whole.epochs)
    history = train(whole, SAMPLES, recipe(), seed=3, run=run(), validate=validate)
    expected = outcome(whole, history)
    first = Toy(stop_after=stop)
    validate = saying(values, first.epochs)
    with pytest.raises(KeyboardInterrupt):
        train(first, SAMPLES, recipe(), seed=3, run=run(tmp_path), validate=validate)
    task = Toy()
    validate = saying(values, task.epochs)
    history = train(task, SAMPLES, recipe(), seed=3, run=run(tmp_path), validate=validate)
    found = outcome(task, history)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)


def test_ap_is_scikit_learns_and_labels_without_a_positive_do_not_count():
    rng = np.random.default_rng(0)
    scores, targets = rng.normal(size=(40, 5)), rng.random((40, 5)) < 0.2
    targets[:, 3] = False
    expected = [average_precision_score(targets[:, j], scores[:, j]) for j in (0, 1, 2, 4)]
    found = mean_average_precision(torch.from_numpy(scores), torch.from_numpy(targets).float())
    assert found == pytest.approx(np.mean(expected))


def with_val():
    """Val images that are the test images of the toy, with labels of their own."""
    some = data()
    val = some.evaluation["test"]
    targets = some.targets.flip(0).contiguous()
    return replace(some, evaluation=some.evaluation | {"val": val}, val_targets=targets)


def test_a_run_keeps_the_epoch_of_the_best_map_of_seen_labels_on_val():
    some, settings = with_val(), {"recipe": {"epochs": 4, "optimizer": {"lr": 0.05}}}
    best = fitted(mkt(select="best", **settings), some)
    value = [record["val"] for record in best.history]
    scores = best.logits["val"][:, SEEN].double()
    found = mean_average_precision(scores, some.val_targets[:, SEEN])
    assert found == pytest.approx(max(value))
    assert best.encoded["choice of the epoch"] == 4 * len(some.evaluation["val"])
    last = fitted(mkt(select="last", **settings), some)
    assert torch.equal(best.logits["val"], last.logits["val"]) == (value.index(max(value)) == 3)


def test_without_val_images_the_remedy_is_named():
    with pytest.raises(InputError, match=r"no val images to choose an epoch on; set `dataset\.val"):
        fitted(mkt(select="best"))


def test_tuned_words_and_a_choice_are_refused_together():
    with pytest.raises(ValueError, match="select is best and prompts are tuned, expected last"):
        mkt(select="best", prompts={"name": "tuning", "epochs": 1, "lr": 0.1})
