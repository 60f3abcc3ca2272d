"""Train the plain backbone whose features are clustered."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.console import run, say, track
from pipeline_lib.device import pick_device
from pipeline_lib.methods.base.fit import fit
from pipeline_lib.methods.base.settings import Settings
from pipeline_lib.params.baseline import Baseline, Plain
from pipeline_lib.params.section import optional_path
from pipeline_lib.steps.baseline import train_backbone
from pipeline_lib.steps.train.job import Job
from pipeline_lib.targets import Target


def main(
    target: Annotated[Target, typer.Argument(help="What it predicts: classes or tags.")],
    samples: Annotated[Path, typer.Option()],
    categories: Annotated[Path, typer.Option()],
    images: Annotated[Path, typer.Option()],
    checkpoints: Annotated[Path, typer.Option(help="Where training survives a kill.")],
    out: Annotated[Path, typer.Option()],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
) -> None:
    """Train one seed and write its weights under timm's names."""
    section = Baseline.load("baseline", params)
    p: Plain = getattr(section, target)
    seed = p.seed
    job = Job(
        name="baseline",
        method="base",
        learn=fit,
        target=target,
        settings=Settings(seeds=[seed], backbone=p.backbone, recipe=p.recipe),
        samples=samples,
        categories=categories,
        input=images,
        text=None,
        knowledge=None,
        weights=optional_path(section.weights),
        device=pick_device(),
        checkpoints=checkpoints,
    )
    loss = train_backbone(job, seed, out, track)
    say(f"baseline: {target} by {p.backbone.model}, last loss {loss:.3f}")


if __name__ == "__main__":
    run(main)
