import numpy as np
import polars as pl
import pytest

from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.reporting.figures import curves, plane, sweep
from pipeline_lib.reporting.figures.axis import Axis
from pipeline_lib.reporting.figures.dots import dots
from pipeline_lib.reporting.figures.heat import LARGEST, confusion, relation, short, strongest
from pipeline_lib.reporting.figures.histogram import counted
from pipeline_lib.reporting.figures.network import CHARACTER, HEIGHT, network


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0.13, 0.31], (0.1, 0.15, 0.2, 0.25, 0.3, 0.35)),
        ([0, 100], (0, 20, 40, 60, 80, 100)),
        ([-3, 4], (-4, -2, 0, 2, 4)),
        ([1990, 2010], (1990, 1995, 2000, 2005, 2010)),
        ([7.0, 7.0], (6.4, 6.6, 6.8, 7, 7.2, 7.4, 7.6)),
    ],
)
def test_an_axis_covers_its_values_in_round_steps(values, ticks):
    assert Axis.over(values).ticks == ticks


def test_places_on_an_axis_run_from_its_first_tick_to_its_last():
    axis = Axis.over([0, 10])
    assert [axis.share(value) for value in (0, 5, 10)] == [0, 0.5, 1]


def history(seeds, **terms):
    epochs = len(next(iter(terms.values())))
    frames = [
        pl.DataFrame({"seed": seed, "epoch": range(epochs), "lr": 0.1, "images_encoded": 9.0})
        .with_columns(pl.Series(name, values) for name, values in terms.items())
        .sort("epoch", descending=seed == 1)  # as the lines of a file may stand
        for seed in seeds
    ]
    return pl.concat(frames)


def test_every_loss_term_gets_a_chart_with_a_line_for_each_seed():
    found = curves.charts(history([0, 1], loss=[2.0, 1.0, 0.0], nega=[1.0, 1.0, 1.0]))
    assert [chart.term for chart in found] == ["loss", "nega"]
    assert [[c.seed for c in chart.curves] for chart in found] == [[0, 1], [0, 1]]
    # Values 2, 1, 0 on an axis from 0 to 2: top, middle and bottom of 110 pixels.
    assert [c.points for c in found[0].curves] == ["0,0 100,55 200,110"] * 2
    assert (found[0].curves[0].end, found[0].curves[0].last) == ((200, 110), 0.0)


def test_one_epoch_is_a_dot_at_the_left():
    (chart,) = curves.charts(history([0], loss=[1.5]))
    assert (chart.epochs, chart.curves[0].end) == (1, (0, 55))


def test_a_term_ends_with_the_stage_that_has_it():
    both = history([0], loss=[2.0, 1.0, 0.0], labels=[2.0, 0.0, None])
    found = {chart.term: chart for chart in curves.charts(both)}
    assert found["loss"].curves[0].points == "0,0 100,55 200,110"
    (line,) = found["labels"].curves
    assert (line.points, line.end, line.last) == ("0,0 100,110", (100, 110), 0.0)
    assert found["labels"].epochs == 3


def test_marks_are_grouped_by_class_and_drawn_upwards_on_one_scale():
    places = np.array([[0.0, 0.0], [4.0, 0.0], [2.0, 1.0]])
    groups = plane.plane(places, [0, 2, 0], ["cat", "cow", "dog"], ["a", "b", "c"], [False] * 3)
    assert [(g.name, g.colour, g.shape) for g in groups] == [("cat", 0, 0), ("dog", 2, 0)]
    (left, top), (right, _) = ((g.marks[0], g.marks[-1]) for g in groups)
    assert (left.x, right.x) == (plane.MARGIN, plane.WIDTH - plane.MARGIN)
    assert left.y - top.y == pytest.approx((right.x - left.x) / 4)
    assert [m.title for m in groups[0].marks] == ["a", "c"]


def test_a_single_image_lies_in_the_middle():
    (group,) = plane.plane(np.array([[3.0, 3.0]]), [0], ["cat"], ["a"], [True])
    (mark,) = group.marks
    assert (mark.x, mark.y, mark.wrong) == (plane.WIDTH / 2, plane.HEIGHT / 2, True)


def test_classes_beyond_the_colours_differ_in_shape():
    names = [str(i) for i in range(plane.COLOURS * plane.SHAPES)]
    groups = plane.plane(
        np.zeros((len(names), 2)), list(range(len(names))), names, names, [False] * len(names)
    )
    assert len({(g.colour, g.shape) for g in groups}) == len(names)


def test_confusion_shows_shares_of_the_true_class():
    heat = confusion(np.array([[3, 1], [0, 0]]), ["cat", "dog"])
    assert [[c.text for c in row] for row in heat.cells] == [["75", "25"], ["", ""]]
    assert [[c.strength for c in row] for row in heat.cells] == [[75, 25], [0, 0]]
    assert heat.cells[0][1].title == "cat → dog: 1 of 4"
    assert [c.diagonal for c in heat.cells[0]] == [True, False]


