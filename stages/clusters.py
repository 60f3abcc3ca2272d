"""Group the features of the training images into visual patterns."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.artifacts.clusters import write_clusters
from pipeline_lib.artifacts.features import read_features
from pipeline_lib.artifacts.labelled import read_labelled
from pipeline_lib.console import one_thread, run, say
from pipeline_lib.device import accelerator
from pipeline_lib.params.clusters import Clusters
from pipeline_lib.steps.clusters import find_patterns, space_of


@one_thread
def main(
    samples: Annotated[Path, typer.Option()],
    categories: Annotated[Path, typer.Option()],
    features: Annotated[Path, typer.Option()],
    weights: Annotated[Path, typer.Option(help="Of the backbone, which may hold a classifier.")],
    clusters: Annotated[Path, typer.Option()],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
) -> None:
    """Cluster, and say how well the clusters agree with the classes."""
    p = Clusters.load("clusters", params)
    table = read_labelled(samples, categories)
    train = table.train
    vectors = read_features(features, table.ids)[train]
    classes = table.targets("classes", train)
    space = space_of(p, vectors, weights, table.class_names)
    found = find_patterns(vectors, classes, p, space=space, device=accelerator())
    noise = int(found.clustering.noise.sum())
    write_clusters(
        clusters, table.ids_of(train), found.clustering.labels, found.prototypes, found.quality
    )
    say(
        f"clusters: {found.clustering.count} of {len(train)} images by {p.algorithm.name}, "
        f"purity {found.quality['purity']:.3f}{f', {noise} images outside' if noise else ''}"
    )


if __name__ == "__main__":
    run(main)
