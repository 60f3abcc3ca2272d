"""Two processes under torchrun train what one process trains."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.training.distributed import SAMPLES, Counting, Linear, fitted, uneven


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where two processes wrote what came out."""
    folder = tmp_path_factory.mktemp("distributed")
    here = Path(__file__)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    subprocess.run(
        [*command, "--nproc-per-node", "2", str(here.with_name("distributed.py")), str(folder)],
        env=os.environ | {"PYTHONPATH": str(here.parents[2]), "OMP_NUM_THREADS": "1"},
        check=True,
        timeout=120,
        capture_output=True,
    )
    return folder


def test_two_processes_give_the_weights_and_losses_of_one(folder):
    task, history = fitted(None)
    first, second = (dict(np.load(folder / f"{rank}.npz")) for rank in (0, 1))
    for name, value in task.named_parameters():
        np.testing.assert_allclose(first[name], value.detach().numpy(), rtol=1e-5, atol=1e-7)
    for name, value in first.items():
        np.testing.assert_array_equal(second[name], value)
    found = json.loads(first["history"].tobytes())
    for name in ("loss", "size", "lr", "images_encoded"):  # the means are those of both shares
        assert [epoch[name] for epoch in found] == pytest.approx([epoch[name] for epoch in history])


@pytest.mark.parametrize("kind", [Linear, Counting])
def test_unequal_shares_and_squared_means_give_what_one_process_gives(folder, kind):
    expected = uneven(kind)
    history = json.loads(expected["history"].tobytes())
    for rank in (0, 1):
        found = dict(np.load(folder / f"{kind.__name__}-{rank}.npz"))
        for name in ("net.weight", "net.bias"):
            np.testing.assert_allclose(found[name], expected[name], rtol=1e-5, atol=1e-7)
        losses = [epoch["loss"] for epoch in json.loads(found["history"].tobytes())]
        assert losses == pytest.approx([epoch["loss"] for epoch in history])


def test_what_each_process_encodes_is_added_up(folder):
    """Shares make one batch; a refresh is made by each process, and costs as often."""
    for rank in (0, 1):
        counts = np.load(folder / f"encoded-{rank}.npy").tolist()
        assert counts == [(SAMPLES + 2 * SAMPLES) * epochs for epochs in (1, 2, 3)]


def test_one_process_keeps_the_checkpoint(folder):
    assert [path.name for path in (folder / "checkpoints").iterdir()] == ["000002.npz"]


def test_no_process_gets_a_single_sample(folder):
    # 19 samples in batches of 8: the last 3 would leave one of two processes a single sample
    shares = [np.load(folder / f"shares-{rank}.npy").tolist() for rank in (0, 1)]
    assert shares == [[4, 6], [4, 5]]
