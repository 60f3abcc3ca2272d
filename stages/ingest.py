"""Read the data set: samples, categories, images, and what became of everything in it."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.artifacts.samples import CATEGORIES, DUPLICATES, IGNORED, REJECTED, SAMPLES
from pipeline_lib.console import run, say, track
from pipeline_lib.datasets.acceptance import TooManyRejected
from pipeline_lib.datasets.decoded_facts import FactStore
from pipeline_lib.datasets.duplicates import DuplicatesFound
from pipeline_lib.datasets.images import write_images
from pipeline_lib.datasets.registry import idle_settings, open_reader
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.steps.ingest import ingest


def main(
    out: Annotated[Path, typer.Option()],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
    listing: Annotated[Path | None, typer.Option(help="What stage `listing` wrote.")] = None,
    decoded: Annotated[Path | None, typer.Option(help="Where what is decoded is kept.")] = None,
) -> None:
    """Read the data set that section ``dataset`` names."""
    p = Dataset.load("dataset", params)
    name, reader = open_reader(p)
    try:
        kept = FactStore.below(decoded, listing) if decoded is not None else None
        found = ingest(reader, p, track=track, kept=kept)
    except TooManyRejected as error:
        REJECTED.write(error.rejected, out / "rejected.parquet")
        raise
    except DuplicatesFound as error:
        DUPLICATES.write(error.table, out / "duplicates.parquet")
        raise
    remarks = replace(found.remarks, idle_settings=idle_settings(p, name))
    SAMPLES.write(found.samples, out / "samples.parquet")
    CATEGORIES.write(found.categories, out / "categories.parquet")
    REJECTED.write(found.rejected, out / "rejected.parquet")
    IGNORED.write(found.ignored, out / "ignored.parquet")
    DUPLICATES.write(found.duplicates, out / "duplicates.parquet")
    write_json(out / "accounting.json", found.account.document() | {"remarks": remarks.document()})
    write_images(out / "images.safetensors", found.pixels, p)
    counts = found.samples["split"].value_counts(sort=True).rows()
    splits = ", ".join(f"{split} {count}" for split, count in sorted(counts))
    say(f"ingest: {name}, {splits}; stored as {found.storage}; {found.account.text()}")
    for line in remarks.lines():
        say(f"ingest: {line}")


if __name__ == "__main__":
    run(main)
