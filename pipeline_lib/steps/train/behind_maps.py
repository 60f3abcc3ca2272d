"""A vision-language model whose image tower starts behind the maps that a run reads.

Maps of another trunk have the same shapes as often as not, and vectors of them would mean nothing:
so the trunk has to be, weight by weight, the frozen network that is kept beside the maps.
"""

import re
from pathlib import Path
from typing import Any

import torch

from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.made import FROZEN_FILE
from pipeline_lib.artifacts.shards import MAPS, Reader
from pipeline_lib.artifacts.vlp import CONFIG_FILE
from pipeline_lib.encoders.frozen import Frozen
from pipeline_lib.encoders.vlp.load import load
from pipeline_lib.encoders.vlp.map_tower import MapTower
from pipeline_lib.encoders.vlp.towers import Towers, Vlp
from pipeline_lib.errors import InputError
from pipeline_lib.nn.feature_grid import as_grid

NEAR = 1e-3  # of the largest value of a map: kernels of other layouts round by less


def open_behind(reader: Reader, weights: Path) -> Towers:
    """Load the model at ``weights``, whose trunk made the maps of ``reader``.

    Raises:
        InputError: it is another network, sees other pixels, or what is stored are no last maps.
    """
    if reader.kind != MAPS:
        raise InputError(
            f"{reader.folder}: holds {reader.kind.artifact}, and the image tower of {weights} "
            "starts behind maps, expected those; set `input` of the run to data/artifacts/maps/tags"
        )
    found, made = load(weights), Frozen.read(reader.folder / FROZEN_FILE, "cpu")
    _check_named(reader, weights, found, made)
    tower = found.model.read_maps(reader.shapes["maps"], made.preprocess.size)
    _check_equal(reader, weights, tower, made)
    return found.model


def _check_named(reader: Reader, weights: Path, found: Vlp, made: Frozen) -> None:
    """Compare names, layers and pixels, which say most clearly what is wrong."""
    network: Any = made.model
    if network.layer != "last":
        raise InputError(
            f"{reader.folder}: holds maps of layer {network.layer}, and the image tower of "
            f"{weights} starts behind the last one; set `maps.layer` to last"
        )
    vision = read_json(weights / CONFIG_FILE)["model_cfg"]["vision_cfg"]
    own, others = vision.get("timm_model_name", ""), reader.header["backbone"]["model"]
    if own and _plain(own) != _plain(others):
        raise InputError(
            f"{reader.folder}: was made by '{others}', and the trunk of {weights} is '{own}', "
            "expected the same network; set `maps.backbone` to it, or choose another `weights`"
        )
    pixels = [
        (p.size, _rounded(p.mean), _rounded(p.std)) for p in (made.preprocess, found.preprocess)
    ]
    if pixels[0] != pixels[1]:
        raise InputError(
            f"{reader.folder}: was made of pixels of size, mean and deviation {pixels[0]}, and "
            f"the model of {weights} reads {pixels[1]}, expected the same; mend "
            "`maps.backbone.image_size`, or the model's own preprocessing"
        )


def _check_equal(reader: Reader, weights: Path, tower: MapTower, made: Frozen) -> None:
    """Compare the weights, and what both make of a picture, as arguments are in no weight."""
    network: Any = made.model
    trunk: Any = tower.visual.trunk
    own, kept = trunk.state_dict(), network.trunk.state_dict()
    other = [n for n, v in kept.items() if n not in own or not torch.equal(own[n], v)]
    if other:
        raise InputError(
            f"{reader.folder}: was made by a network with other weights than the trunk of "
            f"{weights}: {len(other)} of {len(kept)} tensors differ ({other[0]}, …), expected the "
            "same; set `maps.weights` to what the model was made of, or re-run `dvc repro maps vlp`"
        )
    picture = torch.randn(
        1, 3, *[made.preprocess.size] * 2, generator=torch.Generator().manual_seed(0)
    )
    with torch.no_grad():
        theirs = made.model(picture)[0]
        ours = as_grid(tower.last(picture), trunk)
    if not torch.allclose(ours, theirs, rtol=0, atol=NEAR * float(theirs.abs().max())):
        raise InputError(
            f"{reader.folder}: was made by a network of other arguments than the trunk of "
            f"{weights}, so that a picture has another map; expected the same; set "
            "`maps.backbone` to the model's trunk as timm builds it"
        )


def _plain(name: str) -> str:
    """Return timm's name of an architecture, without a hub before it or a tag of weights."""
    return re.sub("^hf-hub:timm/", "", name).partition(".")[0]


def _rounded(values: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(round(value, 4) for value in values)
