"""Group the features of the training images into visual patterns."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline_lib.artifacts.clusters import write_clusters
from pipeline_lib.artifacts.features import read_features
from pipeline_lib.artifacts.labelled import read_labelled
from pipeline_lib.clustering.prototypes import prototypes
from pipeline_lib.clustering.quality import quality
from pipeline_lib.clustering.registry import cluster
from pipeline_lib.console import one_thread, run, say
from pipeline_lib.device import accelerator
from pipeline_lib.params.clusters import Clusters


@one_thread
def main(
    samples: Annotated[Path, typer.Option()],
    categories: Annotated[Path, typer.Option()],
    features: Annotated[Path, typer.Option()],
    clusters: Annotated[Path, typer.Option()],
    params: Annotated[Path, typer.Option()] = Path("params.yaml"),
) -> None:
    """Cluster, and say how well the clusters agree with the classes."""
    p = Clusters.load("clusters", params)
    table = read_labelled(samples, categories)
    train = table.train
    vectors = read_features(features, table.ids)[train]
    classes = table.targets("classes", train)
    fitted = cluster(vectors, p, device=accelerator())
    described = quality(fitted.labels_, classes, fitted.n_clusters_)
    means = prototypes(vectors, fitted.labels_, fitted.n_clusters_)
    write_clusters(clusters, table.ids_of(train), fitted.labels_, means, described)
    say(
        f"clusters: {fitted.n_clusters_} of {len(train)} images by {p.algorithm}, "
        f"purity {described['purity']:.3f}"
    )


if __name__ == "__main__":
    run(main)
