"""One step of CSRMS under torchrun: ``distributed.py OUT``; every process writes its bank."""

import os
import sys
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator

from tests.methods.csrms.steps import task

POSITIONS = torch.tensor([3, 10, 1, 20, 7])  # three for one process, two for the other


def main(out: Path) -> None:
    accelerator, found = Accelerator(cpu=True), task(lists="bank")
    module = accelerator.prepare(found)
    module.train()
    for _ in range(2):  # before the second, DDP hands out the first process's buffers
        found.model.encoder.net[0].weight.data *= 1.5
        found.zero_grad()
        module(POSITIONS[accelerator.process_index :: accelerator.num_processes])
    bank, times = found.model.bank.numpy(), found.times_encoded.numpy()
    np.savez(out / f"{os.environ['RANK']}.npz", bank=bank, times=times)
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
