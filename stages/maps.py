"""Encode every image to a feature map with a frozen backbone; finished images are kept."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.artifacts.labelled import read_samples
from pipeline_lib.artifacts.made import FROZEN_FILE
from pipeline_lib.artifacts.shards import MAPS
from pipeline_lib.console import run, say, track
from pipeline_lib.device import pick_device
from pipeline_lib.params.maps import Maps
from pipeline_lib.steps.maps import encode_maps


def main(
    samples: Annotated[Path, typer.Option()],
    images: Annotated[Path, typer.Option()],
    maps: Annotated[Path, typer.Option()],
    parts: Annotated[Path, typer.Option(help="Where finished parts outlive a kill.")],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
) -> None:
    """Write one map and one pooled vector per image, and the network that made them."""
    p = Maps.load("maps", params)
    table = read_samples(samples)
    ids = table.ids
    network = maps / FROZEN_FILE
    found = encode_maps(p, table, images, parts, network, device=pick_device(), track=track)
    MAPS.write(maps, ids, found.chunks, **found.about)
    dims, height, width = MAPS.open(maps, ids).shapes["maps"]
    model = found.about["backbone"]["model"]
    say(
        f"maps: {len(ids)} images by {model}, {dims} x {height} x {width} each, "
        f"{found.new} newly encoded"
    )


if __name__ == "__main__":
    run(main)
