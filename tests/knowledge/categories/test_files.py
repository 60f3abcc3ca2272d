from xml.etree import ElementTree

import networkx as nx
import numpy as np
import polars as pl
import pytest

from pipeline_lib.errors import InputError
from pipeline_lib.knowledge.categories.edges import matrix
from pipeline_lib.knowledge.categories.files import merged, read_edges, to_networkx, write_edges
from tests.knowledge.categories.test_edges import TWO

GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"
NAMES = list("abcd")
MERGED = merged(TWO, merge="mean", sources=2)


def read(path, text, names=NAMES):
    path.write_text(text)
    return read_edges(path, names)


def test_merged_edges_have_the_strengths_of_the_matrix():
    for rule in ("mean", "max"):
        found = merged(TWO, merge=rule, sources=2).filter(sign=1)
        expected = matrix(TWO, NAMES, sign=1, merge=rule, sources=2)
        assert len(found) == np.count_nonzero(expected)
        for target, source, strength in found["target", "source", "strength"].iter_rows():
            assert strength == pytest.approx(expected[NAMES.index(target), NAMES.index(source)])


def test_a_merged_edge_names_its_sources_the_strongest_first():
    row = MERGED.filter(target="a", source="b").row(0, named=True)
    assert (row["provenance"], row["relation"]) == ("file+random", "r")


@pytest.mark.parametrize("name", ["edges.csv", "edges.graphml"])
def test_what_is_written_is_read_back(tmp_path, name):
    write_edges(tmp_path / name, MERGED, NAMES)
    found = read_edges(tmp_path / name, NAMES)
    key = ["target", "source", "sign"]
    columns = [*key, "strength", "relation", "explanation"]
    assert found.select(columns).sort(key).equals(MERGED.select(columns).sort(key))
    assert found["provenance"].unique().to_list() == ["file"]


def test_a_graph_leads_from_the_one_that_informs_and_holds_all_categories(tmp_path):
    graph = to_networkx(MERGED, [*NAMES, "alone"])
    assert set(graph.nodes) == {*NAMES, "alone"}
    assert graph.has_edge("b", "a")
    assert not graph.has_edge("d", "a")
    write_edges(tmp_path / "g.graphml", MERGED, [*NAMES, "alone"])
    assert set(nx.read_graphml(tmp_path / "g.graphml").nodes) == set(graph.nodes)


def test_every_edge_has_an_id_of_its_own_and_every_node_its_label(tmp_path):
    """yEd keeps one edge of those that share an id, and shows no node by its id."""
    write_edges(tmp_path / "g.graphml", MERGED, NAMES)
    tree = ElementTree.parse(tmp_path / "g.graphml")
    ids = [edge.get("id") for edge in tree.iter(f"{GRAPHML}edge")]
    assert len(ids) == len(set(ids)) == len(MERGED)
    for node in tree.iter(f"{GRAPHML}node"):
        assert [data.text for data in node] == [node.get("id")]


YED = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:y="http://www.yworks.com/xml/graphml">
  <key attr.name="Description" attr.type="string" for="graph" id="d0"/>
  <key for="port" id="d1" yfiles.type="portgraphics"/>
  <key attr.name="url" attr.type="string" for="node" id="d4"/>
  <key for="node" id="d6" yfiles.type="nodegraphics"/>
  <key attr.name="strength" attr.type="double" for="edge" id="d8"/>
  <key for="edge" id="d10" yfiles.type="edgegraphics"/>
  <graph edgedefault="directed" id="G">
    <node id="n0"><data key="d4" xml:space="preserve"/><data key="d6"><y:ShapeNode>
      <y:NodeLabel fontSize="12">LABEL<y:LabelModel/></y:NodeLabel></y:ShapeNode></data></node>
    <node id="n1"><data key="d6"><y:ShapeNode><y:NodeLabel>b</y:NodeLabel></y:ShapeNode></data>
    </node>
    <edge id="e0" source="n0" target="n1"><data key="d8">0.5</data>
      <data key="d10"><y:PolyLineEdge><y:Arrows target="standard"/></y:PolyLineEdge></data>
    </edge>
    <edge id="e1" source="n1" target="n0"><data key="d8">0.25</data></edge>
  </graph>
</graphml>
"""
GEPHI = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key attr.name="label" attr.type="string" for="node" id="label"/>
<key attr.name="Edge Label" attr.type="string" for="edge" id="edgelabel"/>
<key attr.name="weight" attr.type="double" for="edge" id="weight"/>
<graph edgedefault="directed">
<node id="0"><data key="label">LABEL</data></node><node id="1"><data key="label">b</data></node>
<edge id="7" source="0" target="1"><data key="weight">0.5</data></edge>
<edge id="8" source="1" target="0"><data key="weight">0.25</data></edge>
</graph></graphml>
"""


@pytest.mark.parametrize("text", [YED, GEPHI], ids=["yEd", "Gephi"])
def test_nodes_of_editors_are_known_by_their_labels(tmp_path, text):
    found = read(tmp_path / "g.graphml", text.replace("LABEL", "a"))
    edges = found["target", "source", "strength"].rows()
    assert sorted(edges) == [("a", "b", 0.25), ("b", "a", 0.5)]
    with pytest.raises(InputError, match="edge wolf -> b: source 'wolf' is no category"):
        read(tmp_path / "g.graphml", text.replace("LABEL", "wolf"))


