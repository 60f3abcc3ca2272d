from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from pipeline_lib.artifacts.json_file import read_json
from pipeline_lib.artifacts.regions import BOXES
from pipeline_lib.artifacts.scores import SCORES
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.reporting.case import Case
from pipeline_lib.reporting.crops import crop
from pipeline_lib.reporting.image_graphs import KINDS, Graphs
from pipeline_lib.reporting.pictures import encoded
from pipeline_lib.reporting.region_pictures import DRAWN, Located
from pipeline_lib.reporting.sections.exemplars import TAGS, chosen_tags, exemplars, worth_of
from pipeline_lib.reporting.sections.explanations import drawing, explain, explanations
from pipeline_lib.reporting.sections.regions import at_bounds, measures, one_of_each, regions

STEPS = 3


@pytest.fixture
def cases(studio, matched):
    """The explained images of the whole model, with their graphs."""
    graphs = Graphs.read(studio.artifacts / "train" / "vscnet")
    rows = matched.located.collection.rows("test")[graphs.positions]
    overlays = matched.located.overlays(rows.tolist())
    return [Case(matched, graphs[i], int(rows[i]), overlays[i]) for i in range(len(rows))]


def test_regions_are_drawn_where_the_table_of_boxes_has_them(studio, located):
    boxes = BOXES.read(studio.artifacts / "regions" / "classes" / "boxes.parquet")
    row = int(located.collection.rows("test")[4])
    own = boxes.filter(sample_id=located.collection.samples["sample_id"][row]).sort("region")
    (overlay,) = located.overlays([row])
    assert (overlay.width, overlay.height) == (DRAWN, DRAWN)
    assert len(overlay.outlines) == STEPS
    for one, box in zip(overlay.outlines, own.iter_rows(named=True), strict=True):
        corners = np.array([[float(v) for v in p.split(",")] for p in one.points.split()]) / DRAWN
        assert corners.min(0) == pytest.approx([box["x"], box["y"]], abs=1e-3)
        assert corners.max(0) - corners.min(0) == pytest.approx([box["w"], box["h"]], abs=1e-3)
        assert (one.number, one.tag) == (box["region"] + 1, located.tag_names[box["tag"]])
        assert one.probability == pytest.approx(box["probability"], abs=1e-3)


def test_a_region_is_right_if_the_image_carries_its_likeliest_tag(located):
    rows = located.collection.rows("test").tolist()
    for row, overlay in zip(rows, located.overlays(rows), strict=True):
        carried = {located.tag_names[tag] for tag in located.collection.samples["tags"][row]}
        assert [one.right for one in overlay.outlines] == [
            one.tag in carried for one in overlay.outlines
        ]


def test_regions_are_listed_by_tag_the_surest_first(located):
    (overlay,) = located.overlays([0])
    first, second, third = overlay.outlines
    outlines = [
        replace(first, tag="a", probability=0.2, right=False),
        replace(second, tag="b", probability=0.5, right=True),
        replace(third, tag="a", probability=0.4, right=False),
    ]
    named = replace(overlay, outlines=outlines).named
    assert named == [("b", 0.5, True, [2]), ("a", 0.4, False, [1, 3])]


def test_objects_are_drawn_where_they_are_known(located):
    tagged = int(located.collection.rows("test")[0])
    bare = int(located.collection.rows("test")[1])
    with_object, without = located.overlays([tagged, bare])
    (thing,) = with_object.things
    assert thing.name == located.tag_names[0]
    assert (thing.x, thing.y, thing.width, thing.height) == (0, 60, 120, 120)  # of 240 pixels
    assert without.things == []


def test_crops_show_what_the_box_of_a_region_shows(located):
    row = int(located.collection.rows("test")[3])
    (picture,) = located.crops([(row, 2)])
    (pixels,) = located.collection.images.pixels([row])
    theta = located.reader.rows([row], "theta")[0, 2]
    seen = encoded(crop(pixels, theta, located.windows[row]))
    assert located.collection.beside[picture.link] == seen.content
    assert picture.title == f"test-003: {located.collection.label(row)}, region 3"


def test_the_section_shows_one_image_of_each_class_and_counts_every_box(studio, located):
    found = regions(studio.artifacts / "regions" / "classes", located)
    assert (found.images, found.per_image) == (30, STEPS)
    titles = [overlay.picture.title for overlay in found.overlays]
    assert titles == [
        f"test-00{i}: {name}" for i, name in enumerate(located.collection.class_names)
    ]
    assert len(found.charts) == 5
    assert {sum(c.count for c in chart.columns) for chart in found.charts} == {30 * STEPS}


def test_an_image_of_several_classes_is_shown_once(located):
    samples = located.collection.samples
    everything = pl.Series("classes", [[0, 1, 2]] * len(samples), dtype=samples["classes"].dtype)
    collection = replace(located.collection, samples=samples.with_columns(everything))
    rows = collection.rows("test")
    assert one_of_each(collection, rows) == [rows[0]]


