"""What pictures show: everything that the papers' claims are measured on."""

from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.random import default_rng

from pipeline_lib.datasets.reader import Box
from pipeline_lib.datasets.scenes.captions import caption
from pipeline_lib.datasets.scenes.catalogue import FILE
from pipeline_lib.datasets.scenes.checks import read_catalogue
from pipeline_lib.datasets.scenes.picture import Picture
from pipeline_lib.datasets.scenes.plan import SPLITS, plan

CATALOGUE = read_catalogue(Path(__file__).parents[2] / "data/raw/scenes" / FILE)
SCENES, OBJECTS = CATALOGUE.scenes, CATALOGUE.objects
COUNT = 480


def planned(split: str, index: int, *, seed: int = 0, match: float = 0.85) -> Picture:
    return plan(CATALOGUE, seed=seed, split=split, index=index, background_match=match)


@cache
def pictures(split: str) -> tuple[Picture, ...]:
    return tuple(planned(split, index) for index in range(COUNT))


def names(picture: Picture) -> list[str]:
    return [placed.name for placed in picture.objects]


def covered(box: Box, others: list[Box]) -> float:
    """Return the share of ``box`` that lies under ``others``."""
    y, x = (np.mgrid[:48, :48] + 0.5) / 48
    x, y = box.x + x * box.w, box.y + y * box.h
    hidden = np.zeros_like(x, dtype=bool)
    for b in others:
        hidden |= (x > b.x) & (x < b.x + b.w) & (y > b.y) & (y < b.y + b.h)
    return float(hidden.mean())


def test_the_catalogue_is_rich_enough() -> None:
    assert len(SCENES) >= 10
    assert len(OBJECTS) >= 30
    assert min(len(scene.patterns) for scene in SCENES.values()) >= 3
    assert min(len(thing.variants) for thing in OBJECTS.values()) >= 2
    assert 4 <= len(CATALOGUE.unseen()) <= 6


def test_objects_are_shared_between_scenes() -> None:
    homes = Counter(name for s in SCENES.values() for name in (s.signature | s.shared))
    assert set(homes) == set(OBJECTS)
    assert sum(count > 1 for count in homes.values()) > 20


def test_look_alike_scenes_share_backgrounds() -> None:
    for look_alikes in (("harbour", "lake", "beach"), ("kitchen", "office", "bedroom")):
        shared = frozenset.intersection(*(SCENES[name].backgrounds() for name in look_alikes))
        assert len(shared) >= 2


@pytest.mark.parametrize("split", SPLITS)
def test_the_same_picture_is_planned_every_time_and_in_any_order(split: str) -> None:
    backwards = [planned(split, index) for index in reversed(range(20))]
    assert tuple(reversed(backwards)) == pictures(split)[:20]


def test_splits_and_seeds_have_different_pictures() -> None:
    plans = [planned(split, 5, seed=seed) for split in SPLITS for seed in (0, 1, -1)]
    assert len({picture.caption + str(picture.objects) for picture in plans}) == len(plans)


def test_the_share_of_fitting_backgrounds_leaves_the_objects_chosen_alone() -> None:
    for index in range(30):
        some, none = planned("train", index), planned("train", index, match=0.0)
        signature = SCENES[some.scene].signature
        assert signature.keys() & set(names(some)) == signature.keys() & set(names(none))


