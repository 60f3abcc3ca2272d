"""Derive from clusters and classes what CSRMS knows about the training set (Sec. 4.1-4.2)."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.artifacts.clusters import read_labels
from pipeline_lib.artifacts.encoded import encoded_for
from pipeline_lib.artifacts.features import read_features, shard_path
from pipeline_lib.artifacts.labelled import read_labelled
from pipeline_lib.artifacts.relations import write_relations
from pipeline_lib.console import one_thread, run, say
from pipeline_lib.params.relations import Relations
from pipeline_lib.steps.relations import relate


@one_thread
def main(
    samples: Annotated[Path, typer.Option()],
    categories: Annotated[Path, typer.Option()],
    features: Annotated[Path, typer.Option()],
    clusters: Annotated[Path, typer.Option()],
    relations: Annotated[Path, typer.Option()],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
) -> None:
    """Relate the training images: difficulty, positives, negatives, counts, the graph."""
    p = Relations.load("relations", params)
    table = read_labelled(samples, categories)
    train, names = table.train, table.class_names
    ids = table.ids_of(train)
    vectors = read_features(features, table.ids)[train]
    labels, count = read_labels(clusters, ids)
    classes = table.targets("classes", train)
    found = relate(vectors, labels, count, classes, p, class_names=names, sample_ids=ids)
    write_relations(
        relations,
        found.anchors(ids),
        found.cluster_classes,
        found.pairs,
        found.edges,
        found.knowledge,
        found.facts,
        encoded_for(shard_path(features, 0)),
    )
    easy, hard = found.facts["easy"], found.facts["hard"]
    say(
        f"relations: {found.facts['dominated_clusters']} dominated clusters, {easy} easy and "
        f"{hard} hard of {len(ids)} images"
    )


if __name__ == "__main__":
    run(main)
