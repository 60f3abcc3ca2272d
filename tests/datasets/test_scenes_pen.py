"""The pen, and drawings as arrays of points."""

import pytest

from pipeline_lib.datasets.scenes.backgrounds.background import Background, Place
from pipeline_lib.datasets.scenes.pen import Pen, Shape, Tone
from pipeline_lib.datasets.scenes.sketch import Sketch, sketch

BLACK = "#000000"


def extent(pen: Pen) -> tuple[float, float, float, float]:
    return Sketch.of(pen.shapes).extent()


def test_a_line_has_its_width_and_square_ends() -> None:
    pen = Pen()
    pen.line(BLACK, 0.2, (0.0, 0.0), (1.0, 0.0))
    assert extent(pen) == pytest.approx((-0.1, -0.1, 1.1, 0.1))


def test_a_line_of_three_points_is_two_pieces() -> None:
    pen = Pen()
    pen.line(BLACK, 0.2, (0.0, 0.0), (1.0, 0.0), (1.0, 1.0))
    assert len(pen.shapes) == 2


def test_an_oval_reaches_its_radii() -> None:
    pen = Pen()
    pen.oval(BLACK, 1.0, 2.0, 0.5, 0.25)
    left, top, right, bottom = extent(pen)
    assert (right, bottom) == pytest.approx((1.5, 2.25), abs=0.003)
    assert (left, top) == pytest.approx((0.5, 1.75), abs=0.003)


def test_rounded_corners_do_not_change_the_extent_of_a_box() -> None:
    pen = Pen()
    pen.box(BLACK, 0.0, 0.0, 2.0, 1.0, 0.3)
    assert extent(pen) == pytest.approx((0.0, 0.0, 2.0, 1.0))
    assert (0.0, 0.0) not in pen.shapes[0].points


def test_a_dome_is_the_upper_half_of_an_ellipse() -> None:
    pen = Pen()
    pen.dome(BLACK, 0.0, 2.0, 1.0, 0.5)
    assert extent(pen) == pytest.approx((0.0, 0.5, 2.0, 1.0), abs=0.003)


def test_a_quarter_of_a_pie_turns_clockwise_from_the_right() -> None:
    pen = Pen()
    pen.pie(BLACK, 0.0, 0.0, 1.0, 0, 90)
    assert extent(pen) == pytest.approx((0.0, 0.0, 1.0, 1.0))


def test_a_ring_has_its_width_on_both_sides_of_the_radius() -> None:
    pen = Pen()
    pen.arc(BLACK, 0.2, 0.0, 0.0, 1.0)
    lengths = [(x**2 + y**2) ** 0.5 for x, y in pen.shapes[0].points]
    assert sorted({round(length, 6) for length in lengths}) == [0.9, 1.1]


def test_a_star_has_twice_as_many_points_as_tips() -> None:
    pen = Pen()
    pen.star(BLACK, 0.0, 0.0, 1.0, 0.5, 5)
    lengths = sorted(round((x**2 + y**2) ** 0.5, 6) for x, y in pen.shapes[0].points)
    assert lengths == [0.5] * 5 + [1.0] * 5


def test_a_blob_passes_through_its_points() -> None:
    corners = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    pen = Pen()
    pen.blob(BLACK, *corners)
    assert set(corners) <= set(pen.shapes[0].points)


def triangle() -> Sketch:
    return Sketch.of([Shape(Tone(), ((0.0, 0.0), (2.0, 1.0), (0.0, 1.0)))])


def test_a_standing_sketch_is_centred_on_x_with_its_lowest_point_at_the_foot() -> None:
    assert triangle().standing(5.0, 3.0).extent() == (4.0, 2.0, 6.0, 3.0)


def test_flipping_mirrors_x() -> None:
    flipped = triangle().turned(1.0, 0.0, flipped=True)
    assert flipped.points.tolist() == [[0.0, 0.0], [-2.0, 1.0], [0.0, 1.0]]


def test_a_quarter_turn_is_clockwise_on_the_screen() -> None:
    turned = Sketch.of([Shape(Tone(), ((1.0, 0.0), (0.0, 0.0), (0.0, 0.5)))]).turned(
        2.0, 90.0, flipped=False
    )
    assert turned.points.ravel().tolist() == pytest.approx([0.0, 2.0, 0.0, 0.0, -1.0, 0.0])


def test_a_flipped_sketch_tilts_the_same_way() -> None:
    upright = Sketch.of([Shape(Tone(), ((0.0, 0.0), (0.1, -1.0), (0.0, -1.0)))])
    for flipped in (False, True):
        top = upright.turned(1.0, 30.0, flipped=flipped).points[2]
        assert top.tolist() == pytest.approx([0.5, -(0.75**0.5)])


def test_polygons_are_flat_lists_in_the_asked_for_units() -> None:
    both = Sketch.of([Shape(Tone(), ((0.0, 0.5), (1.0, 0.5))), Shape(BLACK, ((0.25, 0.0),))])
    assert both.polygons(4) == [[0.0, 2.0, 4.0, 2.0], [1.0, 0.0]]


def test_every_drawing_is_one_unit_high() -> None:
    _, top, _, bottom = sketch("boat", "sailing").extent()
    assert bottom - top == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("wanted", "place", "zone"),
    [
        ("ground", "ground", (0.8, 0.9)),
        ("sky", "sky", (0.1, 0.2)),
        ("wall", "sky", (0.1, 0.2)),  # a clock outdoors
        ("water", "ground", (0.8, 0.9)),  # a boat on land
        ("table", "ground", (0.8, 0.9)),
    ],
)
def test_a_thing_without_its_place_gets_the_next_best(
    wanted: Place, place: Place, zone: tuple[float, float]
) -> None:
    meadow = Background(lambda pen, light, rng: None, ground=(0.8, 0.9), sky=(0.1, 0.2))
    assert meadow.zone(wanted) == (place, zone)
