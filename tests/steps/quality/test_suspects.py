"""The order of doubt, by hand and as the paper writes it."""

import numpy as np
import pytest

from pipeline_lib.clustering.neighbours import Neighbours
from pipeline_lib.steps.quality.out_of_fold import Judged
from pipeline_lib.steps.quality.suspects import (
    Doubted,
    disagreements,
    doubted_tags,
    suspect_frame,
    wrong_classes,
)
from tests.steps.quality.toy import table

NOT = np.nan


def judged(*rows, labels=None):
    probability = np.array(rows, float)
    count, width = probability.shape
    return Judged(
        np.arange(count), np.arange(width) if labels is None else labels, probability, np.zeros(0)
    )


def test_the_least_probable_label_stands_first_with_the_best_other_one():
    found = judged([0.7, 0.2, 0.1], [0.5, 0.3, 0.2], [0.1, 0.3, 0.6])
    carried = np.eye(3, dtype=bool)[[0, 2, 0]]
    doubted = wrong_classes(found, carried, 9)
    assert doubted.place.tolist() == [2, 1, 0]
    assert doubted.given.tolist() == [0, 2, 0]
    assert doubted.suggested.tolist() == [2, 0, 1]
    assert wrong_classes(found, carried, 2).place.tolist() == [2, 1]


def test_a_label_without_a_probability_is_not_doubted_and_not_suggested():
    found = judged([NOT, 0.6, 0.4], [0.2, NOT, 0.8], [0.1, 0.9, NOT])
    doubted = wrong_classes(found, np.eye(3, dtype=bool)[[0, 0, 0]], 9)
    assert doubted.place.tolist() == [2, 1]
    assert doubted.suggested.tolist() == [1, 2]


def test_tags_that_are_carried_and_tags_that_are_not_are_two_lists():
    found = judged([0.9, 0.8], [0.3, 0.1])
    wrong, missing = doubted_tags(found, np.array([[1, 0], [1, 0]], bool), np.ones((2, 2), bool), 9)
    assert (wrong.place.tolist(), wrong.given.tolist()) == ([1, 0], [0, 0])
    assert set(wrong.suggested.tolist()) == set(missing.given.tolist()) == {-1}
    assert (missing.place.tolist(), missing.suggested.tolist()) == ([0, 1], [1, 1])


def test_a_tag_that_is_left_open_is_not_doubted():
    found, said = judged([0.9, 0.8], [0.3, 0.1]), np.array([[1, 0], [1, 1]], bool)
    _, missing = doubted_tags(found, np.array([[1, 0], [1, 0]], bool), said, 9)
    assert (missing.place.tolist(), missing.suggested.tolist()) == ([1], [1])


def test_disagreements_are_those_of_equation_1_as_written():
    rng = np.random.default_rng(0)
    probability = rng.dirichlet(np.ones(4), 60)
    given = rng.integers(0, 4, 60)
    t = [np.mean([probability[n, j] for n in range(60) if given[n] == j]) for j in range(4)]
    confident = np.zeros((4, 4), int)
    for n in range(60):
        reached = [j for j in range(4) if probability[n, j] >= t[j]]
        if reached:
            confident[given[n], max(reached, key=lambda j: probability[n, j])] += 1
    expected = confident.sum() - np.trace(confident)
    assert 0 < expected < 60
    assert disagreements(judged(*probability), np.eye(4, dtype=bool)[given]) == expected


def test_rows_name_labels_probabilities_margins_and_neighbours():
    images = table([[0], [1], [2]], splits=["train", "train", "test"])
    near = Neighbours(np.array([[1, 2], [2, 0], [0, 1]]), np.zeros((3, 2)))
    found = judged([0.3, 0.7], [0.6, 0.4], labels=np.array([0, 2]))  # class 1 is rare
    doubted = Doubted("wrong", np.array([0]), np.array([0]), np.array([1]))
    row = suspect_frame(images, "classes", found, doubted, near, learnt=True).row(0, named=True)
    assert (row["rank"], row["sample_id"], row["split"]) == (1, "00", "train")
    assert (row["given"], row["suggested"]) == ("class0", "class2")
    assert (row["given_probability"], row["suggested_probability"]) == (0.3, 0.7)
    assert row["margin"] == pytest.approx(0.3 - 0.7)
    assert row["neighbours"] == ["01", "02"]
    assert row["neighbour_labels"] == ["class1", "class2"]
    assert row["learnt"] is True


@pytest.mark.parametrize(("given", "suggested", "margin"), [(0, -1, 0.1 - 0.9), (-1, 0, 0.9 - 0.1)])
def test_the_margin_of_a_tag_is_over_its_opposite(given, suggested, margin):
    images = table([[]] * 2, [[0], []], splits=["test", "train"])
    near = Neighbours(np.array([[1], [0]]), np.zeros((2, 1)))
    doubted = Doubted("wrong", np.array([0]), np.array([given]), np.array([suggested]))
    found = suspect_frame(images, "tags", judged([0.1], [0.5]), doubted, near, learnt=True)
    row = found.row(0, named=True)
    assert row["margin"] == pytest.approx(margin)
    assert (row["given"] is None, row["suggested"] is None) == (given < 0, suggested < 0)
    assert row["learnt"] is False  # a network learns from training images alone
