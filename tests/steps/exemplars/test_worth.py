"""What the stage ``exemplars`` says of itself."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score

from pipeline_lib.artifacts.arrays import FREE
from pipeline_lib.artifacts.labelled import SampleTable
from pipeline_lib.artifacts.shards import Shards
from pipeline_lib.knowledge.exemplars.hierarchy import Exemplars
from pipeline_lib.steps.exemplars.worth import describe, image_scores, tag_map

KIND = Shards("toy", "exemplars", FREE)
TABLE = SampleTable(
    samples=pl.DataFrame({"sample_id": list("abcd"), "split": ["train", "val", "val", "val"]})
)
# two regions, two tags each, of four
TAGS = np.array([[[0, 1], [2, 0]], [[3, 0], [0, 3]], [[1, 2], [3, 1]], [[0, 1], [1, 2]]], np.int32)
RAW = np.array(
    [[[0.6, 0.2], [0.5, 0.4]], [[0.7, 0.1], [0.3, 0.2]], [[0.5, 0.5], [0.4, 0.1]],
     [[0.9, 0.1], [0.2, 0.2]]], np.float32,
)  # fmt: skip
TRUTH = np.array([[1, 0, 0, 0], [1, 0, 0, 1], [0, 1, 0, 0], [0, 1, 0, 0]], bool)
CLASSES = np.eye(2, dtype=bool)[[0, 0, 1, 0]]
PROTOTYPES = Exemplars(
    tag=np.array([0, 0, 1]), mean=np.zeros((3, 2)), counts=np.zeros((3, 2), int),
    size=np.array([4, 2, 3]), retained=np.array([True, True, False]), member=np.zeros(9, int),
)  # fmt: skip


@pytest.fixture
def reader(tmp_path):
    refined = RAW.copy()
    refined[3, 1, 0] = 0.95  # a right tag comes out on top
    arrays = {
        "tags": TAGS, "raw": RAW, "refined": refined,
        "beliefs": np.array([[1, 0], [0.9, 0.1], [0.2, 0.8], [0, 0]], np.float32),
        "matched": np.array([[0, 1], [0, -1], [2, 2], [-1, -1]], np.int32),
    }  # fmt: skip
    KIND.write(tmp_path, list("abcd"), [arrays])
    return KIND.open(tmp_path, list("abcd"))


def test_an_image_scores_a_tag_by_its_best_region():
    found = image_scores(TAGS, RAW, 4)
    expected = np.zeros((4, 4), np.float32)
    for image, region, k in np.ndindex(TAGS.shape):
        tag = TAGS[image, region, k]
        expected[image, tag] = max(expected[image, tag], RAW[image, region, k])
    np.testing.assert_array_equal(found, expected)
    assert found[1].tolist() == pytest.approx([0.3, 0, 0, 0.7])


def test_tag_map_is_the_mean_over_tags_that_occur(reader):
    rows = np.array([1, 2, 3])
    scores = image_scores(TAGS[rows], RAW[rows], 4)
    expected = np.mean([
        average_precision_score(TRUTH[rows, tag], scores[:, tag]) for tag in (0, 1, 3)
    ])  # fmt: skip
    assert tag_map(reader, rows, "raw", TRUTH[rows]) == pytest.approx(expected)
    assert tag_map(reader, rows, "raw", np.zeros((3, 4), bool)) == 0


def test_facts_by_hand(reader):
    found = describe(reader, TABLE, TRUTH, CLASSES, PROTOTYPES)
    assert found["prototypes"] == {
        "all": 3, "retained": 2, "tags": 2, "tags_without_exemplar": 3,
        "mean_size_retained": 3.0, "members_retained": pytest.approx(6 / 9),
    }  # fmt: skip
    assert found.keys() == {"prototypes", "train", "val"}
    val = found["val"]
    assert val["matched"] == pytest.approx(3 / 6)
    # b and c are right; d matched nothing, and is no hit although it is of class 0
    assert val["beliefs_accuracy"] == pytest.approx(2 / 3)
    assert val["tag_map_gain"] == pytest.approx(val["tag_map_refined"] - val["tag_map_raw"])
    # tag 1 ranks d, c, b instead of c, d, b: either way both right ones lead
    assert val["tag_map_gain"] == pytest.approx(0, abs=1e-9)


def test_regions_outside_every_prototype_are_counted(reader):
    member = np.array([0, 0, -1, 1, 1, 2, 2, -1, -1])
    found = describe(reader, TABLE, TRUTH, CLASSES, replace(PROTOTYPES, member=member))
    assert found["prototypes"]["noise"] == 3


def test_refinement_that_helps_is_a_gain(reader):
    truth = TRUTH.copy()
    truth[2, 1] = False  # only d carries tag 1
    found = describe(reader, TABLE, truth, CLASSES, PROTOTYPES)["val"]
    assert found["tag_map_gain"] == pytest.approx((1 - 1 / 2) / 3)
