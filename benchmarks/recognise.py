"""Pictures scored by a trained run, against the raw forward pass of its backbone.

Both get pictures that are sized already. The raw pass is timm's network in inference mode, on
torch's own threads, with what normalises its inputs; a run gives the scores of every picture.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import timm
import torch
from torch import Tensor, nn

from benchmarks.machine import commit, load, processor
from benchmarks.turns import in_turns
from pipeline_lib.api import Recogniser
from pipeline_lib.artifacts.made import made_with
from pipeline_lib.device import pick_device
from pipeline_lib.encoders.feature_map import FeatureMap
from pipeline_lib.encoders.frozen import Frozen, write_frozen
from pipeline_lib.encoders.vision import Vision, build
from pipeline_lib.methods.base.fit import BaseNetwork
from pipeline_lib.params.maps import Maps
from pipeline_lib.training.encoding import Given

MODEL, SIZE, BATCH, PICTURES, CLASSES, ROUNDS = "mobilenetv2_100", 224, 32, 128, 50, 3
NAMES = [str(number) for number in range(CLASSES)]
MAPS = Maps.model_validate(
    {
        "backbone": {"model": MODEL, "pretrained": False, "image_size": SIZE, "output_stride": 0},
        "weights": "data/none",
        "layer": "last",
        "batch_size": BATCH,
        "precision": "float32",
    }
)


def main() -> None:
    """Print pictures a second, and the ratio to the raw pass."""
    device = pick_device()
    vision = build(MAPS.backbone, None, num_classes=0, seed=0)
    drawn = torch.Generator().manual_seed(0)
    pictures = torch.randint(0, 256, (PICTURES, 3, SIZE, SIZE), generator=drawn).byte()
    with tempfile.TemporaryDirectory() as folder:
        runs = {
            "raw": raw(vision, pictures, device),
            "a run on images": scored(on_images(vision, device), pictures),
            "a run on maps": scored(on_maps(vision, Path(folder), device), pictures),
        }
        for run in runs.values():
            run()
        seconds = in_turns(runs, rounds=ROUNDS)
    print(
        f"{commit()}, {processor()}, {load()}, {device}, {MODEL} at {SIZE}, timm {timm.__version__}"
    )
    for name, taken in seconds.items():
        print(f"{name:16} {PICTURES / taken:7.1f} pictures/s, {seconds['raw'] / taken:.2f} of raw")


def raw(vision: Vision, pictures: Tensor, device: str) -> Callable[[], object]:
    """Return the raw pass over all pictures."""
    model = vision.model.to(device).eval()

    @torch.inference_mode()
    def run() -> list[Tensor]:
        batches = torch.split(pictures, BATCH)
        return [model(vision.preprocess.normalise(b.to(device))).cpu() for b in batches]

    return run


def scored(run: Recogniser, pictures: Tensor) -> Callable[[], object]:
    """Return what scores all pictures."""
    return lambda: list(run.score_batches(torch.split(pictures, BATCH)))


def on_images(vision: Vision, device: str) -> Recogniser:
    """Return a run that encodes images itself, with its first weights."""
    return _recogniser(vision, BaseNetwork(vision.model, CLASSES), device)


def on_maps(vision: Vision, folder: Path, device: str) -> Recogniser:
    """Return a run on maps, which made them with the same backbone."""
    frozen = Frozen(FeatureMap(vision.model, "last"), vision.preprocess, BATCH, "float32", device)
    path = folder / "network.safetensors"
    write_frozen(path, MAPS, frozen, vision.model_args)
    head = BaseNetwork(Given(vision.model.num_features), CLASSES)  # type: ignore[arg-type]
    return _recogniser(vision, head, device, probe={}, made=made_with([], "maps", path))


def _recogniser(vision: Vision, network: nn.Module, device: str, **changes: Any) -> Recogniser:
    network.to(device).eval().requires_grad_(False)
    own: dict[str, Any] = {
        "run": "benchmark",
        "method": "base",
        "seed": 0,
        "seeds": [0],
        "weights": Path(),
        "thresholds": Path(),
        "target": "tags",
        "names": NAMES,
        "trained_names": NAMES,
        "exclusive": False,
        "unseen": [],
        "settings": None,
        "preprocess": vision.preprocess,
        "model": network,
        "device": device,
        "reads": {},
        "probe": None,
        "made": None,
        "root": Path(),
    }
    return Recogniser(**own | changes)


if __name__ == "__main__":
    main()
