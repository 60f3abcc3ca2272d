"""Look for what may be wrong with the data: labels, copies, outliers, contradictions."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.artifacts.category_graph import EDGES
from pipeline_lib.artifacts.labelled import read_labelled
from pipeline_lib.artifacts.quality import write_quality
from pipeline_lib.artifacts.vectors import read_vectors
from pipeline_lib.console import one_thread, run, say, track
from pipeline_lib.datasets.images import Images
from pipeline_lib.device import accelerator
from pipeline_lib.params.quality import Quality
from pipeline_lib.params.section import optional_path
from pipeline_lib.steps.quality.judge import judge
from pipeline_lib.steps.quality.words import summary


@one_thread
def main(
    samples: Annotated[Path, typer.Option()],
    categories: Annotated[Path, typer.Option()],
    images: Annotated[Path, typer.Option()],
    vectors: Annotated[Path, typer.Option(help="What features or maps wrote.")],
    graph: Annotated[Path, typer.Option(help="Edges of a category graph, or data/none.")],
    out: Annotated[Path, typer.Option()],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
) -> None:
    """Write tables of what to look at, the worst first."""
    p, table = Quality.load("quality", params), read_labelled(samples, categories)
    known = optional_path(graph.as_posix())
    found = judge(
        table,
        read_vectors(vectors, table.ids),
        Images(images, table.samples).pixels,
        None if known is None else EDGES.read(known),
        p,
        device=accelerator(),
        track=track,
    )
    write_quality(out, found.tables, found.facts)
    say(f"quality: {summary(found.facts)}")


if __name__ == "__main__":
    run(main)
