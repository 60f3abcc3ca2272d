"""What makes pictures hard comes at its rate, and what is true of them is kept."""

from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from pipeline_lib.datasets.reader import Item
from pipeline_lib.datasets.scenes.catalogue import FILE
from pipeline_lib.datasets.scenes.checks import read_catalogue
from pipeline_lib.datasets.scenes.covers import LEAST, MOST, covered
from pipeline_lib.datasets.scenes.paint import paint, paint_objects
from pipeline_lib.datasets.scenes.picture import Picture, Placed
from pipeline_lib.datasets.scenes.plan import plan
from pipeline_lib.datasets.scenes.reader import ScenesReader
from pipeline_lib.params.scenes import Difficulty, Scenes
from pipeline_lib.wordnet import read_lexicon
from tests.conftest import ROOT

CATALOGUE = read_catalogue(ROOT / "data/raw/scenes-hard" / FILE)
RATES = {"scale": 0.5, "hidden": 0.3, "missing": 0.3, "wrong": 0.2, "unnamed": 0.4}
HARD = Difficulty.model_validate(RATES)
UNSEEN = CATALOGUE.unseen()
COUNT = 600


@cache
def pictures(split: str = "train", difficulty: Difficulty | None = HARD) -> list[Picture]:
    return [
        plan(
            CATALOGUE, seed=5, split=split, index=index, background_match=0.9,
            difficulty=difficulty,
        )
        for index in range(COUNT)
    ]  # fmt: skip


def names(picture: Picture) -> set[str]:
    return {placed.name for placed in picture.objects}


def seen(picture: Picture) -> set[str]:
    return names(picture) - UNSEEN


def reader(**changed: object) -> ScenesReader:
    counts = {"train": 40, "val": 8, "test": 8, "test_shift": 8, "size": 32}
    rest = {"background_match": 0.9, "seed": 5, "difficulty": RATES}
    return ScenesReader(CATALOGUE, Scenes.model_validate(counts | rest | changed))


def items(opened: ScenesReader) -> list[Item]:
    return [item for item in opened.items() if isinstance(item, Item)]


def assert_rate(hits: int, tries: int, rate: float) -> None:
    """Say that so many hits are within four standard deviations of what the rate gives."""
    assert tries > 500
    assert abs(hits - rate * tries) < 4 * np.sqrt(tries * rate * (1 - rate))


def test_there_are_ninety_objects_a_quarter_of_them_unseen() -> None:
    assert len(CATALOGUE.objects) >= 90
    assert len(UNSEEN) >= 24


def test_wordnet_knows_every_object_but_one_of_the_default_data_set() -> None:
    lexicon = read_lexicon(ROOT / "data/wordnet/nouns.xml.xz", "names")
    assert [name for name in CATALOGUE.objects if not lexicon.of(name, 1)] == ["sandcastle"]


def test_unseen_objects_are_as_frequent_as_the_others() -> None:
    every = [p for split in ("train", "test") for p in pictures(split)]
    counts = Counter(name for picture in every for name in names(picture))
    seen_ones = CATALOGUE.objects.keys() - UNSEEN
    unseen, others = (np.mean([counts[n] for n in some]) for some in (UNSEEN, seen_ones))
    assert 0.9 < unseen / others < 1.1
    usual = sorted(counts[name] for name in seen_ones)
    assert 0.6 * usual[0] < min(counts[name] for name in UNSEEN)
    assert max(counts[name] for name in UNSEEN) < 1.2 * usual[-1]


def test_tags_are_missing_at_their_rate_and_in_train_alone() -> None:
    missing = sum(len(seen(p) - {*p.tags}) for p in pictures())
    assert_rate(missing, sum(len(seen(p)) for p in pictures()), RATES["missing"])
    assert all({*p.tags} == seen(p) for p in pictures("val"))
    assert all({*p.tags} == names(p) for p in pictures("test"))


def test_tags_are_wrong_at_their_rate_and_never_unseen() -> None:
    wrong = [name for p in pictures() for name in {*p.tags} - names(p)]
    assert_rate(len(wrong), sum(len(seen(p)) for p in pictures()), RATES["wrong"])
    assert not UNSEEN & {*wrong}
    counts = Counter(wrong)  # none is preferred
    assert max(counts.values()) < 4 * len(wrong) / (len(CATALOGUE.objects) - len(UNSEEN))
    assert all(len(set(p.tags)) == len(p.tags) for p in pictures())


def test_objects_are_hidden_at_their_rate_and_by_their_share() -> None:
    objects = [placed for p in pictures() for placed in p.objects]
    covers = [(placed, placed.cover) for placed in objects if placed.cover]
    assert_rate(len(covers), len(objects), RATES["hidden"])
    shares = []
    for placed, edges in covers:
        left, top, right, bottom = placed.sketch.extent()
        shares.append((min(right, edges[2]) - max(left, edges[0])) / (right - left))
        assert (edges[1], edges[3]) == pytest.approx((top - 0.06 * (bottom - top), bottom))
    assert min(shares) >= LEAST
    assert max(shares) <= MOST
    assert np.ptp(shares) > 0.8 * (MOST - LEAST)