def test_an_id_that_is_a_category_counts_before_a_label(tmp_path):
    graph = nx.DiGraph()
    graph.add_node("a", label="b")
    graph.add_edge("a", "c", strength=1.0)
    nx.write_graphml(graph, tmp_path / "g.graphml")
    assert read_edges(tmp_path / "g.graphml", NAMES)["source"].to_list() == ["a"]


def test_three_columns_are_enough(tmp_path):
    found = read(tmp_path / "e.csv", "source,strength,target\nb,1,a\n")
    assert found.row(0, named=True) == {
        "target": "a", "source": "b", "provenance": "file", "sign": 1, "strength": 1.0,
        "value": 1.0, "relation": "edited", "explanation": "",
    }  # fmt: skip


def test_an_undirected_graph_informs_both_ways_and_may_have_weights(tmp_path):
    graph = nx.Graph()
    graph.add_edge("a", "b", weight=0.5)
    nx.write_graphml(graph, tmp_path / "g.graphml")
    found = read_edges(tmp_path / "g.graphml", NAMES)
    assert sorted(found["target", "source", "strength"].rows()) == [
        ("a", "b", 0.5),
        ("b", "a", 0.5),
    ]


def test_a_file_without_edges_is_an_empty_source(tmp_path):
    assert read(tmp_path / "e.csv", "target,source,strength\n").is_empty()


HEAD = "target,source,strength,sign\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("target,source\n", "has no column 'strength'"),
        ("", "has no column 'source'"),
        (HEAD + "a,bee,1,1\n", r"line 2: source 'bee' is no category"),
        (HEAD + "a,a,1,1\n", "line 2: 'a' informs itself"),
        (HEAD + "a,b,2,1\n", "line 2: strength is 2, expected 0 to 1"),
        (HEAD + "a,b,nan,1\n", "line 2: strength is nan, expected 0 to 1"),
        (HEAD + "a,b,High,1\n", "line 2: {'strength': 'High', 'sign': '1'} are no numbers"),
        (HEAD + "a,b\n", "line 2: 2 cells, expected 4"),
        (HEAD + "a,b,1,1,x\n", "line 2: 5 cells, expected 4"),
        (HEAD + '"a,b,1,1\n', "unexpected end of data"),
        ("target;source;strength\na;b;1\n", r"its columns are \['target;source;strength'\]"),
        ("target,source,strength,Strength\n", "has two columns 'strength'"),
        (HEAD + "a,b,1,2\n", "line 2: sign is 2, expected 1 or -1"),
        (HEAD + "a,b,1,1\nb,a,1,1\na,b,0.5,\n", "line 4 repeats line 2: 'a' from 'b'"),
    ],
)
def test_an_edge_that_makes_no_sense_is_named(tmp_path, text, found):
    with pytest.raises(InputError, match=rf"e\.csv: .*{found}.*; expected edges with target"):
        read(tmp_path / "e.csv", text)


def test_files_that_are_no_edges_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"gone\.csv: missing, expected a text file"):
        read_edges(tmp_path / "gone.csv", NAMES)
    with pytest.raises(InputError, match=r"g\.graphml: .*; expected edges"):
        read(tmp_path / "g.graphml", "no xml")
    with pytest.raises(InputError, match=r"expected a name in \.csv or \.graphml"):
        write_edges(tmp_path / "e.txt", MERGED, NAMES)


def test_both_signs_of_one_pair_may_stand(tmp_path):
    found = read(tmp_path / "e.csv", HEAD + "a,b,0.3,1\na,b,0.6,-1\n")
    assert found["sign", "strength"].rows() == [(1, 0.3), (-1, 0.6)]
    assert found.schema["sign"] == pl.Int8


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_tables_of_editors_are_read_as_they_write_them(tmp_path, encoding):
    text = "Source, Target, Type, Weight\r\nb,cafe\u0301,Directed,0.5\r\n\r\na,b,Undirected,1\r\n"
    (tmp_path / "E.CSV").write_bytes(text.encode(encoding))
    found = read_edges(tmp_path / "E.CSV", [*NAMES, "caf\u00e9"])
    expected = [("a", "b", 1.0), ("b", "a", 1.0), ("caf\u00e9", "b", 0.5)]
    assert sorted(found["target", "source", "strength"].rows()) == expected


KEY = '<key id="k" for="edge" attr.name="strength" attr.type="{}"/>'
NODES = '<node id="a"/><node id="b"/><edge source="a" target="b"><data key="k">{}</data></edge>'


@pytest.mark.parametrize(
    ("head", "kind", "value", "said"),
    [
        ("", "double", "high", "could not convert string to float: 'high'"),
        ("", "colour", "1", "'colour'"),
        ('<?xml version="1.0" encoding="unicode"?>', "double", "1", "unknown encoding: unicode"),
    ],
)
def test_an_odd_graph_is_refused_without_a_traceback(tmp_path, head, kind, value, said):
    inner = f'{KEY.format(kind)}<graph edgedefault="directed">{NODES.format(value)}</graph>'
    text = f'{head}<graphml xmlns="{GRAPHML[1:-1]}">{inner}</graphml>'
    with pytest.raises(InputError, match=rf"g\.graphml: {said}; expected edges with target"):
        read(tmp_path / "g.graphml", text)