def test_the_measures_are_those_of_the_artifact_test_first(studio, located):
    folder = studio.artifacts / "regions" / "classes"
    metrics, found = read_json(folder / "metrics.json"), regions(folder, located).measures
    assert [(m.split, m.name) for m in found] == [
        (split, name)
        for split in ("test", "test_shift", "val")
        for name in ("mean best IoU", "pointing accuracy")
    ]
    ours, blind, drawn, grid = found[0].estimates
    flat = metrics["test"]
    low, high = flat["mean_best_iou_low"], flat["mean_best_iou_high"]
    assert ours == Estimate(flat["mean_best_iou"], low, high)
    assert (drawn.value, grid.value) == (flat["mean_best_iou_random"], flat["mean_best_iou_grid"])
    assert blind is None  # a best overlap has no evidence to be blind to
    assert found[1].estimates[1].value == flat["pointing_accuracy_any_region"]


@pytest.mark.parametrize(("low", "better"), [(0.45, True), (0.4, False), (0.35, False)])
def test_regions_are_better_if_their_interval_lies_above_both_rivals(low, better):
    flat = {"objects": 9}
    for name, ends in (("", (low, 0.6)), ("_random", (0.2, 0.3)), ("_grid", (0.3, 0.4))):
        for measure in ("mean_best_iou", "pointing_accuracy"):
            key = measure + name
            flat |= {key: 0.5, f"{key}_low": ends[0], f"{key}_high": ends[1]}
    assert [m.better for m in measures({"test": flat})] == [better, better]


def test_prototypes_are_shown_by_their_nearest_members(studio, matched):
    found = exemplars(studio.artifacts / "exemplars" / "classes", matched)
    assert sum(tag.kept for tag in found.tags) == found.counts["retained"]
    assert sum(tag.kept + tag.left for tag in found.tags) == found.counts["all"]
    largest = {tag.name: max(tag.retained, key=lambda s: s.size) for tag in found.tags if tag.kept}
    assert largest
    rows = {name: row for row, name in enumerate(matched.located.collection.samples["sample_id"])}
    for name, strip in largest.items():
        own = matched.prototypes.filter(name=name, retained=True)
        row = matched.prototypes.row(strip.cluster, named=True)
        assert strip.size == row["size"] == own["size"].max()
        places = [(rows[member["sample_id"]], member["region"]) for member in row["members"][:6]]
        assert strip.pictures == matched.located.crops(places)
        share = matched.counts[strip.cluster].max() / strip.size
        assert strip.classes[0] == (matched.located.collection.class_names[row["majority"]], share)


def test_the_largest_prototypes_of_a_tag_are_shown(studio, matched):
    everything = matched.prototypes.with_columns(tag=0, retained=True)
    everything = everything.cast(matched.prototypes.schema)
    folder = studio.artifacts / "exemplars" / "classes"
    (found,) = exemplars(folder, replace(matched, prototypes=everything)).tags
    sizes = sorted(everything["size"], reverse=True)
    assert sizes[0] > sizes[-1]
    assert [strip.size for strip in found.retained] == sizes[:2]
    assert (found.kept, found.left, found.discarded) == (len(sizes), 0, [])


def test_tags_with_both_kinds_of_prototypes_are_preferred():
    tags = [tag for tag in range(20) for _ in range(2)]
    kept = [bool(i % 2) or tag % 2 == 0 for i, tag in enumerate(tags)]  # odd tags have both kinds
    chosen, left_out = chosen_tags(pl.DataFrame({"tag": tags, "retained": kept}))
    assert (len(chosen), left_out) == (TAGS, 20 - TAGS)
    assert {tag % 2 for tag in chosen} == {1}
    assert (chosen[0], chosen[-1]) == (1, 19)
    few = pl.DataFrame({"tag": [4, 2], "retained": [True, True]})
    assert chosen_tags(few) == ([2, 4], 0)


def test_worth_is_listed_test_first_and_train_last():
    flat = {"tag_map_raw": 0.5, "tag_map_refined": 0.6, "tag_map_gain": 0.1}
    flat["beliefs_accuracy"] = 0.7
    found = worth_of({"prototypes": {}} | dict.fromkeys(("train", "val", "test_x", "test"), flat))
    assert [worth.split for worth in found] == ["test", "test_x", "val", "train"]
    assert (found[0].raw, found[0].refined, found[0].gain, found[0].known) == (0.5, 0.6, 0.1, 0.7)


def test_a_drawing_has_every_node_that_is_there_and_every_edge_once(cases):
    assert any(not case.graph.there.all() for case in cases)  # regions that share a prototype
    for case in cases:
        found = drawing(case)
        assert len(found.places) == case.graph.there.sum()
        assert len(found.lines) == case.graph.adjacency.sum() / 2
        kinds = [KINDS[place.node.kind] for place in found.places]
        assert (kinds.count("region"), kinds.count("tag")) == (STEPS, 2)
        assert kinds.count("prototype") == len(set(case.arrays["matched"].tolist()) - {-1})


