"""Mine which categories inform which, from every source that params name."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.artifacts.category_graph import write_category_graph
from pipeline_lib.artifacts.labelled import read_labelled
from pipeline_lib.artifacts.text import FILE, read_text
from pipeline_lib.console import one_thread, run, say, track
from pipeline_lib.knowledge.categories.edges import Categories
from pipeline_lib.knowledge.categories.sources import Asked
from pipeline_lib.params.category_graph import CategoryGraph
from pipeline_lib.steps.category_graph import mine
from pipeline_lib.targets import Target


@one_thread
def main(
    target: Annotated[Target, typer.Argument(help="What is related: tags or classes.")],
    samples: Annotated[Path, typer.Option()],
    categories: Annotated[Path, typer.Option()],
    text: Annotated[Path, typer.Option()],
    answers: Annotated[Path, typer.Option(help="Where answers outlive a kill.")],
    graph: Annotated[Path, typer.Option()],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
) -> None:
    """Write edges with their provenance, and the tensors that methods train on."""
    p = CategoryGraph.load("category_graph", params)
    table = read_labelled(samples, categories)
    rows, train = table.predicted(target), table.train
    names = rows["name"].to_list()
    vectors = read_text(text / FILE, names)["embeddings"]
    known = Categories(names, rows["seen"].to_numpy(), vectors)
    found = mine(Asked(known, table.samples[target][train], p, answers, track))
    write_category_graph(
        graph,
        table.ids_of(train),
        found.edges,
        found.answers,
        found.graph,
        found.neighbours,
        found.facts,
    )
    for remark in found.remarks:
        say(f"category_graph: {remark}")
    say(
        f"category_graph: {len(found.edges)} edges between {len(known.names)} {target} by "
        f"{', '.join(p.sources)}; {found.facts['without_neighbours']} without neighbours"
    )


if __name__ == "__main__":
    run(main)
