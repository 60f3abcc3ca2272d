"""One feature map per image from a frozen backbone: what regions and labels are found in."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline_lib.artifacts.encoded import encoded_for
from pipeline_lib.artifacts.labelled import SampleTable
from pipeline_lib.artifacts.made import made_with
from pipeline_lib.artifacts.parts import Rows
from pipeline_lib.datasets.images import Images
from pipeline_lib.encoders.extraction import Extracted, extract
from pipeline_lib.encoders.frozen import write_frozen
from pipeline_lib.encoders.vision import described
from pipeline_lib.encoders.vlp.tower_map import TowerMap
from pipeline_lib.encoders.vlp.tower_map import described as described_tower
from pipeline_lib.params.maps import Maps
from pipeline_lib.params.section import optional_path
from pipeline_lib.progress import Track

IMAGES = 512  # read from parts at a time


@dataclass(frozen=True)
class ImageMaps:
    """The maps of all images in the order of the table."""

    chunks: Iterator[Rows]  # artifacts/shards.py MAPS
    about: dict[str, Any]  # its header
    new: int  # images that no finished part held


def _described(params: Maps, found: Extracted) -> dict[str, Any]:
    network = found.network.model
    if isinstance(network, TowerMap):
        return described_tower(network.config)
    assert params.backbone is not None
    return described(params.backbone.model, found.network.preprocess.size, found.model_args)


def encode_maps(
    params: Maps,
    table: SampleTable,
    images: Path,
    parts: Path,
    network: Path,
    *,
    device: str,
    track: Track,
) -> ImageMaps:
    """Encode the images, as far as ``parts`` does not hold their maps.

    The network is written to ``network``, so that others can be encoded.
    """
    pictures = Images(images, table.samples)
    found = extract(
        params, table.samples, pictures, parts, per_chunk=IMAGES, device=device, track=track
    )
    write_frozen(network, params, found.network, found.model_args)
    preprocess = found.network.preprocess
    about = {
        "preprocess": preprocess.about,
        "backbone": _described(params, found),
        "made": made_with([], "maps", network),
        "encoded": encoded_for(optional_path(params.weights)),
    }
    return ImageMaps(found.chunks, about, found.encoded)
