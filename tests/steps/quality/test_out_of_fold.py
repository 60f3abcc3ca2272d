"""Scores of images that the classifier has not seen."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from pipeline_lib.progress import silent
from pipeline_lib.steps.quality import out_of_fold as module
from pipeline_lib.steps.quality.out_of_fold import out_of_fold
from tests.steps.quality.toy import blobs, scores


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def judged(vectors, carried, groups=None, *, exclusive=True, **changes):
    groups = np.arange(len(vectors)) if groups is None else groups
    return out_of_fold(
        vectors, carried, groups, scores(**changes), exclusive=exclusive, track=silent
    )


def test_classes_that_lie_apart_are_told_by_images_not_seen(rng):
    classes = np.arange(60) % 3
    found = judged(blobs(classes, rng), np.eye(3, dtype=bool)[classes])
    assert (found.probability.argmax(1) == classes).mean() > 0.95
    np.testing.assert_allclose(found.probability.sum(1), 1, rtol=1e-5)
    assert (found.rows.tolist(), found.labels.tolist()) == (list(range(60)), [0, 1, 2])


def test_it_is_a_logistic_regression(rng, monkeypatch):
    """Of scikit-learn's with the same penalty, on the same folds."""
    classes = rng.integers(0, 3, 90)
    vectors, carried = blobs(classes, rng, noise=1.0), np.eye(3, dtype=bool)[classes]
    found = judged(vectors, carried, c=0.1)
    for train, test in module._folds(carried, np.arange(90), scores()):
        mean, deviation = vectors[train].mean(0), vectors[train].std(0)
        model = LogisticRegression(C=0.1).fit((vectors[train] - mean) / deviation, classes[train])
        expected = model.predict_proba((vectors[test] - mean) / deviation)
        np.testing.assert_allclose(found.probability[test], expected, atol=2e-3)


def test_tags_are_judged_each_by_itself(rng):
    carried = rng.random((80, 4)) < 0.4
    vectors = (carried @ np.eye(4, 6) + 0.2 * rng.normal(size=(80, 6))).astype(np.float32)
    found = judged(vectors, carried, exclusive=False)
    assert ((found.probability > 0.5) == carried).mean() > 0.95
    alone = judged(vectors, carried[:, :1], exclusive=False)
    assert ((alone.probability[:, 0] > 0.5) == carried[:, 0]).mean() > 0.9


def test_copies_are_never_in_two_folds(rng):
    groups = np.repeat(np.arange(20), 3)
    carried = np.eye(2, dtype=bool)[groups % 2]
    for train, test in module._folds(carried, groups, scores()):
        assert not set(groups[train]) & set(groups[test])
        assert len(np.unique(carried[test].argmax(1))) == 2  # classes are spread


def test_a_copy_does_not_vouch_for_a_wrong_label(rng):
    """Each wrong label has a copy with the same label: apart, they would confirm each other."""
    classes = np.arange(60) % 3
    vectors = blobs(classes, rng, noise=0.05)
    vectors, given = np.concatenate([vectors, vectors[:1]]), np.append(classes, 1)
    given[0] = 1
    groups = np.append(np.arange(60), 0)
    found = judged(vectors, np.eye(3, dtype=bool)[given], groups, c=100.0)
    assert found.probability[[0, 60], 1].max() < 0.2


def test_a_class_of_fewer_groups_than_folds_is_left_out_with_its_images(rng):
    classes = np.array([0] * 9 + [1] * 9 + [2] * 4)
    groups = np.append(np.arange(18), [18, 18, 19, 19])  # four images, two pictures
    found = judged(blobs(classes, rng), np.eye(3, dtype=bool)[classes], groups)
    assert found.rare.tolist() == [2]
    assert (found.rows.tolist(), found.labels.tolist()) == (list(range(18)), [0, 1])


@pytest.mark.parametrize(
    ("carried", "exclusive"),
    [
        (np.ones((6, 1), bool), True),  # one class: nothing else could be meant
        (np.zeros((6, 2), bool), True),
        (np.zeros((6, 2), bool), False),
        (np.zeros((6, 0), bool), False),
    ],
)
def test_where_nothing_can_be_judged_nothing_is(carried, exclusive, rng):
    found = judged(rng.normal(size=(6, 3)), carried, exclusive=exclusive)
    assert (len(found.rows), len(found.labels), found.probability.shape) == (0, 0, (0, 0))


def test_a_tag_that_all_or_none_of_the_others_carry_has_no_probability(rng):
    carried = np.ones((9, 1), bool)
    assert np.isnan(judged(rng.normal(size=(9, 3)), carried, exclusive=False).probability).all()


def test_equal_vectors_say_how_often_a_class_occurs():
    classes = np.array([0] * 24 + [1] * 12)
    found = judged(np.ones((36, 3), np.float32), np.eye(2, dtype=bool)[classes])
    np.testing.assert_allclose(found.probability[:, 0], 2 / 3, atol=0.02)


def test_the_same_input_gives_the_same_bytes_and_another_seed_other_folds(rng):
    classes = rng.integers(0, 3, 60)
    vectors, carried = blobs(classes, rng, noise=1.0), np.eye(3, dtype=bool)[classes]
    first, again, other = (judged(vectors, carried, seed=seed).probability for seed in (0, 0, 1))
    assert first.tobytes() == again.tobytes() != other.tobytes()
