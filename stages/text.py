"""Embed the names of the categories."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.artifacts.labelled import read_categories
from pipeline_lib.artifacts.text import write_text
from pipeline_lib.console import one_thread, run, say
from pipeline_lib.device import pick_device
from pipeline_lib.params.text import Prompted, Text
from pipeline_lib.steps.text import embed
from pipeline_lib.targets import Target


@one_thread
def main(
    target: Annotated[Target, typer.Argument(help="What is embedded: tags or classes.")],
    categories: Annotated[Path, typer.Option()],
    text: Annotated[Path, typer.Option()],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
) -> None:
    """Write one vector per category, from the source that section ``text`` names."""
    p = Text.load("text", params)
    rows = read_categories(categories).predicted(target)
    names = rows["name"].to_list()
    found = embed(names, p, pick_device())
    arrays = {"embeddings": found.vectors, "seen": rows["seen"].to_numpy()} | found.more
    prompts = p.source.prompts if isinstance(p.source, Prompted) else []
    source, missing = p.source.name, found.missing
    write_text(text, names, arrays, source=source, prompts=prompts, missing=missing)
    unknown = f"; unknown: {', '.join(found.missing)}" if found.missing else ""
    say(f"text: {len(names)} {target} by {p.source.name}, {found.vectors.shape[1]}-d{unknown}")


if __name__ == "__main__":
    run(main)
