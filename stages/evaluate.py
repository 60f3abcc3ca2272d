"""Judge the scores of one run: metrics with intervals, tables, plots."""

from dataclasses import fields
from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.artifacts.evaluation import write_evaluation
from pipeline_lib.artifacts.labelled import read_labelled
from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.console import one_thread, run, say
from pipeline_lib.evaluation.view_names import MARK, views_of
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.steps.evaluate.judging import judge
from pipeline_lib.targets import Target


@one_thread
def main(
    name: Annotated[str, typer.Argument(help="The run that is judged.")],
    target: Annotated[Target, typer.Option(help="What it predicts: classes or tags.")],
    samples: Annotated[Path, typer.Option()],
    categories: Annotated[Path, typer.Option()],
    scores: Annotated[Path, typer.Option()],
    out: Annotated[Path, typer.Option()],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
) -> None:
    """Judge every evaluation split."""
    p = Evaluation.load("evaluation", params)
    table = read_labelled(samples, categories)
    found = judge(scores, table, p, target)
    parts = {field.name: getattr(found, field.name) for field in fields(found)}
    write_evaluation(out, **parts | {"measures": [m.stored for m in found.measures]})
    first = found.measures[0].name
    judged = (
        f"{view.replace(MARK, ' ')} {values[first]:.4f} "
        f"({values[f'{first}_low']:.4f} to {values[f'{first}_high']:.4f})"
        for view in views_of(TEST, found.details)
        for values in [found.details[view]]
    )
    left = set(table.evaluation_splits) - found.details.keys()
    said = "".join(f"; {split} not judged: no image has {target}" for split in sorted(left))
    if found.thresholds.refused:
        said += f"; nothing chosen on {found.thresholds.split}: {found.thresholds.refused}"
    say(f"{name}: {first}: {', '.join(judged)}{said}")


if __name__ == "__main__":
    run(main)
