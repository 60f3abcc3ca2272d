"""Drawings and backgrounds: each is there, each looks different, each box is tight."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline_lib.datasets.scenes.backgrounds import BACKGROUNDS
from pipeline_lib.datasets.scenes.catalogue import FILE, Catalogue
from pipeline_lib.datasets.scenes.checks import read_catalogue
from pipeline_lib.datasets.scenes.drawings import DRAWINGS
from pipeline_lib.datasets.scenes.paint import paint
from pipeline_lib.datasets.scenes.picture import Backdrop, Picture, Placed
from pipeline_lib.datasets.scenes.plan import plan

RAW = Path(__file__).parents[2] / "data/raw"
CATALOGUE = read_catalogue(RAW / "scenes" / FILE)
HARD = read_catalogue(RAW / "scenes-hard" / FILE)  # has every object
PLAIN = (1.0, 1.0, 1.0)
VARIANTS = [(name, variant) for name, drawn in DRAWINGS.items() for variant in drawn]
PATTERNS = [(name, key) for name, scene in CATALOGUE.scenes.items() for key in scene.patterns]


def backdrop(scene: str = "kitchen", pattern: str = "tiles") -> Backdrop:
    colour = CATALOGUE.scenes[scene].patterns[pattern].colours[0]
    return Backdrop(scene, pattern, colour, PLAIN, seed=0)


def placed(name: str, variant: str) -> Placed:
    colour = HARD.objects[name].colours[0]
    return Placed(name, variant, "sky", 0.5, 0.9, 0.4, 0.0, False, colour, PLAIN)  # no shadow


def pixels(*objects: Placed, behind: Backdrop | None = None, size: int = 64) -> np.ndarray:
    picture = Picture("kitchen", behind or backdrop(), objects, "", ())
    return np.asarray(paint(CATALOGUE, picture, size), dtype=int)


def changed(with_it: np.ndarray, without: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(with_it - without).max(2) > 8)


def test_the_catalogue_of_hard_pictures_uses_every_drawing() -> None:
    used = [(name, variant) for name, o in HARD.objects.items() for variant in o.variants]
    assert sorted(used) == sorted(VARIANTS)


@pytest.mark.parametrize("catalogue", [CATALOGUE, HARD])
def test_a_catalogue_uses_every_background(catalogue: Catalogue) -> None:
    used = {background for s in catalogue.scenes.values() for background in s.backgrounds()}
    assert used == set(BACKGROUNDS)


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_variants_of_an_object_look_different(name: str) -> None:
    first, second = (pixels(placed(name, variant)) for variant in HARD.objects[name].variants)
    box = placed(name, HARD.objects[name].variants[0]).box
    assert changed(first, second).sum() > 0.25 * box.w * box.h * 64 * 64


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_a_box_is_tight_around_the_drawn_object(name: str, variant: str) -> None:
    thing = placed(name, variant)
    size = 128
    rows, columns = np.nonzero(changed(pixels(thing, size=size), pixels(size=size)))
    box, slack = thing.box, 0.02  # the outline, and pixels that are alike
    found = columns.min() / size, rows.min() / size, columns.max() / size, rows.max() / size
    assert found == pytest.approx((box.x, box.y, box.x + box.w, box.y + box.h), abs=slack)


@pytest.mark.parametrize(("scene", "pattern"), PATTERNS)
def test_a_background_fills_the_picture(scene: str, pattern: str) -> None:
    image = pixels(behind=backdrop(scene, pattern))
    assert (image.max(2) > 0).all()  # no pixel is left as the empty canvas


def test_no_two_patterns_of_a_scene_look_alike() -> None:
    for scene in CATALOGUE.scenes:
        images = [pixels(behind=backdrop(scene, k)) for k in CATALOGUE.scenes[scene].patterns]
        for i, one in enumerate(images):
            for other in images[:i]:
                assert changed(one, other).mean() > 0.3


def under(**light: object) -> Catalogue:
    """Return the catalogue with another kind of day."""
    day = CATALOGUE.lights["day"].model_copy(update=light)
    return CATALOGUE.model_copy(update={"lights": {**CATALOGUE.lights, "day": day}})


@pytest.mark.parametrize("weather", ["rain", "snow", "fog"])
def test_weather_is_drawn_over_the_objects(weather: str) -> None:
    fridge = placed("fridge", "double")
    picture = Picture("kitchen", backdrop(), (fridge,), "", ())
    clear, wet = (paint(c, picture, 64).astype(int) for c in (CATALOGUE, under(weather=weather)))
    top, bottom = round(fridge.box.y * 64), round((fridge.box.y + fridge.box.h) * 64)
    assert changed(wet, clear)[top:bottom, 28:36].any()  # it stands at x = 32


@pytest.mark.parametrize(
    ("name", "variant", "y", "factor"),
    [("fridge", "freezer", 0.6, 2.0), ("lamp", "shade", 0.35, 1.0)],  # the lamp's bulb glows
)
def test_the_tint_of_the_light_changes_what_does_not_glow(
    name: str, variant: str, y: float, factor: float
) -> None:
    thing = placed(name, variant)
    picture = Picture("kitchen", backdrop(), (thing,), "", ())
    day, dusk = (
        paint(c, picture, 64)[int((thing.box.y + y * thing.box.h) * 64), 32].astype(float)
        for c in (CATALOGUE, under(tint=(0.5, 0.5, 0.5)))
    )
    assert (day / dusk).tolist() == pytest.approx([factor] * 3, rel=0.05)


def test_the_colour_and_gain_of_an_instance_show() -> None:
    bus = placed("bus", "city")
    for other in (replace(bus, colour="#3f9a5f"), replace(bus, gain=(0.8, 0.8, 0.8))):
        assert changed(pixels(bus), pixels(other)).mean() > 0.05


def crowded_pictures() -> list[Picture]:
    plans = (
        plan(CATALOGUE, seed=3, split="test", index=i, background_match=0.85) for i in range(24)
    )
    return [picture for picture in plans if len(picture.objects) > 2]


def test_an_object_changes_pixels_in_its_box_and_nowhere_far_from_it() -> None:
    pictures = crowded_pictures()
    assert len(pictures) > 5
    for picture in pictures:
        whole = paint(CATALOGUE, picture, 64).astype(int)
        for thing in picture.objects:
            rest = tuple(other for other in picture.objects if other is not thing)
            without = paint(CATALOGUE, replace(picture, objects=rest), 64).astype(int)
            rows, columns = np.nonzero(changed(whole, without))
            box = thing.box
            assert len(rows) > 0.1 * box.w * box.h * 64 * 64
            assert columns.min() / 64 > box.x - 0.03
            assert columns.max() / 64 < box.x + box.w + 0.03
            assert rows.min() / 64 > box.y - 0.03
            assert rows.max() / 64 < box.y + box.h + 0.05  # its shadow lies there
