"""Names of one's own and a seed, as commands ask a trained run for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from pipeline_lib.errors import InputError

Instead = Annotated[
    str, typer.Option(help="Recognise these instead, parted by commas, of runs told by name.")
]
Beside = Annotated[str, typer.Option(help="Recognise these beside the names of training.")]
Seed = Annotated[int | None, typer.Option(help="Of a run with several; without it the first.")]


@dataclass(frozen=True)
class Names:
    """What a run that is told its labels by name is asked for."""

    names: Sequence[str]
    beside: bool = False  # those of training too


def asked_names(instead: str, beside: str) -> Names | None:
    """Return what the options ask for; None where neither is given.

    Raises:
        InputError: both are.
    """
    if instead and beside:
        raise InputError(
            "--names and --names-beside are given, expected one of them; leave one out"
        )
    return Names((instead or beside).split(","), bool(beside)) if instead or beside else None