def test_nodes_and_edges_are_drawn_with_their_causal_weights(cases):
    case = cases[0]
    found = drawing(case)
    weights = [round(float(w), 3) for w in case.graph.nodes[case.graph.there]]
    assert [place.node.weight for place in found.places] == weights
    pairs = np.argwhere(np.triu(case.graph.adjacency, 1))
    assert [line.weight for line in found.lines] == [
        round(float(case.graph.edges[a, b]), 3) for a, b in pairs
    ]
    assert all(line.title.endswith("causal") for line in found.lines)


def test_a_prototype_node_stands_for_what_its_regions_matched(cases):
    assert any(len(case.of_kind("prototype")) > 1 for case in cases)
    for case in cases:
        for node in case.of_kind("prototype"):
            regions_ = case.regions(case.prototype(node))
            assert np.array_equal(np.flatnonzero(case.graph.adjacency[node, :STEPS]), regions_)


def test_tags_are_those_of_the_graph_raw_and_refined(cases):
    for case in cases:
        found = explain(case, right=True).tags
        assert [tag.name for tag in found] == [
            case.matched.located.tag_names[tag] for tag in case.graph.tags
        ]
        for number, tag in zip(case.graph.tags.tolist(), found, strict=True):
            here = case.arrays["tags"] == number
            assert tag.raw == pytest.approx(max(case.arrays["raw"][here]))
            assert tag.refined == pytest.approx(max(case.arrays["refined"][here]))


def test_edges_are_counted_by_the_kinds_of_their_ends(cases):
    case = cases[0]
    found = explain(case, right=True).edges
    assert sum(kind.count for kind in found) == case.graph.adjacency.sum() / 2
    known = {"–".join((a, b)) for i, a in enumerate(KINDS) for b in KINDS[i:]}
    assert {kind.name for kind in found} <= known
    assert all(0 <= kind.causal <= 1 for kind in found)


def test_right_and_wrong_images_are_explained_as_the_first_seed_judged_them(studio, matched):
    found = explanations(studio.artifacts / "train" / "vscnet", matched)
    arrays, _ = SCORES.read(studio.artifacts / "train" / "vscnet" / "scores.safetensors")
    first = arrays["0/test/logits"].argmax(1)
    assert (found.causal, found.knowledge) == (True, True)
    names = matched.located.collection.class_names
    for one in found.images:
        i = int(one.overlay.picture.title.partition(":")[0].removeprefix("test-"))
        assert one.guesses[0].name == names[first[i]]
        assert one.right == one.guesses[0].true == (first[i] == i % 3)
        assert sum(guess.share for guess in one.guesses) == pytest.approx(1)  # of three classes
        assert one.matches[0].similarity == max(match.similarity for match in one.matches)
    order = [one.right for one in found.images]
    assert order == sorted(order, reverse=True)


def test_a_run_without_prototypes_and_masks_is_explained_by_what_it_has(studio, matched):
    found = explanations(studio.artifacts / "train" / "vscnet_l", matched)
    assert (found.causal, found.knowledge) == (False, False)
    for one in found.images:
        assert one.matches == one.edges == one.drawing.lines == []
        assert len(one.drawing.places) == STEPS + 2
        assert {tag.causal for tag in one.tags} == {None}
        assert {place.node.weight for place in one.drawing.places} == {1.0}


def test_a_run_without_a_graph_is_not_explained(studio, matched):
    assert explanations(studio.artifacts / "train" / "vscnet_base", matched) is None


def test_where_nothing_was_found_there_is_nothing_to_show(without):
    studio = without("maps", "regions", "exemplars")
    folder = studio.artifacts / "regions" / "classes"
    assert Located.read(folder, studio.artifacts / "maps" / "tags", studio.collection) is None
    assert regions(folder, None) is None
    assert exemplars(folder, None) is None
    assert explanations(studio.artifacts / "train" / "vscnet", None) is None


def test_regions_without_their_maps_are_refused(without):
    studio = without("maps")
    maps = studio.artifacts / "maps" / "tags"
    with pytest.raises(InputError, match=r"maps/tags/index.parquet: missing; run `dvc repro maps`"):
        Located.read(studio.artifacts / "regions" / "classes", maps, studio.collection)


def test_regions_of_a_data_set_without_boxes_are_not_judged():
    assert measures({}) == []


def test_scales_at_a_bound_are_said_to_be_there():
    theta = np.zeros((4, 2, 3))
    theta[:, 0, 0] = [0.4, 0.405, 0.409, 0.6]  # three of four within 0.01 of 0.4
    theta[:, 1, 1] = [0.795, 0.8, 0.6, 0.5]  # two of four
    found = at_bounds(theta, {"smallest": 0.4, "largest": 0.8})
    assert [(one.side[:7], one.key, one.share) for one in found] == [
        ("scale x", "smallest", 0.75),
        ("scale y", "largest", 0.5),
    ]
    assert at_bounds(theta, {}) == []
    assert at_bounds(theta[:0], {"smallest": 0.4, "largest": 0.8}) == []
