"""Two processes look at images in unequal shares: ``distributed_labels.py OUT`` under torchrun."""

import os
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, distributed

from tests.families.open_vocabulary.toy_labels import IMAGES, LABELS, built

SHARES = ([4, 9, 1], [7, 0])  # positions of one batch


def logits_of(positions: list[int]) -> Tensor:
    table = torch.randn(IMAGES, LABELS, generator=torch.Generator().manual_seed(11))
    return table[positions]


def main(out: Path) -> None:
    distributed.init_process_group("gloo")
    rank = distributed.get_rank()
    loss = built("em_apl")
    loss(logits_of(SHARES[rank]), torch.tensor(SHARES[rank]))
    loss.begin_epoch(2)
    save_file(loss.state_dict(), out / f"{os.environ['RANK']}.safetensors")
    distributed.destroy_process_group()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
