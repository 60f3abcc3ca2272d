"""What a checkout takes on disk: sizes, what could go, and the command that lets it go."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.console import print_table, say

ROOT = Path()


def disk(
    delete_parts: Annotated[
        bool,
        typer.Option("--delete-parts", help="Delete parts that no stage would go on from."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before deleting.")] = False,
) -> None:
    """Show what results, DVC's cache and unfinished work take, and what a clean-up would free."""
    from pipeline_lib.project import disk as of_disk
    from pipeline_lib.project.checkout import refuse_elsewhere, refuse_while_running

    refuse_elsewhere(ROOT)
    found = of_disk.measured(ROOT)
    sizes = [*found.stages, found.needed, found.others, *found.kept]
    print_table(
        ("what", "files", "size", ""),
        [(s.what, f"{s.files:,}", of_disk.readable(s.bytes), s.about) for s in sizes],
    )
    idle = sum(size.bytes for size in found.idle)
    say("")
    say(
        f"`dvc gc -w` would free {of_disk.readable(found.others.bytes)}: results of other commits "
        "and parameters, which are then computed anew unless a remote has them"
    )
    if not delete_parts or not found.idle:
        names = ", ".join(size.what for size in found.idle) or "none"
        say(f"`protoweave disk --delete-parts` would free {of_disk.readable(idle)}: {names}")
        return
    refuse_while_running(ROOT)
    for size in found.idle:
        say(f"to be deleted: {size.what}, {of_disk.readable(size.bytes)} ({size.about})")
    if yes or typer.confirm("Results stay. Delete these parts?"):
        of_disk.delete_parts(ROOT, found.idle)
        say(f"{of_disk.readable(idle)} are free")
