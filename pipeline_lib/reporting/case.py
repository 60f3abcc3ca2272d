"""One explained image: its graph beside what its regions were matched with."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pipeline_lib.reporting.exemplar_pictures import Matched
from pipeline_lib.reporting.image_graphs import Graph
from pipeline_lib.reporting.region_pictures import Overlay

ARRAYS = ("tags", "raw", "refined", "matched", "similarity", "beliefs")


@dataclass(frozen=True)
class Case:
    """An image, its regions and its graph; a node is an index into the graph's arrays."""

    matched: Matched
    graph: Graph
    row: int  # of the sample table
    overlay: Overlay

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """The image's row of the arrays of artifacts/exemplars.py GRAPHS."""
        return {name: self.matched.reader.rows([self.row], name)[0] for name in ARRAYS}

    @cached_property
    def kinds(self) -> dict[int, str]:
        """The nodes that there are, by kind: regions, tags, prototypes."""
        return self.graph.kinds(len(self.arrays["matched"]))

    def of_kind(self, kind: str) -> list[int]:
        """Return the nodes of one kind."""
        return [node for node, found in self.kinds.items() if found == kind]

    def tag(self, node: int) -> int:
        """Return the tag that a node stands for."""
        return int(self.graph.tags[node - len(self.arrays["matched"])])

    def prototype(self, node: int) -> int:
        """Return the prototype that a node stands for: that of the region with its place."""
        matched = self.arrays["matched"]
        return int(matched[node - len(matched) - len(self.graph.tags)])

    def regions(self, prototype: int) -> np.ndarray:
        """Return the regions that matched a prototype, ascending."""
        return np.flatnonzero(self.arrays["matched"] == prototype)

    def similarity(self, prototype: int) -> float:
        """Return the similarity of a prototype with the region most like it."""
        return float(self.arrays["similarity"][self.regions(prototype)].max())

    def belief(self, tag: int, kind: str) -> float:
        """Return the highest probability, "raw" or "refined", that a region gives a tag."""
        return float(self.arrays[kind][self.arrays["tags"] == tag].max(initial=0.0))

    def label(self, node: int) -> str:
        """Return what is written beside a node."""
        if self.kinds[node] == "region":
            return str(self.overlay.outlines[node].number)
        if self.kinds[node] == "tag":
            return self.matched.located.tag_names[self.tag(node)]
        return ""

    def title(self, node: int) -> str:
        """Return what a node is, in words."""
        if self.kinds[node] == "region":
            seen = self.overlay.outlines[node]
            return f"region {seen.number} ({seen.tag})"
        if self.kinds[node] == "tag":
            return f"tag {self.label(node)}"
        number = self.prototype(node)
        return f"prototype {number} ({self.matched.prototypes['name'][number]})"
