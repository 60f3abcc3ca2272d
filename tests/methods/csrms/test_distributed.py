"""Two processes under torchrun remember what either encoded."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

from tests.methods.csrms.distributed import POSITIONS
from tests.methods.csrms.steps import features, task


def test_both_processes_keep_the_rows_of_both(tmp_path):
    here = Path(__file__)
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    subprocess.run(
        [*command, "--nproc-per-node", "2", str(here.with_name("distributed.py")), str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(here.parents[3]), "OMP_NUM_THREADS": "1"},
        check=True,
        timeout=120,
        capture_output=True,
    )
    expected = task(lists="bank")
    for _ in range(2):
        expected.model.encoder.net[0].weight.data *= 1.5
    expected.model.bank[POSITIONS] = features(expected, POSITIONS).detach()
    times = torch.zeros(len(expected.model.bank)).index_fill(0, POSITIONS, 2)
    for rank in (0, 1):
        found = np.load(tmp_path / f"{rank}.npz")
        np.testing.assert_allclose(found["bank"], expected.model.bank.numpy(), rtol=1e-5)
        np.testing.assert_array_equal(found["times"], times.numpy())
