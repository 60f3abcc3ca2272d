"""Linear classifiers of fixed vectors."""

import numpy as np
import pytest

from benchmarks.probe import Inputs, best, fit, mean_ap, top_1


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def test_what_is_linear_is_found(rng: np.random.Generator) -> None:
    x = rng.normal(size=(400, 5)) * [1, 10, 1, 1, 1] + 4
    y = (x - 4) @ rng.normal(size=(5, 3)) > 0
    probe = fit(Inputs(x[:300]), y[:300], np.zeros(0, int), decay=1e-4)
    assert mean_ap(probe(Inputs(x[300:])), y[300:]) > 98


def test_a_label_sees_the_other_objects_and_not_its_own(rng: np.random.Generator) -> None:
    there = rng.random((500, 4)) < 0.5
    there[:, 1] = there[:, 0]  # a pair that occurs together
    nothing = np.zeros((500, 1))
    own = np.array([0, 2])  # labels are the objects 0 and 2
    probe = fit(Inputs(nothing, there), there[:, own], own, decay=1e-4)
    assert probe.beside[own, [0, 1]].tolist() == [0, 0]
    logits = probe(Inputs(nothing, there))
    pair, alone = (mean_ap(logits[:, [i]], there[:, [own[i]]]) for i in (0, 1))
    assert pair == pytest.approx(100)
    assert alone < 65  # by chance: 50


def test_the_best_strength_is_reported_with_its_classifier(rng: np.random.Generator) -> None:
    x = rng.normal(size=(60, 30))
    y = np.eye(3, dtype=bool)[rng.integers(0, 3, 60)]
    data = (Inputs(x), y)
    found, probe = best(data, data, np.zeros(0, int), top_1)
    assert found == top_1(probe(Inputs(x)), y)
    assert found == max(
        top_1(fit(*data, np.zeros(0, int), decay=d)(Inputs(x)), y) for d in (1e-4, 1e-3, 1e-2)
    )


def test_scores_worked_by_hand() -> None:
    truth = np.array([[True, False], [False, False], [True, False]])
    logits = np.array([[3.0, 1.0], [2.0, 3.0], [1.0, 0.0]])
    # ranks 1 and 3 of the first label: (1/1 + 2/3) / 2; the second is carried by none
    assert mean_ap(logits, truth) == pytest.approx(100 * (1 + 2 / 3) / 2)
    assert top_1(logits, truth) == pytest.approx(200 / 3)
