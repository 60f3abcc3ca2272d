"""The graphs of some test images, as a run of VSCNet kept them beside its scores."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline_lib.artifacts.samples import TEST
from pipeline_lib.artifacts.scores import SCORES

KINDS = ("region", "prototype", "tag")
"""The kinds of nodes, from left to right."""


@dataclass(frozen=True)
class Graph:
    """The graph of one image; nodes in the order regions, tags, prototypes by region."""

    position: int  # of the image among those of the split
    logits: np.ndarray  # (classes,)
    tags: np.ndarray  # (T,), which tags are nodes
    adjacency: np.ndarray  # (nodes, nodes) bool
    there: np.ndarray  # (nodes,) bool
    nodes: np.ndarray | None  # (nodes,) how causal each is, 0…1; None without the part +C
    edges: np.ndarray | None  # (nodes, nodes)

    def kinds(self, regions: int) -> dict[int, str]:
        """Return the kind of each node that there is, in a graph of so many regions."""
        tags = len(self.tags)
        kinds = ["region"] * regions + ["tag"] * tags
        kinds += ["prototype"] * (len(self.there) - len(kinds))
        return {int(node): kinds[node] for node in np.flatnonzero(self.there)}

    def pairs(self) -> list[tuple[int, int]]:
        """Return the edges, each once."""
        return [(int(a), int(b)) for a, b in np.argwhere(np.triu(self.adjacency, 1))]

    def causal(self, a: int, b: int | None = None) -> float | None:
        """Return how causal a node is, or the edge between two."""
        if self.nodes is None or self.edges is None:
            return None
        return float(self.nodes[a] if b is None else self.edges[a, b])


@dataclass(frozen=True)
class Graphs:
    """What the first seed of a run explains."""

    positions: np.ndarray  # of the explained images in the split, ascending
    arrays: dict[str, np.ndarray]
    logits: np.ndarray  # (explained, classes)

    @classmethod
    def read(cls, train: Path) -> "Graphs | None":
        """Read what a run explains of the test images; None where it explains nothing.

        Raises:
            InputError: the scores are missing or damaged.
        """
        with SCORES.opened(train / "scores.safetensors") as (file, header):
            seed = header["seeds"][0]
            prefix = f"{seed}/extra/{TEST}/"
            keys = [key for key in file.keys() if key.startswith(prefix)]  # noqa: SIM118
            arrays: dict[str, Any] = {k.removeprefix(prefix): file.get_tensor(k) for k in keys}
            if "adjacency" not in arrays:
                return None
            positions = arrays.pop("images").astype(np.int64)
            logits = file.get_tensor(f"{seed}/{TEST}/logits")[positions]
        return cls(positions, arrays, logits)

    def __getitem__(self, place: int) -> Graph:
        """Return the graph of one explained image."""
        a = {name: array[place] for name, array in self.arrays.items()}
        return Graph(
            position=int(self.positions[place]),
            logits=self.logits[place],
            tags=a["tags"],
            adjacency=a["adjacency"].astype(bool),
            there=a["there"].astype(bool),
            nodes=a["nodes"].astype(np.float64) if "nodes" in a else None,
            edges=a["edges"].astype(np.float64) if "edges" in a else None,
        )
