"""Cluster the regions of each tag into exemplars, and match every region with them."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from pipeline_lib.artifacts.exemplars import GRAPHS, PROTOTYPES, VSE
from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.artifacts.knowledge import TAG_COUNTS, write_knowledge
from pipeline_lib.artifacts.labelled import read_labelled
from pipeline_lib.artifacts.made import made_with
from pipeline_lib.artifacts.shards import REGIONS
from pipeline_lib.console import one_thread, run, say, track
from pipeline_lib.device import accelerator
from pipeline_lib.params.exemplars import Exemplars
from pipeline_lib.steps.exemplars.build import build, prototype_table
from pipeline_lib.steps.exemplars.match import match_all
from pipeline_lib.steps.exemplars.worth import describe
from pipeline_lib.targets import TARGETS


@one_thread
def main(
    samples: Annotated[Path, typer.Option()],
    categories: Annotated[Path, typer.Option()],
    regions: Annotated[Path, typer.Option()],
    parts: Annotated[Path, typer.Option(help="Where finished tags and images outlive a kill.")],
    out: Annotated[Path, typer.Option()],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
) -> None:
    """Write prototypes, matches and what they are worth."""
    p, table = Exemplars.load("exemplars", params), read_labelled(samples, categories)
    ids, train = table.ids, table.train
    names = {target: table.predicted_names(target) for target in TARGETS}
    tags, classes = table.targets("tags"), table.targets("classes")
    reader = REGIONS.open(regions, ids)
    found = build(reader, table, classes, p, parts, device=accelerator(), track=track)
    matches = match_all(reader, table, classes, found, p, parts, track=track)
    exemplars, about = out / "exemplars.safetensors", reader.origin
    VSE.write(exemplars, found.arrays, params=p.model_dump())
    about["made"] = made_with(about["made"], "exemplars", exemplars)
    GRAPHS.write(out, ids, matches, **about)
    PROTOTYPES.write(prototype_table(found, ids, names["tags"]), out / "prototypes.parquet")
    carried = {"tags": tags[train].sum(0).astype(np.int32)}
    ids_of_train = table.ids_of(train)
    write_knowledge(TAG_COUNTS, out / "knowledge.safetensors", ids_of_train, carried)
    facts = describe(GRAPHS.open(out, ids), table, tags, classes, found.exemplars)
    write_json(out / "metrics.json", facts)
    counts, gain = facts["prototypes"], facts.get("val", {}).get("tag_map_gain", 0.0)
    say(
        f"exemplars: {counts['retained']} of {counts['all']} prototypes retained for "
        f"{counts['tags']} tags, refined tags {gain:+.4f} mAP on val"
    )


if __name__ == "__main__":
    run(main)