def test_a_cover_hides_its_part_of_an_object_and_no_other() -> None:
    free = Placed("owl", "sitting", "wall", 0.5, 0.9, 0.6, 0.0, False, "#c8503a", (1.0, 1.0, 1.0))
    (behind,) = covered([free], 0.999, np.random.default_rng(0))
    assert behind.cover
    plain, hidden = (
        paint_objects(Picture("forest", _backdrop(), (one,), "", ()), 64).astype(int)
        for one in (free, behind)
    )
    columns = np.flatnonzero(np.abs(plain - hidden).max(2).any(0)) / 64
    assert columns.min() == pytest.approx(behind.cover[0], abs=0.03)
    assert columns.max() == pytest.approx(behind.cover[2], abs=0.03)


def _backdrop() -> object:
    return pictures()[0].backdrop


def test_partners_of_unseen_objects_are_left_out_of_captions_at_their_rate() -> None:
    with_unseen = [p for p in pictures() if names(p) & UNSEEN]
    partners = [(name, p.caption.lower()) for p in with_unseen for name in seen(p)]
    left_out = sum(not _said(name, told) for name, told in partners)
    assert_rate(left_out, len(partners), RATES["unnamed"])
    assert all(_said(n, p.caption.lower()) for p in with_unseen for n in names(p) & UNSEEN)


def test_a_caption_names_something() -> None:
    rest = [p for p in pictures() if not names(p) & UNSEEN]
    assert rest
    assert all(any(_said(n, p.caption.lower()) for n in names(p)) for p in rest)


def _said(name: str, caption: str) -> bool:
    words = f" {caption.replace(',', ' ').replace('.', ' ')} "
    return any(f" {form} " in words for form in (name, CATALOGUE.objects[name].plural))


def test_objects_are_smaller_by_the_scale() -> None:
    def median(difficulty: Difficulty) -> float:
        return float(np.median([o.height for p in pictures("val", difficulty) for o in p.objects]))

    whole = HARD.model_copy(update={"scale": 1.0})
    assert median(HARD) < 0.7 * median(whole)  # large ones are made smaller for want of room


def test_what_does_not_concern_a_decision_leaves_it_alone() -> None:
    easy = Difficulty(scale=0.5, hidden=0.0, missing=0.0, wrong=0.0, unnamed=0.0)
    for one, other in zip(pictures(), pictures("train", easy), strict=True):
        assert one.backdrop == other.backdrop
        assert [(o.name, o.x, o.foot) for o in one.objects] == [
            (o.name, o.x, o.foot) for o in other.objects
        ]
        assert {*other.tags} == seen(other)


def test_objects_of_a_set_occur_together_and_of_two_sets_of_a_scene_seldom() -> None:
    kitchens = [names(p) for p in pictures() if p.scene == "kitchen"]
    bottles = [found for found in kitchens if "bottle" in found]
    assert np.mean(["apple" in found for found in bottles]) > 0.7
    assert np.mean(["toaster" in found for found in bottles]) < 0.1


def test_items_keep_the_truth_of_train_and_only_there() -> None:
    opened = reader()
    for item in items(opened):
        picture = opened.picture(item.split or "", int(item.key.rpartition("-")[2]))
        if item.split == "train":
            assert {*(item.all_tags or ())} == seen(picture)
        else:
            assert item.all_tags is None
        assert {box.tag for box in item.boxes or ()} == {*item.tags} & names(picture)
    assert all(item.all_tags is None for item in items(reader(difficulty="none")))


def test_pictures_are_the_same_bytes_in_another_reader_and_order() -> None:
    one, other = reader(), reader()
    for row in (0, 39, 47, 63):
        first = one.load(FILE, row)
        assert np.array_equal(first, other.load(FILE, row))
    assert np.array_equal(one.load(FILE, 0), reader(train=50).load(FILE, 0))


def test_objects_alone_do_not_depend_on_the_backdrop() -> None:
    picture = pictures()[0]
    opened = reader(background_match=0.0)
    other = Picture(
        picture.scene, opened.picture("train", 0).backdrop, picture.objects, "", picture.tags
    )
    assert not np.array_equal(paint(CATALOGUE, picture, 32), paint(CATALOGUE, other, 32))
    assert np.array_equal(paint_objects(picture, 32), paint_objects(other, 32))


@pytest.mark.parametrize("kind", ["sets", "shared"])
def test_an_object_of_a_set_that_occurs_anyway_is_refused(tmp_path: Path, kind: str) -> None:
    text = (ROOT / "data/raw/scenes-hard" / FILE).read_text()
    broken = {
        "sets": text.replace("{toaster: 0.9, cup: 0.51", "{toaster: 0.9, pot: 0.51"),
        "shared": text.replace("{toaster: 0.9, cup: 0.51", "{toaster: 0.9, cupp: 0.51"),
    }[kind]
    (tmp_path / FILE).write_text(broken)
    message = {
        "sets": r"scenes.kitchen.sets.breakfast: 'pot' occurs there anyway",
        "shared": r"scenes.kitchen.sets.breakfast: there is no object 'cupp'; did you mean 'cup'",
    }[kind]
    with pytest.raises(ValueError, match=message):
        read_catalogue(tmp_path / FILE)
