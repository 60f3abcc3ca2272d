import numpy as np

from pipeline_lib.reporting.explorer import chosen as module
from pipeline_lib.reporting.explorer.chosen import chosen, evaluated, search

TRAIN = np.arange(40, 140)


def _unit(seed=0, images=140):
    found = np.random.default_rng(seed).normal(size=(images, 5)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_the_nearest_images_are_those_of_the_highest_cosine():
    unit, images = _unit(), np.arange(7)
    found, cosines = search(unit, images, TRAIN)
    exact = unit[images] @ unit[TRAIN].T
    order = np.argsort(-exact, axis=1)[:, : module.NEAREST]
    assert found.tolist() == TRAIN[order].tolist()
    np.testing.assert_allclose(cosines, np.take_along_axis(exact, order, 1), atol=1e-6)


def test_an_image_is_no_neighbour_of_itself_even_among_equal_ones():
    unit = np.repeat(_unit(images=1), 10, axis=0)
    found, _ = search(unit, np.arange(10), np.arange(10))
    assert found.shape == (10, module.NEAREST)
    assert all(image not in near for image, near in enumerate(found))


def test_few_training_images_are_all_neighbours():
    found, _ = search(_unit(), np.arange(3), TRAIN[:2])
    assert {tuple(sorted(near)) for near in found.tolist()} == {(40, 41)}
    assert search(_unit(), TRAIN[:1], TRAIN[:1])[0].shape == (1, 0)


def test_training_images_are_shown_at_even_steps_and_where_they_are_near(monkeypatch):
    monkeypatch.setattr(module, "TRAINED", 2)
    monkeypatch.setattr(module, "NEAREST", 1)
    vectors = _unit(1)
    found = chosen({"test": np.array([0, 1])}, TRAIN, vectors * 7, np.array([50]))
    near = TRAIN[(vectors[:2] @ vectors[TRAIN].T).argmax(1)]
    assert found.rows.tolist() == [0, 1, *sorted({40, 139, 50, *near.tolist()})]
    assert found.rows[found.near.places[:2, 0]].tolist() == near.tolist()
    assert found.splits == {"test": 2, "train": len(found.rows) - 2}
    assert found.judged == 2


def test_without_vectors_nothing_is_near():
    found = chosen({"test": np.array([0])}, TRAIN, None, np.array([], np.int64))
    assert found.near is None
    assert found.rows.tolist() == [0, *TRAIN.tolist()]


def test_test_comes_first_and_of_large_splits_images_at_even_steps(workspace, monkeypatch):
    data = workspace.collection
    assert {split: len(rows) for split, rows in evaluated(data).items()} == {
        "test": 30, "test_shift": 9, "val": 6,
    }  # fmt: skip
    assert list(evaluated(data)) == ["test", "test_shift", "val"]
    monkeypatch.setattr(module, "EVALUATED", 3)
    rows = data.rows("test")
    assert evaluated(data)["test"].tolist() == [rows[0], rows[14], rows[29]]
