"""Take the graph of tags into networkx. Run it in a checkout where `dvc repro` ran."""

from pathlib import Path

import networkx as nx
import polars as pl

from pipeline_lib.artifacts.category_graph import EDGES
from pipeline_lib.artifacts.samples import CATEGORIES
from pipeline_lib.knowledge.categories.files import to_networkx

ARTIFACTS = Path("data/artifacts")

edges = EDGES.read(ARTIFACTS / "category_graph/tags/edges.parquet")
tags = CATEGORIES.read(ARTIFACTS / "ingest/categories.parquet").filter(kind="tag")["name"]
seen_together = edges.filter(pl.col("provenance") == "cooccurrence", pl.col("sign") > 0)
graph = to_networkx(seen_together, tags)  # an edge leads from who informs to whom
print(f"{len(graph)} tags, {graph.number_of_edges()} edges of the training labels")

strong = nx.Graph((a, b) for a, b, edge in graph.edges(data=True) if edge["strength"] > 0.3)
groups = nx.community.greedy_modularity_communities(strong)
for group in groups[:3]:
    print("seen together:", ", ".join(sorted(group)))

rank = nx.pagerank(nx.DiGraph(graph), weight="strength")
print("informed by most:", max(rank, key=rank.__getitem__))
