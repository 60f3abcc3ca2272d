"""Encode every image with a frozen backbone; images that were encoded before are not again."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.artifacts.encoded import encoded_for
from pipeline_lib.artifacts.features import ROWS_PER_SHARD, write_features
from pipeline_lib.artifacts.labelled import read_samples
from pipeline_lib.console import run, say, track
from pipeline_lib.datasets.images import Images
from pipeline_lib.device import pick_device
from pipeline_lib.encoders.extraction import extract
from pipeline_lib.params.features import Features
from pipeline_lib.params.section import optional_path


def main(
    samples: Annotated[Path, typer.Option()],
    images: Annotated[Path, typer.Option()],
    features: Annotated[Path, typer.Option()],
    parts: Annotated[Path, typer.Option(help="Where finished parts outlive a kill.")],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
) -> None:
    """Write one vector per image."""
    p = Features.load("features", params)
    table = read_samples(samples)
    pictures, device = Images(images, table.samples), pick_device()
    found = extract(
        p, table.samples, pictures, parts, per_chunk=ROWS_PER_SHARD, device=device, track=track
    )
    shards = (rows["global"] for rows in found.chunks)
    rests = encoded_for(optional_path(p.weights)) | {"features": len(table.train)}
    write_features(features, table.ids, shards, rests)
    say(f"features: {len(table)} images by {p.backbone.model}, {found.encoded} newly encoded")


if __name__ == "__main__":
    run(main)
