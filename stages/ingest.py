"""Read the data set: samples, categories, images, and what became of everything in it."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.artifacts.samples import CATEGORIES, DUPLICATES, IGNORED, REJECTED, SAMPLES
from pipeline_lib.console import run, say, track
from pipeline_lib.datasets.acceptance import TooManyRejected
from pipeline_lib.datasets.duplicates import DuplicatesFound
from pipeline_lib.datasets.images import write_images
from pipeline_lib.datasets.registry import idle_settings, open_reader
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.steps.ingest import ingest


def main(
    samples: Annotated[Path, typer.Option()],
    categories: Annotated[Path, typer.Option()],
    images: Annotated[Path, typer.Option()],
    rejected: Annotated[Path, typer.Option()],
    ignored: Annotated[Path, typer.Option()],
    duplicates: Annotated[Path, typer.Option()],
    accounting: Annotated[Path, typer.Option()],
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
    except DuplicatesFound as error:
        DUPLICATES.write(error.table, duplicates)
        raise
    remarks = replace(found.remarks, idle_settings=idle_settings(p, name))
    SAMPLES.write(found.samples, samples)
    CATEGORIES.write(found.categories, categories)
    REJECTED.write(found.rejected, rejected)
    IGNORED.write(found.ignored, ignored)
    DUPLICATES.write(found.duplicates, duplicates)
    write_json(accounting, found.account.document() | {"remarks": remarks.document()})
    write_images(images, found.pixels, p)
    counts = found.samples["split"].value_counts(sort=True).rows()
    splits = ", ".join(f"{split} {count}" for split, count in sorted(counts))
    say(f"ingest: {name}, {splits}; stored as {found.storage}; {found.account.text()}")
    for line in remarks.lines():
        say(f"ingest: {line}")


if __name__ == "__main__":
    run(main)
