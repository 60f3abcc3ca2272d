"""The command `protoweave predict`: arguments in, library calls, lines out."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from pipeline_lib.console import errors, track
from pipeline_lib.errors import InputError
from pipeline_lib.project.asked_names import Beside, Instead, Seed, asked_names

if TYPE_CHECKING:
    from pipeline_lib.api import Scorer


def predict(
    run: Annotated[
        str, typer.Argument(help="Name of a trained run, its folder, or an exported one.")
    ],
    paths: Annotated[
        list[str],
        typer.Argument(help="Pictures, or one folder of them, or Parquet that holds some."),
    ],
    out: Annotated[
        Path | None, typer.Option(help="A .csv or .parquet; without it CSV is printed.")
    ] = None,
    top: Annotated[int, typer.Option(min=0, help="How many of the likeliest names to show.")] = 5,
    threshold: Annotated[
        float | None, typer.Option(help="Of a tag's probability, above which it is named.")
    ] = None,
    probabilities: Annotated[
        bool, typer.Option("--all", help="Add a column with the probability of every name.")
    ] = False,
    scores: Annotated[
        bool, typer.Option("--scores", help="Add a column with the score of every name.")
    ] = False,
    names: Instead = "",
    names_beside: Beside = "",
    seed: Seed = None,
    device: Annotated[
        Literal["cpu", "cuda"] | None, typer.Option(help="Where the network computes.")
    ] = None,
    id_column: Annotated[str, typer.Option(help="Of Parquet: the column of ids.")] = "auto",
    image_column: Annotated[str, typer.Option(help="Of Parquet: the column of pictures.")] = "auto",
    max_pixels: Annotated[
        int, typer.Option(min=1, help="Of a picture; larger ones are not decoded.")
    ] = 89_478_485,
) -> None:
    """Say what pictures show: the likeliest names and their probabilities, a row each."""
    from pipeline_lib.prediction import Options, Prediction, find_pictures
    from pipeline_lib.prediction.table import as_csv

    pictures = find_pictures(paths, id_column=id_column, image_column=image_column)
    options = Options(top, threshold, probabilities, scores, max_pixels)
    recogniser = _opened(run, seed, device)
    if asked := asked_names(names, names_beside):
        recogniser = recogniser.of_names(asked.names, beside=asked.beside)
    found = Prediction(recogniser, pictures, options)
    for line in found.remarks:
        _tell(line)
    if out is None:
        sys.stdout.write(as_csv(found.layout.frame([], []), header=True))
        for frame in found.frames():
            sys.stdout.write(as_csv(frame, header=False))
        return
    unused = found.write(out, track)
    why = "".join(f"; {count} {reason}" for reason, count in unused.items())
    _tell(f"{out}: {len(pictures)} pictures{why}")


def _opened(run: str, seed: int | None, device: str | None) -> "Scorer":
    """Open a run, or what was exported of one."""
    from pipeline_lib.api import load, load_exported
    from pipeline_lib.artifacts.exported import is_export

    if not is_export(Path(run)):
        return load(run, seed=seed, device=device)
    found = load_exported(run, device=device)
    if seed not in (None, found.seed):
        raise InputError(
            f"{run}: holds seed {found.seed}, and --seed is {seed}; leave it out, or export the "
            "run again with that seed"
        )
    return found


def _tell(line: str) -> None:
    """Print where it does not get into a table."""
    errors.print(line, markup=False, soft_wrap=True)
