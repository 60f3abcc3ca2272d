"""Write the page that people read, and the table of comparisons behind it."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.artifacts.report import COMPARISON
from pipeline_lib.console import one_thread, run, say
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.params.report import Report
from pipeline_lib.params.section import read_yaml
from pipeline_lib.reporting.material import Material
from pipeline_lib.reporting.page import render
from pipeline_lib.reporting.unpredicted import unpredicted
from pipeline_lib.steps.report import assemble, check_folders


@one_thread
def main(
    folders: Annotated[list[Path], typer.Argument(help="What stages wrote, by their names.")],
    out: Annotated[Path, typer.Option()],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
) -> None:
    """Report on the data set and on every enabled run."""
    p = Report.load("report", params)
    judging, data = Evaluation.load("evaluation", params), Dataset.load("dataset", params)
    by_name = {folder.name: folder for folder in folders}
    check_folders(by_name)
    material = Material.read(by_name, read_yaml(params), p, judging, data)
    html, beside = render(assemble(material)), material.collection.beside
    COMPARISON.write(material.comparison, out / "comparison.parquet")
    beside.publish(out, html)
    size = f"{len(html.encode()) / 1e6:.1f} MB"
    say(f"report: {len(material.runs)} runs, index.html of {size}, {len(beside)} files beside it")
    for found in unpredicted(material.collection, {one.target for one in material.runs}):
        say(f"report: {found.text}")


if __name__ == "__main__":
    run(main)
