"""Get the vision-language model that open-vocabulary methods and text embeddings start from."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.artifacts.labelled import read_samples
from pipeline_lib.artifacts.vlp import write_vlp
from pipeline_lib.console import run, say, track
from pipeline_lib.device import pick_device
from pipeline_lib.params.vlp import Vlp
from pipeline_lib.steps.vlp.model import Sources, get
from pipeline_lib.steps.vlp.words import summary


def main(
    samples: Annotated[Path, typer.Option()],
    images: Annotated[Path, typer.Option()],
    checkpoints: Annotated[Path, typer.Option(help="Where training survives a kill.")],
    parts: Annotated[Path, typer.Option(help="Where encoded texts outlive a kill.")],
    out: Annotated[Path, typer.Option()],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
) -> None:
    """Write the model as a folder that open_clip loads."""
    p, device = Vlp.load("vlp", params), pick_device()
    sources = Sources(read_samples(samples), samples, images, checkpoints, parts)
    found = get(p, sources, device, track)
    write_vlp(
        out,
        found.weights,
        found.config,
        found.tokenizer,
        found.history,
        found.classifier,
        found.metrics,
    )
    if found.checkpoints is not None:
        found.checkpoints.clear()
    size = sum(array.size for array in found.weights.values()) / 1e6
    trained = f", last loss {found.history[-1]['loss']:.3f}" if found.history else ""
    say(f"vlp: {p.source.name}, {size:.1f} million parameters{trained}")
    if found.metrics is not None:
        say(f"vlp: {summary(found.metrics)}")


if __name__ == "__main__":
    run(main)
