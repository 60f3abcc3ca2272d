"""What other programs open: a command for each kind of it, below one word."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from pipeline_lib.console import say, track
from pipeline_lib.errors import InputError

ROOT = Path()
KINDS: tuple[Literal["bytes", "paths", "none"], ...] = ("bytes", "paths", "none")

export = typer.Typer(no_args_is_help=True)


@export.callback()
def _top() -> None:
    """Write what a trained run made for other programs."""


@export.command()
def features(
    run: Annotated[str, typer.Argument(help="A trained run.")],
    out: Annotated[Path | None, typer.Option(help="[default: RUN-features.parquet]")] = None,
    split: Annotated[
        list[str] | None, typer.Option("--split", help="Repeatable. [default: test]")
    ] = None,
    pictures: Annotated[
        str, typer.Option(help="bytes, paths (of files of the data set), or none.")
    ] = "bytes",
    side: Annotated[
        int, typer.Option(min=8, help="Of a picture as bytes, the longer one, in pixels.")
    ] = 256,
) -> None:
    """Write images with embeddings, plane, labels and predictions as one Parquet file."""
    from pipeline_lib.artifacts.samples import TEST
    from pipeline_lib.project.exporting.features import export_features

    kind = next((kind for kind in KINDS if kind == pictures), None)
    if kind is None:
        raise InputError(f"--pictures is '{pictures}', expected {', '.join(KINDS)}")
    path = out or Path(f"{run}-features.parquet")
    written = export_features(
        ROOT, run, path, split or [TEST], pictures=kind, side=side, track=track
    )
    say(f"{path}: {written.images:,} images, {written.placed:,} of them with a place in the plane")
