import numpy as np

from pipeline_lib.clustering.neighbours import centred
from pipeline_lib.reporting.explorer import chosen as module
from pipeline_lib.reporting.explorer.chosen import chosen, evaluated

TRAIN = np.arange(40, 140)


def test_training_images_are_shown_at_even_steps_and_where_they_are_near(monkeypatch):
    monkeypatch.setattr(module, "TRAINED", 2)
    monkeypatch.setattr(module, "NEAREST", 1)
    vectors = np.random.default_rng(1).normal(size=(140, 5)).astype(np.float32)
    found = chosen({"test": np.array([0, 1])}, TRAIN, vectors, np.array([50]))
    unit = centred(vectors)
    near = TRAIN[(unit[:2] @ unit[TRAIN].T).argmax(1)]
    assert found.rows.tolist() == [0, 1, *sorted({40, 139, 50, *near.tolist()})]
    assert found.rows[found.near.rows[:2, 0]].tolist() == near.tolist()
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
