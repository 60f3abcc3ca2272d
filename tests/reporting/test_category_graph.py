import networkx as nx
import numpy as np
import polars as pl
import pytest

from pipeline_lib.artifacts.category_graph import EDGES
from pipeline_lib.artifacts.json_file import write_json
from pipeline_lib.artifacts.knowledge import GRAPH, write_knowledge
from pipeline_lib.artifacts.labelled import CategoryTable
from pipeline_lib.artifacts.samples import CATEGORIES
from pipeline_lib.reporting.figures.network import HEIGHT, MARGIN, WIDTH, network
from pipeline_lib.reporting.figures.star import FAINTER, WIDEST, star
from pipeline_lib.reporting.sections.around import around
from pipeline_lib.reporting.sections.category_graph import category_graph

ROWS = [  # target, source, provenance, strength
    ("boat", "sea", "llm", 1.0), ("boat", "dock", "llm", 0.5), ("boat", "sea", "random", 0.3),
    ("dock", "boat", "llm", 0.5), ("sea", "gull", "random", 0.9),
]  # fmt: skip
NAMES = {"boat": 9, "dock": 3, "gull": 0, "sea": 5}


@pytest.fixture
def graph(tmp_path):
    """The section of a small graph, in which the gull was never seen."""
    rows = [
        {"target": t, "source": s, "provenance": p, "sign": 1, "strength": v, "value": v,
         "relation": "r", "explanation": f"why {s}"}
        for t, s, p, v in ROWS
    ]  # fmt: skip
    rows.append(rows[0] | {"source": "gull", "sign": -1})
    EDGES.write(pl.DataFrame(rows, EDGES.dtypes), tmp_path / "tags" / "edges.parquet")
    write_json(tmp_path / "tags" / "metrics.json", {"categories": 4})
    adjacency = np.zeros((4, 4), np.float32)  # in alphabetical order
    adjacency[0, 1], adjacency[0, 3] = 0.25, 0.65
    arrays = {"adjacency": adjacency, "exclusion": np.zeros_like(adjacency)}
    write_knowledge(GRAPH, tmp_path / "tags" / "graph.safetensors", ["0"], arrays)
    categories = pl.DataFrame(
        {"kind": "tag", "index": range(4), "name": list(NAMES),
         "seen": [n > 0 for n in NAMES.values()],
         "train_count": list(NAMES.values()), "far": None}, CATEGORIES.dtypes,
    )  # fmt: skip
    found = category_graph(tmp_path / "tags", "tags", CategoryTable(categories=categories))
    return found


def test_sources_are_counted(graph):
    llm, random = graph.sources
    assert (llm.name, llm.edges, llm.negative, llm.strength) == ("llm", 3, 1, pytest.approx(2 / 3))
    assert (random.name, random.edges, random.negative) == ("random", 2, 0)
    assert llm.colour != random.colour


def test_agreement_is_the_mean_overlap_of_nearest_neighbours(graph):
    (pair,) = graph.agreements
    # boat: {sea} of {sea, dock}; dock: only the one says anything; sea: only the other
    assert pair.overlap == pytest.approx((1 / 2 + 0 + 0) / 3)


def test_unseen_categories_come_first_then_the_commonest(graph):
    assert [one.name for one in graph.compared] == ["gull", "boat", "sea", "dock"]
    assert [one.seen for one in graph.compared] == [False, True, True, True]


def test_all_sources_of_a_category_stand_side_by_side_with_the_merged_graph(graph):
    sea, dock = graph.compared[1].neighbours  # of the boat
    assert (sea.name, sea.strengths) == ("sea", {"llm": 1.0, "random": pytest.approx(0.3)})
    assert sea.merged == pytest.approx(0.65)
    assert sea.why[0] == ("llm", "r", "why sea")
    assert (dock.name, dock.strengths, dock.merged) == ("dock", {"llm": 0.5}, 0.25)
    assert graph.compared[0].neighbours == []  # of the gull


def test_every_edge_is_drawn_between_its_categories(graph):
    llm, random = (source.drawing for source in graph.sources)
    place = {node.name: (node.x, node.y) for node in llm.nodes}
    assert (len(llm.edges), len(random.edges)) == (4, 2)
    (edge,) = (e for e in llm.edges if e.title == "sea → boat: r, 1.00")
    assert ((edge.x1, edge.y1), (edge.x2, edge.y2)) == (place["sea"], place["boat"])
    assert [e.dashed for e in llm.edges].count(True) == 1


