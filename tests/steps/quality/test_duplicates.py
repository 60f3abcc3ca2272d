"""Near-duplicates: what counts, what is news, and what shares a fold."""

import numpy as np
import pytest

from pipeline_lib.clustering.neighbours import Neighbours
from pipeline_lib.progress import silent
from pipeline_lib.steps.quality.duplicates import copies, near_duplicates, thumbnail
from tests.steps.quality.toy import table

SPLITS = ["train", "train", "test", "val", "test_shift"]


@pytest.fixture
def pictures():
    """Noise; the third is the first at half its brightness, the fifth its negative."""
    rng = np.random.default_rng(0)
    found = [rng.integers(0, 200, (24, 24, 3), np.uint8) for _ in range(5)]
    found[2], found[4] = found[0] // 2, 200 - found[0]
    return found


def pairs(pictures, digests=None, cosine=0.96, *, splits=SPLITS, at_least=0.9, labels=(0,) * 5):
    """All images are each other's neighbours, equally near."""
    near = Neighbours(
        np.array([[j for j in range(5) if j != i] for i in range(5)]), np.full((5, 4), cosine)
    )
    asked = []

    def pixels(rows):
        asked.extend(rows)
        return [pictures[row] for row in rows]

    images = table([[one] for one in labels], splits=splits, digests=digests)
    return near_duplicates(images, near, pixels, at_least=at_least, track=silent), asked


def test_an_image_is_found_again_at_another_brightness_and_nothing_else_is(pictures):
    found, _ = pairs(pictures)
    row = found.row(0, named=True)
    assert len(found) == 1
    assert (row["first"], row["second"]) == ("00", "02")
    assert row["pixels"] == pytest.approx(1, abs=1e-3)
    assert row["similarity"] == pytest.approx((row["vectors"] + row["pixels"]) / 2)
    assert (row["first_split"], row["second_split"]) == ("train", "test")
    assert (row["straddles"], row["labels_differ"]) == (True, False)


@pytest.mark.parametrize(
    ("split", "straddles"), [("train", False), ("val", True), ("test_shift", True)]
)
def test_copies_straddle_where_one_is_learnt_from_and_the_other_judged(pictures, split, straddles):
    found, _ = pairs(pictures, splits=["train", "train", split, "val", "test"])
    assert found["straddles"].to_list() == [straddles]


def test_two_splits_that_are_tested_on_are_one_use(pictures):
    found, _ = pairs(pictures, splits=["test", "train", "test_shift", "val", "test"])
    assert found["straddles"].to_list() == [False]


def test_labels_that_differ_are_told(pictures):
    assert pairs(pictures, labels=(0, 0, 1, 0, 0))[0]["labels_differ"].to_list() == [True]


def test_equal_pixels_are_no_news(pictures):
    assert pairs(pictures, digests=[7, 1, 7, 3, 4])[0].is_empty()


def test_pictures_are_read_only_where_the_vectors_let_them_be_one(pictures):
    assert sorted(pairs(pictures, cosine=0.81)[1]) == [0, 1, 2, 3, 4]
    found, asked = pairs(pictures, cosine=0.79)  # with pixels alike, a mean of 0.895
    assert (len(found), asked) == (0, [])


def test_a_thumbnail_does_not_depend_on_size_brightness_and_contrast(pictures):
    large = np.kron(pictures[0], np.ones((3, 3, 1), np.uint8))
    assert thumbnail(pictures[0]) @ thumbnail(large) == pytest.approx(1, abs=1e-3)
    assert np.linalg.norm(thumbnail(pictures[1])) == pytest.approx(1)
    assert thumbnail(pictures[0]) @ thumbnail(pictures[4]) == pytest.approx(-1, abs=1e-3)
    assert not thumbnail(np.full((9, 9, 3), 77, np.uint8)).any()


def test_copies_of_copies_and_equal_pixels_are_one_group(pictures):
    found, _ = pairs(pictures, digests=[0, 1, 2, 2, 1])  # 00 ~ 02 = 03, 01 = 04
    groups = copies(table([[0]] * 5, digests=[0, 1, 2, 2, 1]), found)
    assert groups[0] == groups[2] == groups[3]
    assert groups[1] == groups[4]
    assert len(set(groups)) == 2
