import numpy as np
import pytest

from pipeline_lib.reporting.figures.histogram import BINS, HEIGHT, WIDTH, histogram
from pipeline_lib.reporting.figures.layered import COLUMN, LEFT, ROW, TOP, Node, layered


def nodes(*kinds):
    return [Node(kind, f"n{i}", f"node {i}") for i, kind in enumerate(kinds)]


def test_kinds_are_columns_from_left_to_right():
    found = layered(nodes(2, 0, 1, 0), [])
    assert [place.node.label for place in found.places] == ["n0", "n1", "n2", "n3"]
    assert [place.x for place in found.places] == [LEFT + COLUMN * k for k in (2, 0, 1, 0)]


def test_nodes_of_a_column_stand_apart_and_columns_are_centred():
    found = layered(nodes(0, 0, 0, 1), [])
    assert [place.y for place in found.places] == [TOP, TOP + ROW, TOP + 2 * ROW, TOP + ROW]
    assert found.height == 2 * TOP + 2 * ROW


def test_neighbours_stand_side_by_side_so_that_lines_do_not_cross():
    # 0 and 1 are linked with 3 and 2: in the order of their numbers, the lines would cross.
    found = layered(nodes(0, 0, 1, 1), [(0, 3, "", 1.0), (1, 2, "", 1.0)])
    y = [place.y for place in found.places]
    assert (y[0], y[1]) == (y[3], y[2])


def test_lines_are_straight_between_columns_and_curves_inside_them():
    found = layered(nodes(0, 0, 1), [(0, 2, "across", 0.25), (0, 1, "inside", 1.0)])
    across, inside = found.lines
    a, b, c = found.places
    assert across.path == f"M{a.x:g} {a.y:g}L{c.x:g} {c.y:g}"
    assert (across.title, across.weight) == ("across", 0.25)
    assert inside.path.startswith(f"M{a.x:g} {a.y:g}Q")
    assert float(inside.path.partition("Q")[2].split()[0]) < a.x  # to the outer side
    assert inside.path.endswith(f" {b.x:g} {b.y:g}")


@pytest.mark.parametrize("kinds", [(0,), (1, 1), (0, 2)])
def test_small_graphs_fit_too(kinds):
    found = layered(nodes(*kinds), [])
    assert len({(place.x, place.y) for place in found.places}) == len(kinds)
    for place in found.places:
        assert 0 < place.x < found.width
        assert 0 < place.y < found.height


def test_a_layout_depends_on_the_graph_alone():
    rng = np.random.default_rng(0)
    edges = [(int(a), int(b), "", 1.0) for a, b in rng.integers(0, 9, (20, 2)) if a != b]
    assert layered(nodes(*[0, 1, 2] * 3), edges) == layered(nodes(*[0, 1, 2] * 3), edges)


def test_bins_count_every_value_and_the_fullest_is_the_highest():
    values = np.array([0.0] * 6 + [1.0] * 3 + [2.0])
    found = histogram("width", values)
    assert (found.name, found.ticks) == (
        "width",
        [(0, 0), (50, 0.5), (100, 1), (150, 1.5), (200, 2)],
    )
    assert [(c.count, c.height) for c in found.columns] == [
        (6, HEIGHT),
        (3, HEIGHT / 2),
        (1, round(HEIGHT / 6, 1)),
    ]
    assert [(c.x, c.low) for c in found.columns] == [
        (round(i * WIDTH / BINS, 1), pytest.approx(i * 2 / BINS)) for i in (0, 12, 23)
    ]
    assert all(c.y + c.height == pytest.approx(HEIGHT) for c in found.columns)


def test_equal_values_are_one_bin():
    (column,) = histogram("angle", np.zeros(5)).columns
    assert (column.count, column.low <= 0 <= column.high) == (5, True)