def test_drawings_fit_and_are_repeatable():
    names = [f"n{i}" for i in range(30)]
    links = [(i, (i * 7 + 1) % 30, 0.5, False, "") for i in range(30)]
    found = network(names, [True] * 30, links)
    assert found == network(names, [True] * 30, links)
    assert all(MARGIN <= node.x <= WIDTH - MARGIN for node in found.nodes)
    assert all(MARGIN <= node.y <= HEIGHT - MARGIN for node in found.nodes)
    assert len({(node.x, node.y) for node in found.nodes}) == 30


def test_linked_categories_are_nearer_than_others():
    names = list("abcdefgh")
    rings = [
        (i, j, 1.0, False, "") for r in (range(4), range(4, 8)) for i in r for j in r if i != j
    ]
    nodes = network(names, [True] * 8, rings).nodes
    distance = nx.Graph()
    for i, a in enumerate(nodes):
        for j, b in enumerate(nodes[:i]):
            distance.add_edge(i, j, d=((a.x - b.x) ** 2 + (a.y - b.y) ** 2) ** 0.5)
    within = [d for i, j, d in distance.edges(data="d") if (i < 4) == (j < 4)]
    across = [d for i, j, d in distance.edges(data="d") if (i < 4) != (j < 4)]
    assert sum(within) / len(within) < sum(across) / len(across)


def test_no_categories_and_no_edges_can_be_drawn():
    assert network([], [], []).nodes == []
    assert len(network(["a"], [True], []).nodes) == 1


def test_the_page_shows_a_graph_where_there_is_one(html, bare, tmp_path):
    assert 'id="graph-tags"' in html
    assert html.count('href="#graph-tags"') == 1
    assert "Category graph: tags" in html
    assert 'id="graph-' not in bare.report(tmp_path)


def test_an_unseen_category_is_drawn_that_most_sources_know_of(graph):
    # Nothing informs the gull; boat has two sources, dock and sea have one.
    assert (graph.around.name, graph.around.seen) == ("boat", True)
    llm, random = graph.around.stars.values()
    assert [(ray.name, ray.strength, ray.shared) for ray in llm.rays] == [
        ("sea", 1.0, True),
        ("dock", 0.5, False),
    ]
    assert [ray.name for ray in random.rays] == ["sea"]


def test_an_unseen_category_goes_first_and_a_silent_source_has_no_drawing():
    edges = pl.DataFrame(
        {"target": ["boat", "boat", "gull", "sea"], "source": ["sea", "sea", "sea", "boat"],
         "provenance": ["llm", "file", "llm", "llm"], "strength": [0.2, 0.5, 0.4, 0.3]},
    )  # fmt: skip
    shown = pl.DataFrame({"name": ["crab", "gull", "boat"], "seen": [False, False, True]})
    found = around(edges, edges, shown, ["file", "llm"])
    assert (found.name, found.seen, found.stars["file"]) == ("gull", False, None)
    assert [ray.name for ray in found.stars["llm"].rays] == ["sea"]
    assert around(edges.clear(), edges.clear(), shown, ["llm"]) is None


def test_edges_between_neighbours_are_drawn_once_and_off_the_middle():
    found = star("x", [(n, 0.5, False) for n in "abcd"], [("a", "c", 1.0)])
    (top, *_), (chord,) = found.rays, found.chords
    assert (top.name, top.x, top.y < found.y) == ("a", found.x, True)
    assert [ray.anchor for ray in found.rays] == ["middle", "start", "middle", "end"]
    bend = float(chord.path.partition("Q")[2].split()[0])
    assert chord.path.startswith(f"M{top.x:g} {top.y:g}Q")
    assert abs(bend - found.x) > 20


def test_the_stronger_direction_of_two_edges_is_drawn():
    edges = pl.DataFrame(
        {"target": ["x", "x", "a", "b"], "source": ["a", "b", "b", "a"],
         "provenance": ["llm"] * 4, "strength": [0.9, 0.8, 0.0, 1.0]},
    )  # fmt: skip
    shown = pl.DataFrame({"name": ["x"], "seen": [True]})
    (chord,) = around(edges, edges.head(2), shown, ["llm"]).stars["llm"].chords
    assert chord.width == pytest.approx(FAINTER * WIDEST)
