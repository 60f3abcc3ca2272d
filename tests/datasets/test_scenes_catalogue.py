"""Every fault of a catalogue is named with its file, its key and what to do."""

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from pipeline_lib.datasets.scenes.catalogue import FILE
from pipeline_lib.datasets.scenes.checks import read_catalogue
from pipeline_lib.errors import InputError

Document = dict[str, Any]
SHIPPED: Document = YAML(typ="safe").load(
    Path(__file__).parents[2] / "data" / "raw" / "scenes" / FILE
)


@pytest.fixture
def complaint(tmp_path: Path) -> Callable[[Callable[[Document], object]], str]:
    """Return a function that damages the catalogue and returns what the reader says to that."""

    def say(damage: Callable[[Document], object]) -> str:
        document = copy.deepcopy(SHIPPED)
        damage(document)
        with (tmp_path / FILE).open("w") as file:
            YAML(typ="safe").dump(document, file)
        with pytest.raises(InputError, match=re.escape(f"{tmp_path / FILE}: ")) as caught:
            read_catalogue(tmp_path / FILE)
        assert "git checkout" in str(caught.value)
        return str(caught.value)

    return say


Say = Callable[[Callable[[Document], object]], str]


def test_the_shipped_catalogue_is_sound(root: Path) -> None:
    catalogue = read_catalogue(root / "data" / "raw" / "scenes" / FILE)
    assert list(catalogue.scenes) == list(SHIPPED["scenes"])
    assert list(catalogue.objects) == list(SHIPPED["objects"])


def test_an_unknown_object_in_a_scene(complaint: Say) -> None:
    said = complaint(lambda d: d["scenes"]["farm"]["signature"].update(cwo=0.5))
    assert "scenes.farm.signature: there is no object 'cwo'; did you mean 'cow'?" in said


def test_an_unknown_shared_object(complaint: Say) -> None:
    said = complaint(lambda d: d["scenes"]["farm"]["shared"].update(zebra=0.5))
    assert "scenes.farm.shared: there is no object 'zebra'" in said


def test_a_variant_without_a_drawing(complaint: Say) -> None:
    said = complaint(lambda d: d["objects"]["boat"].update(variants=["sailing", "moter"]))
    assert "objects.boat.variants: there is no drawing of 'moter'; did you mean 'motor'?" in said


def test_an_object_without_any_drawing(complaint: Say) -> None:
    said = complaint(lambda d: d["objects"].update(bout=d["objects"]["boat"]))
    assert "objects.bout: there is no drawing of it; did you mean 'boat'?" in said


def test_an_object_with_one_variant(complaint: Say) -> None:
    said = complaint(lambda d: d["objects"]["boat"].update(variants=["sailing"]))
    assert "objects.boat.variants: found ['sailing']; Tuple should have at least 2 items" in said


def test_a_variant_named_twice(complaint: Say) -> None:
    said = complaint(lambda d: d["objects"]["boat"].update(variants=["motor", "motor"]))
    assert "objects.boat.variants: ['motor', 'motor'] names one twice" in said


def test_heights_in_the_wrong_order(complaint: Say) -> None:
    said = complaint(lambda d: d["objects"]["boat"].update(height=[0.5, 0.4]))
    assert "objects.boat.height: [0.5, 0.4], expected least, greatest" in said


def test_a_scene_without_a_pattern(complaint: Say) -> None:
    said = complaint(lambda d: d["scenes"]["lake"].update(patterns={}))
    assert "scenes.lake.patterns: found {}; Dictionary should have at least 1 item" in said


def test_an_unknown_background(complaint: Say) -> None:
    said = complaint(lambda d: d["scenes"]["beach"]["patterns"]["dunes"].update(background="dune"))
    where = "scenes.beach.patterns.dunes.background"
    assert f"{where}: there is no 'dune'; did you mean 'dunes'?" in said


def test_an_unknown_light(complaint: Say) -> None:
    said = complaint(lambda d: d["scenes"]["beach"]["patterns"]["dunes"].update(light="nigt"))
    where = "scenes.beach.patterns.dunes.light"
    assert f"{where}: there is no 'nigt'; did you mean 'night'?" in said


def test_a_signature_of_one_object(complaint: Say) -> None:
    said = complaint(lambda d: d["scenes"]["farm"].update(signature={"cow": 1.0}))
    assert "scenes.farm.signature: found {'cow': 1.0}; Dictionary should have at least 2" in said


def test_a_chance_above_one(complaint: Say) -> None:
    said = complaint(lambda d: d["scenes"]["farm"]["signature"].update(cow=1.5))
    assert "scenes.farm.signature.cow: found 1.5; Input should be less than or equal to 1" in said


def test_an_unseen_object_in_a_signature(complaint: Say) -> None:
    said = complaint(lambda d: d["scenes"]["farm"]["signature"].update(pig=0.5))
    assert "scenes.farm.signature: 'pig' is unseen, so it cannot tell the class" in said


def test_an_object_that_is_both_signature_and_shared(complaint: Say) -> None:
    said = complaint(lambda d: d["scenes"]["farm"]["shared"].update(cow=0.5))
    assert "scenes.farm.shared: 'cow' is in the signature already" in said


def test_two_signatures_with_a_pair_in_common(complaint: Say) -> None:
    said = complaint(lambda d: d["scenes"]["lake"]["signature"].update(lighthouse=0.5))
    assert "scenes.harbour.signature: has ['boat', 'lighthouse'] in common with scenes.lake" in said


def test_a_scene_that_has_only_backgrounds_of_another(complaint: Say) -> None:
    def damage(document: Document) -> None:
        patterns = document["scenes"]["lake"]["patterns"]
        document["scenes"]["lake"]["patterns"] = {"mole": patterns["mole"]}

    said = complaint(damage)
    assert "scenes.lake.patterns: has only the backgrounds ['mole'] of scenes.harbour" in said


def test_an_exclusion_of_an_unknown_object(complaint: Say) -> None:
    said = complaint(lambda d: d["exclusions"].append(["cow", "catt"]))
    assert "exclusions: there is no object 'catt'; did you mean 'cat'?" in said


def test_an_exclusion_inside_a_signature(complaint: Say) -> None:
    said = complaint(lambda d: d["exclusions"].append(["cow", "barn"]))
    assert "exclusions: ['cow', 'barn'] are both in the signature of scenes.farm" in said


def test_a_caption_without_the_scene(complaint: Say) -> None:
    said = complaint(lambda d: d["captions"].append("{objects} {wher}"))
    assert "captions: '{objects} {wher}' has the fields ['objects', 'wher']; expected" in said


def test_a_caption_with_an_open_brace(complaint: Say) -> None:
    said = complaint(lambda d: d["captions"].append("{objects} in {scene"))
    assert "captions: '{objects} in {scene': expected '}' before end of string" in said


def test_an_unknown_key(complaint: Say) -> None:
    said = complaint(lambda d: d["mixture"].update(distractors=0.5))
    assert "mixture.distractors: found 0.5; Extra inputs are not permitted" in said


def test_a_colour_that_is_none(complaint: Say) -> None:
    said = complaint(lambda d: d["objects"]["boat"].update(colours=["red"]))
    assert "objects.boat.colours.0: found 'red'; String should match pattern" in said


def test_every_fault_is_told_at_once(complaint: Say) -> None:
    def damage(document: Document) -> None:
        document["scenes"]["farm"]["shared"]["zebra"] = 0.5
        document["objects"]["boat"]["height"] = [0.5, 0.4]

    said = complaint(damage)
    assert "zebra" in said
    assert "objects.boat.height" in said
