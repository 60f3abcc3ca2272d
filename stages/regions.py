"""Find the regions of every image, and measure how well they find its objects."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.artifacts.labelled import read_labelled
from pipeline_lib.artifacts.made import made_with
from pipeline_lib.artifacts.regions import BOXES
from pipeline_lib.artifacts.shards import REGIONS
from pipeline_lib.console import run, say, track
from pipeline_lib.device import pick_device
from pipeline_lib.encoders.window import windows
from pipeline_lib.params.regions import Regions
from pipeline_lib.steps.csnet import read_material
from pipeline_lib.steps.regions.find import Finder, find_regions, with_lattice
from pipeline_lib.steps.regions.measure import box_table, localisation
from pipeline_lib.targets import Target


def main(
    target: Annotated[Target, typer.Argument(help="Of the network.")],
    samples: Annotated[Path, typer.Option()],
    categories: Annotated[Path, typer.Option()],
    maps: Annotated[Path, typer.Option()],
    csnet: Annotated[Path, typer.Option()],
    out: Annotated[Path, typer.Option()],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
) -> None:
    """Write boxes, descriptors and tags of each region."""
    p, network = Regions.load("regions", params), csnet / "network.safetensors"
    table = read_labelled(samples, categories)
    material = read_material(maps, table, target)
    finder = Finder.read(network, p.descriptor, pick_device())
    about = material.reader.origin | {"scale": asdict(finder.settings.scale)}
    more: dict[str, Any] = {"descriptor": p.descriptor}
    if p.lattice:
        finder = with_lattice(finder, material)
        more["lattice"] = about["lattice"] = list(finder.lattice or ())
    about["made"] = made_with(about["made"], "csnet", network, **more)
    REGIONS.write(out, table.ids, find_regions(material, finder, track=track), **about)
    reader, seen = REGIONS.open(out, table.ids), windows(maps, table.samples)
    BOXES.write(box_table(reader, table.samples, seen), out / "boxes.parquet")
    measured = localisation(reader, table, seen, p)
    write_json(out / "metrics.json", measured)
    best = measured.get("val", {}).get("mean_best_iou")
    steps = finder.settings.steps
    say(f"regions: {steps} of each of {len(table)} images, best IoU {best or 'unknown'}")


if __name__ == "__main__":
    run(main)
