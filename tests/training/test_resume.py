"""A killed training run goes on and ends with the same bits."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pipeline_lib.training.loop import train
from tests.training.toy import SAMPLES, Toy, outcome, recipe, run

EPOCHS = 5


def same(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
@pytest.mark.parametrize("epoch", range(EPOCHS))
def test_a_run_stopped_before_any_epoch_ends_with_the_same_bits(tmp_path, epoch, optimizer):
    settings = recipe(optimizer=optimizer)
    whole = Toy()
    expected = outcome(whole, train(whole, SAMPLES, settings, seed=3, run=run()))
    with pytest.raises(KeyboardInterrupt):
        train(Toy(stop_after=epoch), SAMPLES, settings, seed=3, run=run(tmp_path))
    torch.manual_seed(epoch + 50)  # whatever state the new process is in
    task = Toy()
    with torch.no_grad():
        for parameter in task.parameters():
            parameter += 1
    if epoch == 0:
        task = Toy()
    history = train(task, SAMPLES, settings, seed=3, run=run(tmp_path))
    assert task.epochs == list(range(epoch, EPOCHS))
    same(outcome(task, history), expected)


def test_a_run_stopped_within_an_epoch_repeats_that_epoch(tmp_path):
    def stopping(items: Any, *, label: str, total: int) -> Iterator[Any]:
        for number, item in enumerate(items):
            if number == 7:  # of 3 steps an epoch
                raise KeyboardInterrupt
            yield item

    whole = Toy()
    expected = outcome(whole, train(whole, SAMPLES, recipe(), seed=3, run=run()))
    with pytest.raises(KeyboardInterrupt):
        train(Toy(), SAMPLES, recipe(), seed=3, run=run(tmp_path, stopping))
    task = Toy()
    history = train(task, SAMPLES, recipe(), seed=3, run=run(tmp_path))
    assert task.epochs == [2, 3, 4]
    same(outcome(task, history), expected)


def test_a_finished_run_is_not_trained_again(tmp_path):
    first = Toy()
    expected = outcome(first, train(first, SAMPLES, recipe(), seed=3, run=run(tmp_path)))
    again = Toy()
    history = train(again, SAMPLES, recipe(), seed=3, run=run(tmp_path))
    assert again.seen == []
    same(outcome(again, history), expected)


def test_progress_of_a_resumed_run_counts_what_is_left(tmp_path):
    totals = []

    def track(items: Any, *, label: str, total: int) -> Iterator[Any]:
        totals.append(total)
        yield from items

    with pytest.raises(KeyboardInterrupt):
        train(Toy(stop_after=2), SAMPLES, recipe(), seed=3, run=run(tmp_path))
    train(Toy(), SAMPLES, recipe(), seed=3, run=run(tmp_path, track))
    assert totals == [9]


@pytest.mark.parametrize("damage", ["truncated", "missing"])
def test_without_a_whole_checkpoint_training_starts_anew(tmp_path, damage):
    whole = Toy()
    expected = outcome(whole, train(whole, SAMPLES, recipe(), seed=3, run=run()))
    with pytest.raises(KeyboardInterrupt):
        train(Toy(stop_after=3), SAMPLES, recipe(), seed=3, run=run(tmp_path))
    (checkpoint,) = tmp_path.iterdir()
    if damage == "truncated":
        checkpoint.write_bytes(checkpoint.read_bytes()[:-100])
    else:
        checkpoint.unlink()
    task = Toy()
    history = train(task, SAMPLES, recipe(), seed=3, run=run(tmp_path))
    assert task.epochs == [0, 1, 2, 3, 4]
    same(outcome(task, history), expected)


def test_a_process_killed_with_signal_9_goes_on(tmp_path, root):
    checkpoints, out = tmp_path / "checkpoints", tmp_path / "out.npz"
    script = [sys.executable, str(Path(__file__).with_name("toy.py")), str(out), str(checkpoints)]
    environment = os.environ | {"PYTHONPATH": str(root)}
    process = subprocess.Popen([*script, "0.5"], env=environment)
    deadline = time.monotonic() + 60
    while not (checkpoints / "000001.npz").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not out.exists()
    subprocess.run(script, env=environment, check=True)
    whole = Toy()
    expected = outcome(whole, train(whole, SAMPLES, recipe(), seed=3, run=run()))
    with np.load(out) as found:
        same(dict(found), expected)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_the_scale_of_the_loss_survives_in_fp16(tmp_path):
    class Loose(Toy):
        """On the GPU, where Toy's points have to be."""

        def __init__(self, *, stop_after: int | None = None) -> None:
            super().__init__(stop_after=stop_after)
            self.x, self.y = self.x.cuda(), self.y.cuda()

    def on_gpu(checkpoints: Path | None) -> Any:
        return run(checkpoints).__class__(**(vars(run(checkpoints)) | {"device": "cuda"}))

    settings = recipe(precision="fp16")
    whole = Loose()
    history = train(whole, SAMPLES, settings, seed=3, run=on_gpu(None))
    with pytest.raises(KeyboardInterrupt):
        train(Loose(stop_after=2), SAMPLES, settings, seed=3, run=on_gpu(tmp_path))
    task = Loose()
    assert train(task, SAMPLES, settings, seed=3, run=on_gpu(tmp_path)) == history
    for name, value in whole.state_dict().items():
        assert torch.equal(task.state_dict()[name], value)
