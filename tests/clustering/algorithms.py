"""Every clusterer with small numbers: values of key ``algorithm``."""

from typing import Any

from pydantic import TypeAdapter

from pipeline_lib.params.clusterers import Algorithm

FUZZY_ART: dict[str, Any] = {
    "name": "fuzzy_art",
    "rho": 0.7,
    "alpha": 0.01,
    "beta": 0.5,
    "epochs": 2,
    "ties": "first",
    "shuffle": "none",
    "vigilance": {"name": "fixed"},
}
KMEANS: dict[str, Any] = {"name": "kmeans", "n_clusters": 2, "iterations": 5, "seed": 0}
HDBSCAN: dict[str, Any] = {
    "name": "hdbscan",
    "min_cluster_size": 5,
    "min_samples": 3,
    "selection": "eom",
    "single": False,
}
ADAPTER: TypeAdapter[Algorithm] = TypeAdapter(Algorithm)


def algorithm(values: dict[str, Any], **changes: Any) -> Algorithm:
    return ADAPTER.validate_python(values | changes)
