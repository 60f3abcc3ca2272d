"""Read the data set: samples, categories, images, and what had to be rejected."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.artifacts.samples import CATEGORIES, REJECTED, SAMPLES
from pipeline_lib.console import run, say, track
from pipeline_lib.datasets.acceptance import TooManyRejected
from pipeline_lib.datasets.images import write_images
from pipeline_lib.datasets.ingest import ingest
from pipeline_lib.datasets.registry import open_reader
from pipeline_lib.params.dataset import Dataset


def main(
    samples: Annotated[Path, typer.Option()],
    categories: Annotated[Path, typer.Option()],
    images: Annotated[Path, typer.Option()],
    rejected: Annotated[Path, typer.Option()],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
) -> None:
    """Read the data set that section ``dataset`` names."""
    p = Dataset.load("dataset", params)
    name, reader = open_reader(p)
    try:
        found = ingest(reader, p, track=track)
    except TooManyRejected as error:
        REJECTED.write(error.rejected, rejected)
        raise
    SAMPLES.write(found.samples, samples)
    CATEGORIES.write(found.categories, categories)
    REJECTED.write(found.rejected, rejected)
    write_images(images, found.pixels, p)
    counts = found.samples["split"].value_counts(sort=True).rows()
    splits = ", ".join(f"{split} {count}" for split, count in sorted(counts))
    say(f"ingest: {name}, {splits}; {len(found.rejected)} rejected, stored as {found.storage}")


if __name__ == "__main__":
    run(main)
