"""What truth would add, on a few drawn pictures and on made-up features."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.headroom import Shown, measure, window

SEEN = np.array([0, 1, 2])


def world(rng: np.random.Generator, count: int, *, shifted: bool = False) -> Shown:
    """Return pictures of two classes; the backdrop is all that their features show.

    Objects 0 and 3 occur in the first class, 1 in the second, 2 wherever 1 is missing or by chance.
    """
    classes = np.eye(2, dtype=bool)[rng.integers(0, 2, count)]
    there = np.column_stack([classes, rng.random(count) < 0.3, classes[:, 0]])
    behind = classes[:, :1] ^ shifted
    noise = rng.normal(size=(count, 2))
    return Shown(
        classes, there, tagged=there & (rng.random(there.shape) < 0.5),
        whole=behind + 0.6 * noise, bare=classes[:, :1] + 0.3 * noise,
        windows=there[:, :3] + 0.1 * rng.normal(size=(count, 3)),
    )  # fmt: skip


@pytest.fixture
def found() -> dict[str, dict[str, float]]:
    rng = np.random.default_rng(0)
    train, val = world(rng, 300), world(rng, 300)
    shift = world(rng, 300, shifted=True)
    return measure(train, val, replace(shift, windows=np.zeros((300, 0))), SEEN)  # type: ignore[return-value]


def test_each_truth_adds_what_it_has_to(found: dict[str, dict[str, float]]) -> None:
    base, headroom = found["base"], found["headroom"]
    assert 70 < base["classes"] < 95  # noise of 0.6 before a step of 1, in two dimensions
    assert base["classes_shift"] == pytest.approx(100 - base["classes"], abs=8)
    assert base["classes"] + headroom["boxes_classes"] == pytest.approx(100, abs=1)
    assert base["classes_shift"] + headroom["causes_classes_shift"] > 95
    # objects 0 and 1 exclude each other, object 2 (0.3 of the pictures) comes by chance
    assert base["tags"] + headroom["neighbours_tags"] == pytest.approx((100 + 100 + 30) / 3, abs=3)
    assert headroom["neighbours_tags"] > 1.5
    assert headroom["boxes_tags"] > 20
    assert headroom["clean_tags"] > -3


def test_unseen_objects_are_told_by_their_partners(found: dict[str, dict[str, float]]) -> None:
    assert found["unseen"]["from_partners"] == pytest.approx(100)
    assert found["unseen"]["chance"] == pytest.approx(50, abs=8)


def test_a_window_is_a_square_around_a_box_and_repeats_the_edge() -> None:
    image = np.zeros((100, 100, 3), np.uint8)
    image[:, 80:] = 200
    cut = window(image, 0.8, 0.4, 0.2, 0.1)
    assert cut.shape == (26, 26, 3)  # 0.2 and 0.15 of it on each side
    assert (cut[:, :3] == 0).all()
    assert (cut[:, 3:] == 200).all()  # what lies outside too
