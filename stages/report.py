"""Write the page that people read, and the table of comparisons behind it."""

from pathlib import Path
from typing import Annotated

import typer
from threadpoolctl import threadpool_limits

from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.artifacts.report import COMPARISON
from pipeline_lib.console import run, say
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.params.report import Report
from pipeline_lib.params.section import read_yaml
from pipeline_lib.reporting.assemble import Folders, assemble
from pipeline_lib.reporting.page import render


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
        features=_if_on(features, shared),
        clusters=_if_on(clusters, shared),
        relations=_if_on(relations, shared),
        category_graph=_if_on(category_graph, shared),
        vlp=_if_on(vlp, shared),
        maps=_if_on(maps, shared),
        regions=_if_on(regions, shared),
        exemplars=_if_on(exemplars, shared),
        train=train,
        evaluate=evaluate,
    )
    with threadpool_limits(limits=1):  # sums are split by threads, and so would be the last bits
        page, comparison = assemble(folders, runs, p, judging, data)
    html = render(page).encode()
    COMPARISON.write(comparison, out / "comparison.parquet")
    write_bytes(out / "index.html", html)
    say(f"report: {len(runs)} runs, index.html of {len(html) / 1e6:.1f} MB")


def _if_on(folder: Path, shared: dict[str, list[str]]) -> Path:
    """Return the folder of a shared stage, or one that is not there where the stage is off.

    What it wrote for other parameters, perhaps of another data set, may lie there still.
    """
    return folder if shared.get(folder.name) else folder / "off"


if __name__ == "__main__":
    run(main)
