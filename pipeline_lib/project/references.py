"""What a new run is compared with: the runs of plainer methods on the same backbone."""

from collections.abc import Iterable, Iterator
from typing import Any

from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from pipeline_lib.methods.registry import METHODS, VLP
from pipeline_lib.params.runs import REFERENCE
from pipeline_lib.project.stages import value

OF_MAPS = ("data/artifacts/maps/", "data/artifacts/exemplars/")  # made of one frozen backbone


def compare_by_default(document: Any, names: Iterable[str]) -> None:
    """Write the ``reference`` of runs that name none, in place."""
    for name in names:
        run = document["methods"][name]
        if REFERENCE not in run:
            run[REFERENCE] = list(_references(document, name))
        if isinstance(run[REFERENCE], list):
            run[REFERENCE] = _written(run[REFERENCE])


def _references(document: Any, name: str) -> Iterator[str]:
    """Yield runs of the methods that this one is compared with: same target, same backbone."""
    runs = document["methods"]
    for method in METHODS[runs[name]["method"]].compared_with:
        for other in runs:
            same = _seen(document, other) == _seen(document, name)
            if runs[other].get("method") == method and other != name and same:
                yield other


def _seen(document: Any, name: str) -> tuple[Any, ...]:
    """Return what a run predicts, and what tells its backbone from others."""
    run = document["methods"][name]
    target, read, weights = (run.get(key, "") for key in ("target", "input", "weights"))
    if weights == VLP:
        return target, VLP
    if str(read).startswith(OF_MAPS):
        return target, "maps"
    own = value(document, f"{name}.backbone")
    return target, value(own, "model"), value(own, "pretrained"), weights


def _written(names: list[str]) -> Any:
    """Return a name, or several in the form [one, other]."""
    if len(names) < 2:
        return names[0] if names else DoubleQuotedScalarString("")
    sequence = CommentedSeq(names)
    sequence.fa.set_flow_style()
    return sequence
