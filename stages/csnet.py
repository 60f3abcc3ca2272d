"""Train the network that finds regions without boxes (VSCNet, step 1)."""

from pathlib import Path
from typing import Annotated

import polars as pl
import typer

from pipeline_lib.artifacts.atomic import write_bytes
from pipeline_lib.artifacts.labelled import read_labelled
from pipeline_lib.artifacts.regions import CSNET
from pipeline_lib.console import run, say, track
from pipeline_lib.device import pick_device
from pipeline_lib.methods.vscnet.settings import CsnetSettings
from pipeline_lib.params.section import load
from pipeline_lib.steps.csnet import fit_csnet, fit_folds, forget, header, read_material
from pipeline_lib.targets import Target


def main(
    target: Annotated[
        Target, typer.Argument(help="classes: a class head on the whole image helps.")
    ],
    samples: Annotated[Path, typer.Option()],
    categories: Annotated[Path, typer.Option()],
    maps: Annotated[Path, typer.Option()],
    checkpoints: Annotated[Path, typer.Option(help="Where training survives a kill.")],
    out: Annotated[Path, typer.Option()],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
) -> None:
    """Train on cached feature maps; images are not read."""
    p, device = load(CsnetSettings, "csnet", params), pick_device()
    material = read_material(maps, read_labelled(samples, categories), target)
    weights, history = fit_csnet(material, p, checkpoints, device=device, track=track)
    arrays = {name: value.numpy() for name, value in weights.items()}
    arrays |= fit_folds(material, p, checkpoints, device=device, track=track)
    CSNET.write(out / "network.safetensors", arrays, **header(material, p))
    write_bytes(out / "history.csv", pl.DataFrame(history).write_csv().encode())
    forget(material, p, checkpoints, device=device)
    say(f"csnet: {p.steps} regions per image, last loss {history[-1]['loss']:.3f}")


if __name__ == "__main__":
    run(main)
