"""Train one run of a method with each of its seeds, and score every evaluation split."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.artifacts.labelled import read_samples
from pipeline_lib.console import run, say, track
from pipeline_lib.device import pick_device
from pipeline_lib.params.section import load, optional_path
from pipeline_lib.steps.train.job import Job
from pipeline_lib.steps.train.loading import load_fit, load_settings
from pipeline_lib.steps.train.output import write_fitted
from pipeline_lib.targets import Target


def main(
    name: Annotated[str, typer.Argument(help="The run: a section of params.yaml.")],
    method: Annotated[str, typer.Option()],
    target: Annotated[Target, typer.Option(help="What it predicts: classes or tags.")],
    samples: Annotated[Path, typer.Option()],
    categories: Annotated[Path, typer.Option()],
    input_: Annotated[Path, typer.Option("--input", help="Images, feature maps or graphs.")],
    text: Annotated[str, typer.Option()],
    knowledge: Annotated[str, typer.Option()],
    weights: Annotated[str, typer.Option()],
    checkpoints: Annotated[Path, typer.Option(help="Where training survives a kill.")],
    out: Annotated[Path, typer.Option()],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
) -> None:
    """Train and score."""
    p = load(load_settings(method), name, params)
    read_samples(samples).check_tested(target)
    job = Job(
        name=name,
        method=method,
        learn=load_fit(method),
        target=target,
        settings=p,
        samples=samples,
        categories=categories,
        input=input_,
        text=optional_path(text),
        knowledge=optional_path(knowledge),
        weights=optional_path(weights),
        device=pick_device(),
        checkpoints=checkpoints,
    )
    fitted = list(job.fit(p.seeds, track))
    write_fitted(out, job, p.seeds, fitted)
    job.forget(p.seeds)
    losses = ", ".join(f"{f.history[-1]['loss']:.3f}" for f in fitted)
    say(f"{name}: {method}, {len(fitted)} seeds, last losses {losses}")


if __name__ == "__main__":
    run(main)
