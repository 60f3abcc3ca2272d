"""Encode every image with a frozen backbone; images that were encoded before are not again."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.artifacts.features import write_features
from pipeline_lib.artifacts.labelled import read_samples
from pipeline_lib.console import run, say, track
from pipeline_lib.device import pick_device
from pipeline_lib.params.features import Features
from pipeline_lib.steps.features import encode_vectors


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
    found = encode_vectors(p, table, images, parts, device=pick_device(), track=track)
    write_features(features, table.ids, found.shards, found.about)
    say(f"features: {len(table)} images by {p.backbone.model}, {found.new} newly encoded")


if __name__ == "__main__":
    run(main)
