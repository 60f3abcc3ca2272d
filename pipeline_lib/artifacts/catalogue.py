"""All kinds of tensor files that stages write; docs/artifacts.md has the list of their arrays."""

from collections.abc import Iterator

from pipeline_lib.artifacts import (
    clusters,
    evaluation,
    exemplars,
    features,
    knowledge,
    made,
    regions,
    samples,
    scores,
    shards,
    text,
    vlp,
)
from pipeline_lib.artifacts.arrays import Array, declared_for
from pipeline_lib.artifacts.tensors import Tensors

KINDS: dict[str, Tensors] = {
    kind.artifact: kind
    for kind in (
        samples.IMAGES,
        vlp.WEIGHTS,
        vlp.CLASSIFIER,
        scores.BACKBONE,
        features.SHARD,
        clusters.PROTOTYPES,
        knowledge.RELATIONS,
        text.EMBEDDINGS,
        knowledge.GRAPH,
        knowledge.NEIGHBOURS,
        shards.MAPS.file,
        made.FROZEN,
        regions.CSNET,
        shards.REGIONS.file,
        regions.TAG_HEAD,
        exemplars.VSE,
        exemplars.GRAPHS.file,
        knowledge.TAG_COUNTS,
        scores.SCORES,
        scores.WEIGHTS,
        evaluation.DRAWS,
    )
}
"""By name, in the order of the stages that write them."""


def dims_of(artifact: str, name: str) -> str:
    """Return the names of an array's dimensions; nothing of a kind or array that is not known."""
    kind = KINDS.get(artifact)
    found = declared_for(kind.arrays, name) if kind else None
    return _dims(found) if found else ""


def listing() -> str:
    """Return a table in Markdown of every array of every kind."""
    rows = [
        ("below `data/artifacts`", "array", "type", "dimensions", "holds"),
        ("---",) * 5,
        *_rows(),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _rows() -> Iterator[tuple[str, ...]]:
    for kind in KINDS.values():
        where = f"`{kind.stage}/{kind.file.replace('{item}', '*')}`"
        for array in kind.arrays:
            yield where, f"`{array.name}`", array.dtype or "any", _dims(array), array.holds
            where = ""


def _dims(array: Array) -> str:
    return ", ".join(str(dim) for dim in array.dims)
