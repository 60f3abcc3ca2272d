"""Pictures a second of `protoweave predict`, beside those of timm alone on the same pictures.

    python -m benchmarks.predict [--model mobilenetv2_100] [--pictures 512] [--rounds 3]

Rivals take turns on JPEG files of photographs' size: `predict`, from the files to a table; `timm
with decoding`, a loop as in timm's inference.py: open, transform, forward, a batch after the other;
and `timm forward`, of inputs that are in memory. timm has all cores for each forward; `predict`
decodes and computes beside each other, a core each. Prints one JSON line: pictures a second, and
the ratios of `predict` to both.
"""

import argparse
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import timm
import torch
from PIL import Image, ImageFilter
from timm.data import create_transform, resolve_model_data_config
from torch import Tensor, nn

from benchmarks.machine import commit, load, processor
from benchmarks.turns import in_turns
from benchmarks.untrained import untrained
from pipeline_lib import api
from pipeline_lib.cores import cores
from pipeline_lib.device import pick_device
from pipeline_lib.prediction import Options, Prediction, find_pictures

NAMES = [f"class {number}" for number in range(10)]


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="mobilenetv2_100", help="of timm")
    parser.add_argument("--size", type=int, default=224, help="of its inputs, pixels")
    parser.add_argument("--pictures", type=int, default=512)
    parser.add_argument("--side", type=int, default=320, help="of the pictures, pixels")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(
            Path(folder), given.model, given.size, given.pictures, given.side, given.rounds
        )
    print(json.dumps(found))


def measure(
    folder: Path, model: str, size: int, pictures: int, side: int, rounds: int
) -> dict[str, Any]:
    """Return pictures a second by rival, the ratios, and what it was measured on."""
    photos = folder / "photos"
    draw(photos, pictures, side)
    untrained(folder, "run", model=model, size=size, target="classes", names=NAMES)
    run = api.load("run", folder)
    net = timm.create_model(model, num_classes=len(NAMES)).eval().to(run.device)
    asked = Prediction(run, find_pictures([str(photos)]), Options())
    ready = [batch.to(run.device) for batch in decoded(photos, net, size, run.batch_size)]
    rivals: dict[str, Callable[[], object]] = {
        "predict": partial(asked.write, folder / "predictions.csv"),
        "timm with decoding": lambda: forward(net, decoded(photos, net, size, run.batch_size)),
        "timm forward": partial(forward, net, ready),
    }
    rivals["timm forward"]()  # which begins with what is done once
    seconds = in_turns(rivals, rounds=rounds)
    rates = {name: pictures / taken for name, taken in seconds.items()}
    return {
        "model": model,
        "pictures": pictures,
        "per_second": {name: round(rate, 1) for name, rate in rates.items()},
        "ratios": {n: round(rates["predict"] / r, 2) for n, r in rates.items() if n != "predict"},
        "machine": f"{processor()}, {pick_device()}, {load()}, commit {commit()}",
    }


def draw(folder: Path, pictures: int, side: int) -> None:
    """Write JPEG files whose size in bytes is about that of photographs."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(pictures):
        noise = Image.fromarray(rng.integers(0, 256, (side, side, 3), np.uint8))
        soft = noise.filter(ImageFilter.GaussianBlur(1 + number % 3))
        soft.save(folder / f"{number:06d}.jpg", quality=90)


def decoded(folder: Path, net: nn.Module, size: int, together: int) -> Iterator[Tensor]:
    """Yield batches of inputs as timm makes them."""
    config = resolve_model_data_config(net) | {"input_size": (3, size, size)}
    transform: Any = create_transform(**config)
    paths = [entry.path for entry in sorted(os.scandir(folder), key=lambda entry: entry.name)]
    for start in range(0, len(paths), together):
        inputs = []
        for path in paths[start : start + together]:
            with Image.open(path) as image:
                inputs.append(transform(image.convert("RGB")))
        yield torch.stack(inputs)


@torch.inference_mode()
def forward(net: nn.Module, batches: Any) -> None:
    """Compute scores with every core."""
    torch.set_num_threads(cores())
    device = next(net.parameters()).device
    for batch in batches:
        net(batch.to(device)).float().cpu()


if __name__ == "__main__":
    main()
