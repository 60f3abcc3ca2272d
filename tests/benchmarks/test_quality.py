"""What is planted among photographs, and that it is counted."""

import numpy as np

from benchmarks import quality, quality_learnt
from pipeline_lib.artifacts.vectors import ImageVectors
from tests.steps.quality.toy import blobs, table


def test_a_copy_is_a_crop_of_another_exposure():
    rng = np.random.default_rng(0)
    picture = np.full((100, 60, 3), 100, np.uint8)
    found = quality.altered(picture, rng)
    assert found.shape == (95, 57, 3)
    assert abs(float(found.mean()) - 100) > 15


def test_all_that_is_planted_is_found_where_classes_lie_apart(monkeypatch):
    monkeypatch.setattr(quality, "IMAGES", 120)
    monkeypatch.setattr(quality, "altered", lambda picture, rng: picture // 2)
    rng = np.random.default_rng(0)
    labels = np.arange(150) % 3
    pictures = list(rng.integers(0, 256, (150, 20, 20, 3), np.uint8))
    vectors = blobs(labels, rng, dims=30, noise=0.1)

    def encode(copies):
        own = [next(i for i in range(150) if (pictures[i] // 2 == c).all()) for c in copies]
        return vectors[own] + np.float32(0.001)

    found = quality.measure(pictures, labels, vectors, encode, seed=0)
    assert found["labels"]["self-confidence"] == quality.WRONG
    assert found["labels"]["by lot"] < quality.WRONG
    assert found["listed"]["pairs"] == quality.COPIES
    assert set(found["duplicates"].values()) == {quality.COPIES}


def test_planted_classes_are_others_of_training_images():
    before = table([[i % 3] for i in range(40)], splits=["train"] * 30 + ["test"] * 10)
    after, wrong = quality_learnt.planted(before, seed=0)
    differ = before.samples["classes"] != after.samples["classes"]
    assert set(before.samples["sample_id"].filter(differ)) == wrong
    assert len(wrong) == quality.WRONG
    assert set(before.samples["split"].filter(differ)) == {"train"}


def test_planted_classes_are_counted_among_the_first_suspects():
    rng = np.random.default_rng(0)
    before = table([[i % 3] for i in range(90)])
    vectors = ImageVectors(blobs(np.arange(90) % 3, rng), ())
    after, wrong = quality_learnt.planted(before, seed=0)
    assert quality_learnt.found(after, vectors, wrong) == quality.WRONG
    assert quality_learnt.found(before, vectors, set()) == 0
