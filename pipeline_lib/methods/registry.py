"""The catalogue of methods. A new method is a package beside this file and an entry here.

Training does not read it (pipeline_lib/runs/loading.py finds a method by its name), so that a new
entry trains nothing anew.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Method:
    """What users and commands need to know of a method without importing it."""

    name: str
    title: str
    paper: str
    target: str  # "classes" or "tags": what it predicts
    shared: tuple[str, ...] = ()  # shared stages it needs, in the order they run
    knowledge: str = "data/none"  # what it learns from besides images and labels


METHODS = {
    method.name: method
    for method in (
        Method(
            name="base",
            title="Base: a backbone and a linear classifier",
            paper="the first row of every table",
            target="classes",
        ),
        Method(
            name="csrms",
            title="CSRMS: class-level structural relation modelling and smoothing",
            paper="Chen et al., ACM Multimedia 2023",
            target="classes",
            shared=("baseline", "features", "clusters", "relations"),
            knowledge="data/artifacts/relations/classes/knowledge.safetensors",
        ),
    )
}
