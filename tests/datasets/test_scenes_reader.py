"""The reader of the scenes data set."""

from collections.abc import Callable
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from pipeline_lib.datasets.reader import Item
from pipeline_lib.datasets.scenes.reader import ScenesReader, open_reader
from pipeline_lib.errors import InputError
from pipeline_lib.params.dataset import Dataset
from pipeline_lib.params.scenes import Scenes
from tests.datasets.conftest import COLUMNS, DEFAULTS
from tests.settled import settled

Open = Callable[..., ScenesReader]


@pytest.fixture
def opened(root: Path) -> Open:
    """Return a function that opens the catalogue with other counts, seeds or sizes."""

    def open_with(**changed: object) -> ScenesReader:
        usual = {"train": 60, "val": 24, "test": 60, "test_shift": 60, "size": 32}
        rest = {"background_match": 0.85, "seed": 0, "difficulty": "none"}
        scenes = Scenes.model_validate(usual | rest | changed)
        return open_reader(root / "data" / "raw" / "scenes", dataset(scenes))

    return open_with


def dataset(scenes: Scenes) -> Dataset:
    return settled(
        Dataset,
        DEFAULTS
        | {"format": "scenes", "path": "data/raw/scenes", "columns": COLUMNS}
        | {"scenes": scenes.model_dump()},
    )


def items(reader: ScenesReader) -> list[Item]:
    found = list(reader.items())
    assert all(isinstance(item, Item) for item in found)
    return [item for item in found if isinstance(item, Item)]


def pixels(reader: ScenesReader, item: Item) -> np.ndarray:
    image = reader.load(item.path, item.row)
    assert isinstance(image, np.ndarray)
    return image


def test_every_picture_has_a_key_of_its_split_and_a_running_row(opened: Open) -> None:
    found = items(opened(train=2, val=1, test=0, test_shift=2))
    assert [(item.key, item.split, item.row) for item in found] == [
        ("train-000000", "train", 0),
        ("train-000001", "train", 1),
        ("val-000000", "val", 2),
        ("test_shift-000000", "test_shift", 3),
        ("test_shift-000001", "test_shift", 4),
    ]


def test_a_picture_is_rgb_of_the_asked_for_size(opened: Open) -> None:
    reader = opened(size=48)
    image = pixels(reader, items(reader)[0])
    assert image.shape == (48, 48, 3)
    assert image.dtype == np.uint8


def test_pictures_are_the_same_in_any_order_and_in_another_reader(opened: Open) -> None:
    reader = opened()
    rows = [0, 59, 60, 83, 84, 203]
    forward = [reader.load("catalogue.yaml", row) for row in rows]
    backward = [opened().load("catalogue.yaml", row) for row in reversed(rows)]
    for one, other in zip(forward, reversed(backward), strict=True):
        assert np.array_equal(one, other)


def test_a_larger_split_keeps_its_first_pictures_and_leaves_other_splits_alone(
    opened: Open,
) -> None:
    small, large = opened(), opened(train=80)
    old, new = items(small), {item.key: item for item in items(large)}
    for item in old:
        same = new[item.key]
        assert (item.classes, item.tags, item.captions, item.boxes) == (
            same.classes,
            same.tags,
            same.captions,
            same.boxes,
        )
    for item in old[::17]:
        assert np.array_equal(pixels(small, item), pixels(large, new[item.key]))


def test_another_seed_gives_other_pictures(opened: Open) -> None:
    one, other = opened(), opened(seed=1)
    assert [i.captions for i in items(one)] != [i.captions for i in items(other)]


def test_no_two_pictures_are_equal(opened: Open) -> None:
    reader = opened(train=24, test=24, test_shift=24)
    found = items(reader)
    assert len({pixels(reader, item).tobytes() for item in found}) == len(found)


def test_the_vocabulary_is_the_catalogue_in_its_order(opened: Open) -> None:
    words = opened().vocabulary()
    assert words.classes[:3] == ("harbour", "lake", "beach")
    assert words.tags[:3] == ("boat", "canoe", "lighthouse")
    assert words.unseen == {"crab", "scooter", "hedgehog", "pig", "toaster", "guitar"}


def test_labels_are_in_the_vocabulary(opened: Open) -> None:
    reader = opened()
    words = reader.vocabulary()
    for item in items(reader):
        assert len(item.classes) == 1
        assert item.classes[0] in words.classes
        assert set(item.tags) <= set(words.tags)


def test_each_tag_is_there_once_and_has_a_box(opened: Open) -> None:
    for item in items(opened()):
        assert len(set(item.tags)) == len(item.tags)
        assert {box.tag for box in item.boxes or ()} == set(item.tags)


def test_unseen_objects_are_tagged_in_the_test_splits_only(opened: Open) -> None:
    reader = opened(train=240, val=240, test=240, test_shift=240)
    unseen, found = reader.vocabulary().unseen, items(reader)
    for split in ("train", "val", "test", "test_shift"):
        here = [item for item in found if item.split == split]
        tagged = set(chain.from_iterable(item.tags for item in here)) & unseen
        assert tagged == (unseen if split.startswith("test") else set())
        told = {
            name for name in unseen for item in here if name in "".join(item.captions or ()).lower()
        }
        assert told == unseen


@pytest.mark.parametrize("row", [-1, 204, None])
def test_a_row_that_does_not_exist_is_refused(opened: Open, row: int | None) -> None:
    with pytest.raises(ValueError, match=rf"catalogue.yaml: row {row}, expected 0 to 203"):
        opened().load("catalogue.yaml", row)


def test_a_folder_without_a_catalogue_is_refused(tmp_path: Path, opened: Open) -> None:
    with pytest.raises(InputError, match=r"catalogue.yaml: missing.*dataset\.path"):
        open_reader(tmp_path, dataset(opened().params))
