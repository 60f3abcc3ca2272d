"""What is planted among photographs, and that it is counted."""

import numpy as np

from benchmarks import quality
from tests.steps.quality.toy import blobs


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
