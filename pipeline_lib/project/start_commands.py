"""The command `protoweave start`: look at a data set, propose a params.yaml, write it if told."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline_lib.console import print_table, say

if TYPE_CHECKING:
    from pipeline_lib.project.start.plan import Plan

ROOT = Path()
PARAMS = Path("params.yaml")
PRESETS = Path("presets")


def start(
    data: Annotated[str, typer.Argument(help="Folder of the data set, wherever it lies.")],
    weights: Annotated[
        str | None, typer.Option(help="A local checkpoint of the backbone, for photographs.")
    ] = None,
    online: Annotated[
        bool, typer.Option("--online", help="Let timm fetch the weights that it publishes.")
    ] = False,
    backbone: Annotated[str | None, typer.Option(help="Another timm model.")] = None,
    image_size: Annotated[int | None, typer.Option(help="In pixels; 0: the model's own.")] = None,
    extra: Annotated[
        list[str] | None, typer.Option("--with", help="A run of those that fit; repeatable.")
    ] = None,
    cost: Annotated[
        bool, typer.Option("--cost/--no-cost", help="Measure what the runs take on a few images.")
    ] = True,
    offers: Annotated[
        bool, typer.Option("--offers", help="Measure what is switched off as well: minutes.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write params.yaml without asking.")] = False,
) -> None:
    """Look at a folder of pictures, and propose a params.yaml that fits it."""
    from pipeline_lib.project import presets
    from pipeline_lib.project.checkout import refuse_elsewhere
    from pipeline_lib.project.estimate.words import summary
    from pipeline_lib.project.start.plan import Wishes, plan
    from pipeline_lib.project.start.prices import prices
    from pipeline_lib.project.start.proposal import look, placed, settled
    from pipeline_lib.project.start.survey import described
    from pipeline_lib.project.writing import put

    refuse_elsewhere(ROOT)
    path, elsewhere = placed(data)
    found = look(PRESETS, data)
    print_table(("found", data), list(described(found)))
    wishes, remarks = settled(
        found, Wishes(backbone, weights, online, image_size, tuple(extra or ())), data
    )
    proposed = plan(found, wishes)
    text = presets.checked(proposed.text(PRESETS, PARAMS, path=path), PARAMS)
    for line in (*proposed.why, *remarks):
        say(line)
    say(f"runs: {', '.join(proposed.runs)}")
    if cost:
        say("measuring what they take, on a few images …")
    priced = prices(found, wishes, ROOT, PRESETS, Path(data), offers=offers) if cost else None
    for line in summary(priced.plan) if priced else ():
        say(line)
    _print_offers(proposed, priced.offers if priced else {})
    say(f"the same by hand: {'; '.join(proposed.commands(data))}")
    if not (yes or _confirmed()):
        say("nothing is written; --yes writes params.yaml")
        return
    for line in put(text, ROOT, elsewhere=elsewhere, noted=True):
        say(line)
    say("params.yaml is written; `protoweave explain --cost` says what `dvc repro` takes")


def _print_offers(proposed: "Plan", prices: "dict[str, str]") -> None:
    rows: Sequence[tuple[str, ...]] = [
        (f"--with {o.run}", o.title, prices.get(o.run, ""), o.evidence) for o in proposed.offers
    ]
    if rows:
        print_table(("switched off", "what it is", "takes", "what was measured of it"), rows)


def _confirmed() -> bool:
    """Ask, where somebody sits at a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty() and typer.confirm("Write params.yaml?")