@pytest.mark.parametrize("split", SPLITS)
def test_classes_are_balanced(split: str) -> None:
    counts = Counter(picture.scene for picture in pictures(split))
    assert counts == dict.fromkeys(SCENES, COUNT // len(SCENES))


@pytest.mark.parametrize("split", SPLITS)
def test_the_class_is_the_scene_of_whose_signature_most_objects_are_there(split: str) -> None:
    for picture in pictures(split):
        told = {key: len(s.signature.keys() & set(names(picture))) for key, s in SCENES.items()}
        best = max(told.values())
        assert best >= 2
        assert [key for key, count in told.items() if count == best] == [picture.scene]


def test_every_picture_has_two_to_six_objects() -> None:
    counts = {len(p.objects) for split in SPLITS for p in pictures(split)}
    assert counts == set(range(2, CATALOGUE.mixture.most + 1))


def test_excluded_objects_never_meet() -> None:
    for split in SPLITS:
        for picture in pictures(split):
            assert not any(set(pair) <= set(names(picture)) for pair in CATALOGUE.exclusions)


def test_objects_of_a_group_come_no_more_than_the_group_allows() -> None:
    most: Counter[str] = Counter()
    for picture in pictures("train"):
        most |= Counter(names(picture))
    assert all(count <= OBJECTS[name].group for name, count in most.items())
    assert max(most.values()) > 1


def test_objects_of_one_signature_occur_together_more_often_than_by_chance() -> None:
    sets = [set(names(picture)) for picture in pictures("train")]
    share = {name: np.mean([name in s for s in sets]) for name in ("boat", "lighthouse")}
    both = np.mean([{"boat", "lighthouse"} <= s for s in sets])
    assert both > 3 * share["boat"] * share["lighthouse"]


def test_some_pictures_have_an_object_from_elsewhere() -> None:
    strange = [
        picture
        for picture in pictures("train")
        if set(names(picture))
        - SCENES[picture.scene].signature.keys()
        - SCENES[picture.scene].shared.keys()
    ]
    assert 0.03 < len(strange) / COUNT < CATALOGUE.mixture.distractor + 0.05


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_most_backgrounds_go_with_the_class(split: str) -> None:
    fits = np.mean([p.backdrop.scene == p.scene for p in pictures(split)])
    assert fits == pytest.approx(0.85, abs=0.05)


def test_no_background_goes_with_the_class_in_test_shift() -> None:
    for picture in pictures("test_shift"):
        pattern = SCENES[picture.backdrop.scene].patterns[picture.backdrop.pattern]
        assert picture.backdrop.scene != picture.scene
        assert pattern.background not in SCENES[picture.scene].backgrounds()


def test_shifted_backgrounds_come_from_all_other_classes_alike() -> None:
    counts = Counter(picture.backdrop.scene for picture in pictures("test_shift"))
    assert set(counts) == set(SCENES)
    assert max(counts.values()) < 2 * min(counts.values())


@pytest.mark.parametrize(("match", "fits"), [(0.0, 0), (1.0, 48)])
def test_the_share_of_fitting_backgrounds_can_be_none_or_all(match: float, fits: int) -> None:
    plans = [planned("train", index, match=match) for index in range(48)]
    assert sum(picture.backdrop.scene == picture.scene for picture in plans) == fits


@pytest.mark.parametrize("split", SPLITS)
def test_boxes_lie_inside_the_picture(split: str) -> None:
    for picture in pictures(split):
        for box in (placed.box for placed in picture.objects):
            assert min(box.x, box.y) >= 0
            assert max(box.x + box.w, box.y + box.h) <= 1 + 1e-12
            assert min(box.w, box.h) > 0.03


@pytest.mark.parametrize("split", SPLITS)
def test_no_object_is_mostly_hidden_by_nearer_ones(split: str) -> None:
    worst = max(
        covered(placed.box, [nearer.box for nearer in picture.objects[i + 1 :]])
        for picture in pictures(split)
        for i, placed in enumerate(picture.objects)
    )
    assert worst < 0.7


def test_objects_are_ordered_far_to_near() -> None:
    for picture in pictures("train"):
        feet = [placed.foot for placed in picture.objects]
        assert feet == sorted(feet)


def test_a_boat_swims_where_there_is_water_and_stands_where_there_is_none() -> None:
    places = {
        p.place for picture in pictures("test_shift") for p in picture.objects if p.name == "boat"
    }
    assert places == {"water", "ground"}


def test_instances_of_an_object_differ() -> None:
    boats = [p for picture in pictures("train") for p in picture.objects if p.name == "boat"]
    assert {boat.variant for boat in boats} == set(OBJECTS["boat"].variants)
    assert {boat.flipped for boat in boats} == {True, False}
    assert {boat.colour for boat in boats} == set(OBJECTS["boat"].colours)
    assert len({boat.gain for boat in boats}) == len(boats)
    assert np.ptp([boat.tilt for boat in boats]) > OBJECTS["boat"].tilt


@pytest.mark.parametrize("split", SPLITS)
def test_captions_name_the_scene(split: str) -> None:
    for picture in pictures(split):
        assert picture.scene in picture.caption.lower()


def test_captions_name_the_objects_all_but_at_most_one() -> None:
    omitted = 0
    for picture in pictures("train"):
        missing = [
            name
            for name, count in Counter(names(picture)).items()
            if (name if count == 1 else OBJECTS[name].plural) not in picture.caption.lower()
        ]
        assert len(missing) <= 1
        omitted += len(missing)
    assert 0.05 < omitted / COUNT < CATALOGUE.mixture.omit + 0.05


@pytest.mark.parametrize("split", SPLITS)
def test_unseen_objects_are_in_pictures_and_captions_of_every_split(split: str) -> None:
    found: set[str] = set()
    for picture in pictures(split):
        here = CATALOGUE.unseen() & set(names(picture))
        found |= here
        assert all(name in picture.caption.lower() for name in here)
    assert found == CATALOGUE.unseen()


def test_captions_are_written_in_plain_english() -> None:
    told = {
        caption(CATALOGUE, "office", ["chair", "umbrella", "cup", "cup"], "", default_rng(seed))
        for seed in range(200)
    }
    assert "A chair, an umbrella and two cups in an office." in told
    assert "An office with two cups, a chair and an umbrella." in told


def test_a_caption_says_what_the_light_is_like() -> None:
    told = {
        caption(CATALOGUE, "farm", ["cow", "barn"], "at night", default_rng(seed))
        for seed in range(60)
    }
    assert "A cow and a barn on a farm at night." in told
    assert all("at night" in sentence for sentence in told)


def test_irregular_plurals_are_right() -> None:
    told = caption(CATALOGUE, "farm", ["sheep", "sheep", "cow"], "", default_rng(0))
    assert "two sheep" in told
