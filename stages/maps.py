"""Encode every image to a feature map with a frozen backbone; finished images are kept."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.artifacts.encoded import encoded_for
from pipeline_lib.artifacts.labelled import read_samples
from pipeline_lib.artifacts.shards import MAPS
from pipeline_lib.console import run, say, track
from pipeline_lib.datasets.images import Images
from pipeline_lib.device import pick_device
from pipeline_lib.encoders.extraction import extract
from pipeline_lib.encoders.vision import described
from pipeline_lib.params.maps import Maps
from pipeline_lib.params.section import optional_path

IMAGES = 512  # read from parts at a time


def main(
    samples: Annotated[Path, typer.Option()],
    images: Annotated[Path, typer.Option()],
    maps: Annotated[Path, typer.Option()],
    parts: Annotated[Path, typer.Option(help="Where finished parts outlive a kill.")],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
) -> None:
    """Write one map and one pooled vector per image."""
    p = Maps.load("maps", params)
    table = read_samples(samples)
    ids = table.ids
    pictures, device = Images(images, table.samples), pick_device()
    found = extract(p, table.samples, pictures, parts, per_chunk=IMAGES, device=device, track=track)
    about = described(p.backbone.model, found.preprocess.size, found.model_args)
    MAPS.write(
        maps,
        ids,
        found.chunks,
        preprocess=found.preprocess.about,
        backbone=about,
        encoded=encoded_for(optional_path(p.weights)),
    )
    dims, height, width = MAPS.open(maps, ids).shapes["maps"]
    say(
        f"maps: {len(ids)} images by {p.backbone.model}, {dims} x {height} x {width} each, "
        f"{found.encoded} newly encoded"
    )


if __name__ == "__main__":
    run(main)
