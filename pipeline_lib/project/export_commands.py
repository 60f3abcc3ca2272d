"""What other programs open: a run's network (`export RUN --to`), or what it made of images."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from pipeline_lib.console import say, track
from pipeline_lib.errors import InputError
from pipeline_lib.project.asked_names import Beside, Instead, Seed, asked_names

ROOT = Path()
KINDS: tuple[Literal["bytes", "paths", "none"], ...] = ("bytes", "paths", "none")

NETWORK = "network"


class _NetworkElse(TyperGroup):
    """`export RUN` is `export network RUN`: the first word is a command or a run."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command's name before the run's."""
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = [NETWORK, *args]
        return super().parse_args(ctx, args)


export = typer.Typer(no_args_is_help=True, cls=_NetworkElse)


@export.callback()
def _top() -> None:
    """Write a trained run, or what it made of images, for other programs.

    `export RUN --to FORMAT FOLDER` writes its network; the word "network" may be left out.
    """


@export.command(NETWORK)
def network(
    run: Annotated[str, typer.Argument(help="A trained run.")],
    out: Annotated[Path, typer.Argument(help="A new folder, or an exported one.")],
    to: Annotated[
        Literal["safetensors", "torchscript", "onnx"],
        typer.Option(help="TorchScript and ONNX run without Protoweave."),
    ],
    seed: Seed = None,
    names: Instead = "",
    names_beside: Beside = "",
    tolerance: Annotated[
        float, typer.Option(min=0, help="How far scores may be from the stored ones.")
    ] = 1e-4,
) -> None:
    """Write a run's network with names, thresholds, preprocessing and a model card."""
    from pipeline_lib.project.exporting.network import export_network

    asked = asked_names(names, names_beside)
    found = export_network(ROOT, run, to, out, seed=seed, names=asked, tolerance=tolerance)
    checked = found.verified
    say(
        f"{out}: seed {found.seed} of run '{run}' as {to}, {len(found.names)} names; "
        f"{found.decided_by}"
    )
    if checked is not None:
        say(
            f"largest difference from {checked.against} of {checked.pictures} pictures of "
            f"'{checked.split}': {checked.largest_difference:.1e}"
        )


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
