"""Write the page that people read, and the table of comparisons behind it."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.artifacts.report import COMPARISON
from pipeline_lib.console import one_thread, run, say
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.params.report import Report
from pipeline_lib.params.section import read_yaml
from pipeline_lib.reporting.page import render
from pipeline_lib.steps.report import Folders, assemble


@one_thread
def main(
    ingest: Annotated[Path, typer.Option()],
    features: Annotated[Path, typer.Option()],
    clusters: Annotated[Path, typer.Option()],
    relations: Annotated[Path, typer.Option()],
    category_graph: Annotated[Path, typer.Option()],
    vlp: Annotated[Path, typer.Option()],
    maps: Annotated[Path, typer.Option()],
    regions: Annotated[Path, typer.Option()],
    exemplars: Annotated[Path, typer.Option()],
    train: Annotated[Path, typer.Option()],
    evaluate: Annotated[Path, typer.Option()],
    out: Annotated[Path, typer.Option()],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
) -> None:
    """Report on the data set and on every enabled run."""
    p = Report.load("report", params)
    judging, data = Evaluation.load("evaluation", params), Dataset.load("dataset", params)
    document = read_yaml(params)
    runs, shared = document.get("methods") or {}, document.get("shared") or {}
    folders = Folders(
        ingest=ingest,
        features=features,
        clusters=clusters,
        relations=relations,
        category_graph=category_graph,
        vlp=vlp,
        maps=maps,
        regions=regions,
        exemplars=exemplars,
        train=train,
        evaluate=evaluate,
        on=shared,
    )
    page, comparison = assemble(folders, runs, p, judging, data)
    html = render(page).encode()
    COMPARISON.write(comparison, out / "comparison.parquet")
    write_bytes(out / "index.html", html)
    say(f"report: {len(runs)} runs, index.html of {len(html) / 1e6:.1f} MB")
    for found in page.unpredicted:
        say(f"report: {found.text}")


if __name__ == "__main__":
    run(main)