def test_relations_have_one_scale_on_the_diagonal_and_one_beside_it():
    heat = relation(np.array([[200, 3, 6], [3, 100, 0], [6, 0, 0]]), ["a", "b", "c"])
    assert [[c.strength for c in row] for row in heat.cells] == [
        [100, 50, 100],
        [50, 50, 0],
        [100, 0, 0],
    ]


@pytest.mark.parametrize(("draw", "pairs"), [(confusion, [(1, 0, 9), (0, 1, 9), (5, 6, 2)]),
                                              (relation, [(0, 1, 9), (5, 6, 2)])])  # fmt: skip
def test_beyond_so_many_classes_the_strongest_pairs_are_listed(draw, pairs):
    counts = np.diag(np.full(LARGEST + 1, 50))
    counts[0, 1] = counts[1, 0] = 9
    counts[5, 6] = 2
    heat = draw(counts, ["name"] * (LARGEST + 1))
    assert heat.cells == []
    assert {(p.first, p.second, p.count) for p in heat.pairs} == set(pairs)


def test_strongest_pairs_come_first_and_zeros_never():
    counts = np.array([[9, 1, 4], [4, 9, 0], [0, 2, 9]])
    found = strongest(counts, 3, symmetric=False)
    assert [(p.first, p.second, p.count) for p in found] == [(0, 2, 4), (1, 0, 4), (2, 1, 2)]
    assert strongest(np.eye(3, dtype=int), 3, symmetric=False) == []


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, ""), (7, "7"), (999, "999"), (1000, "1k"), (12345, "12.3k"), (999_600, "1M")],
)
def test_long_counts_are_shortened(count, text):
    assert short(count) == text


def test_runs_lie_on_one_axis_with_the_reference_marked():
    shown = {
        "test": {"base": Estimate(0.5, 0.4, 0.6), "new": Estimate(0.8, 0.7, 1.0)},
        "val": {"base": Estimate(0.0, 0.0, 0.2), "new": Estimate(0.2, 0.2, 0.2)},
    }
    colours = {"base": 0, "new": 1}
    found = dots(shown, {"test": {"new": ["base"]}, "val": {"new": ["base", "new"]}}, colours)
    assert [(lane.split, [d.references for d in lane.dots]) for lane in found.lanes] == [
        ("test", [[], [0.5]]),
        ("val", [[], [0, 0.2]]),
    ]
    assert [(d.low, d.value, d.high) for d in found.lanes[0].dots] == [
        pytest.approx((0.4, 0.5, 0.6)),
        pytest.approx((0.7, 0.8, 1.0)),
    ]


def test_a_run_keeps_its_colour_where_others_have_no_score():
    shown = {
        "test": {"base": Estimate(0.5, 0.4, 0.6), "new": Estimate(0.8, 0.7, 1.0)},
        "test@zsl": {"new": Estimate(0.2, 0.2, 0.2)},
    }
    found = dots(shown, {"test": {"new": ["base"]}, "test@zsl": {}}, {"base": 0, "new": 1})
    assert [[dot.colour for dot in lane.dots] for lane in found.lanes] == [[0, 1], [1]]


def test_whole_numbers_are_counted_from_zero():
    chart = counted("patches", np.array([0, 4, 2, 0]))
    assert [(c.low, c.count) for c in chart.columns] == [(1, 4), (2, 2)]
    assert [(c.x, c.y) for c in chart.columns] == [(50, 0), (100, 32)]
    assert chart.ticks == [(25, 0), (75, 1), (125, 2), (175, 3)]  # in the middle of their columns


def test_columns_keep_a_width_however_many_there_are():
    chart = counted("patches", np.ones(577, int))
    assert all(c.width > 0 for c in chart.columns)


def test_runs_of_a_sweep_lie_where_their_number_and_metric_say():
    views = {
        "zsl": [Estimate(0.2, 0.2, 0.4), Estimate(0.4, 0.2, 0.4)],
        "gzsl": [Estimate(0.8, 0.6, 1.0), Estimate(0.6, 0.6, 0.6)],
    }
    chart = sweep.sweep_chart(["few", "many"], [4.0, 16.0], views)
    zsl, gzsl = chart.lines
    # 0.2 … 1.0 on 150 pixels, upwards; 4 and 16 on 0 … 20, 8 pixels from the edges.
    assert zsl.points == "52.8,150 187.2,112.5"
    assert gzsl.points == "52.8,37.5 187.2,75"
    assert [(m.run, m.low, m.high) for m in gzsl.marks] == [("few", 75, 0), ("many", 75, 75)]
    assert (chart.across[0], chart.across[-1]) == ((8, 0), (232, 20))
    assert (chart.up[0], chart.up[-1]) == ((150, 0.2), (0, 1))


def test_no_name_of_a_graph_covers_another():
    names = [f"{word} {i}" for i in range(10) for word in ("wheelbarrow", "watering can", "deer")]
    links = [(0, i, 1.0, False, "") for i in range(1, 12)]
    nodes = network(names, [True] * 30, links).nodes
    for i, one in enumerate(nodes):
        assert 0 < one.y < HEIGHT
        for other in nodes[:i]:
            room = CHARACTER * (len(one.name) + len(other.name)) / 2
            assert abs(one.y - other.y) >= 12 or abs(one.x - other.x) >= room
