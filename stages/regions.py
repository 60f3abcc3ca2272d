"""Find the regions of every image, on its map or in its pixels, and measure how well they find."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.artifacts.labelled import read_labelled
from pipeline_lib.artifacts.made import FROZEN_FILE, made_with
from pipeline_lib.artifacts.regions import BOXES, HEAD_FILE
from pipeline_lib.artifacts.shards import REGIONS
from pipeline_lib.console import run, say, track
from pipeline_lib.device import pick_device
from pipeline_lib.encoders.window import windows
from pipeline_lib.params.regions import FromPixels, Regions
from pipeline_lib.steps.csnet import read_material
from pipeline_lib.steps.regions.find import find_regions, folds_of, with_lattice
from pipeline_lib.steps.regions.finder import Finder
from pipeline_lib.steps.regions.measure import box_table, localisation
from pipeline_lib.steps.regions.pixels import find_in_pixels
from pipeline_lib.targets import Target


def main(
    target: Annotated[Target, typer.Argument(help="Of the network.")],
    samples: Annotated[Path, typer.Option()],
    categories: Annotated[Path, typer.Option()],
    images: Annotated[Path, typer.Option()],
    maps: Annotated[Path, typer.Option()],
    csnet: Annotated[Path, typer.Option()],
    parts: Annotated[Path, typer.Option(help="Where encoded cut-outs outlive a kill.")],
    out: Annotated[Path, typer.Option()],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
) -> None:
    """Write boxes, descriptors and tags of each region."""
    p, network = Regions.load("regions", params), csnet / "network.safetensors"
    table = read_labelled(samples, categories)
    material = read_material(maps, table, target)
    finder = Finder.read(network, p.descriptor, pick_device())
    fold = folds_of(network, table.train, len(table))
    about = material.reader.origin | {"scale": asdict(finder.settings.scale)}
    more: dict[str, Any] = {"descriptor": p.descriptor}
    if p.lattice:
        finder = with_lattice(finder, material)
        more["lattice"] = about["lattice"] = list(finder.lattice or ())
    about["made"] = made_with(about["made"], "csnet", network, **more)
    if isinstance(p.source, FromPixels):
        head, frozen = out / HEAD_FILE, maps / FROZEN_FILE
        pixels = find_in_pixels(
            material, finder, fold, p.source, images, frozen, parts, seed=p.seed, track=track
        )
        pixels.name.write(head, **pixels.header)
        about["made"] = made_with(about["made"], "regions", head)
        about["encoded"] = (about["encoded"] or {}) | {"regions": pixels.encoded}
        chunks = pixels.chunks()
    else:
        chunks = find_regions(material, finder, fold, track=track)
    REGIONS.write(out, table.ids, chunks, **about)
    reader, seen = REGIONS.open(out, table.ids), windows(maps, table.samples)
    BOXES.write(box_table(reader, table.samples, seen), out / "boxes.parquet")
    measured = localisation(reader, table, seen, p)
    write_json(out / "metrics.json", measured)
    best = measured.get("val", {}).get("mean_best_iou")
    steps = finder.settings.steps
    say(f"regions: {steps} of each of {len(table)} images, best IoU {best or 'unknown'}")


if __name__ == "__main__":
    run(main)
