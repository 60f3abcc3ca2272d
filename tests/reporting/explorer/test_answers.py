import numpy as np
import pytest
from scipy.special import expit

from pipeline_lib.evaluation.beliefs import softmax
from pipeline_lib.params.evaluation import Evaluation
from pipeline_lib.reporting.explorer.answers import Answers, answers
from pipeline_lib.reporting.sections.errors import errors


class _Run:
    def __init__(self, target):
        self.name, self.target = "mine", target


def _answers(target, probabilities, decided, carried, judged=None):
    beliefs, decided, carried = (np.array(v) for v in (probabilities, decided, carried))
    judged = np.ones(beliefs.shape, bool) if judged is None else np.array(judged)
    order = np.argsort(-beliefs, axis=1)
    return Answers(
        _Run(target), "test", order, beliefs, decided > 0, carried > 0, judged > 0, np.empty(0)
    )


def _read(workspace, name, target):
    run = workspace.run(name, target)
    params = Evaluation.load("evaluation", workspace.params_file)
    folder = workspace.artifacts / "train" / name
    return run, answers(run, folder, workspace.collection, params)


def test_a_class_is_wrong_that_the_image_lacks_and_as_sure_as_its_probability():
    found = _answers(
        "classes",
        [[0.7, 0.3], [0.6, 0.4], [0.2, 0.8]],
        [[1, 0], [1, 0], [0, 1]],
        [[1, 0], [0, 1], [0, 0]],
        [[1, 1], [1, 1], [0, 0]],  # the last has no class
    )
    assert found.mistakes.tolist() == [[False, False], [True, False], [False, False]]
    np.testing.assert_array_equal(found.sureness, [np.nan, 0.6, np.nan])
    assert found.known.tolist() == [True, True, False]


def test_a_tag_is_wrong_that_is_found_or_missed_unless_it_is_not_judged():
    found = _answers(
        "tags",
        [[0.9, 0.2, 0.7], [0.4, 0.1, 0.8], [0.3, 0.2, 0.1]],
        [[1, 0, 1], [0, 0, 1], [0, 0, 0]],
        [[1, 1, 0], [0, 0, 1], [0, 0, 1]],
        [[1, 1, 1], [1, 1, 1], [1, 1, 0]],
    )
    assert found.mistakes.tolist() == [[False, True, True], [False] * 3, [False] * 3]
    np.testing.assert_array_equal(found.sureness, [0.8, np.nan, np.nan])  # 0.2 of a missed tag


def test_classes_are_as_sure_as_the_temperature_of_the_first_seed_makes_them(workspace):
    run, by_split = _read(workspace, "base", "classes")
    assert list(by_split) == run.header["splits"]
    found, temperature = by_split["test"], run.thresholds.seeds[0].temperature
    assert temperature != 1
    assert found.probabilities[1] == pytest.approx(softmax(np.array([0, 1, 2]) / temperature))
    assert (~np.isnan(found.sureness)).tolist() == [i % 2 == 1 for i in range(30)]


def test_tags_are_decided_for_above_their_thresholds_of_val(tagged):
    run, by_split = _read(tagged, "plain & tags", "tags")
    found, choice = by_split["test"], run.thresholds.seeds[0]
    assert found.cuts == pytest.approx(expit(np.array(choice.by_label)))
    above = found.probabilities > found.cuts
    assert found.decided.tolist() == above.tolist()
    assert found.judged.all(0).tolist() == [True, True, False]  # nobody labelled the guitar


def test_a_tag_that_nobody_labelled_counts_for_runs_that_were_told_its_name(zero_shot):
    assert _read(zero_shot, "clip & co", "tags")[1]["test"].judged.all()


def test_where_nothing_was_chosen_tags_are_decided_for_above_one_half(tagged):
    run = tagged.run("plain & tags", "tags")
    run.thresholds.seeds.clear()
    params = Evaluation.load("evaluation", tagged.params_file)
    folder = tagged.artifacts / "train" / run.name
    found = answers(run, folder, tagged.collection, params)["test"]
    assert found.decided.tolist() == (found.probabilities > 0.5).tolist()
    assert found.cuts.tolist() == [0.5] * 3


def test_errors_are_listed_by_name_the_surest_first():
    found = _answers(
        "tags",
        [[0.9, 0.45], [0.05, 0.6], [0.2, 0.3]],
        [[1, 0], [0, 1], [0, 0]],
        [[0, 1], [1, 1], [0, 0]],
    )
    listed = errors(found, ["boat", "lamp"], ["a", "b", "c"])
    assert (listed.images, listed.wrong, listed.left_out) == (3, 2, 0)
    assert [(e.name, e.given, e.said, e.missed, e.probability) for e in listed.listed] == [
        ("b", "boat, lamp", "boat", True, 0.05),
        ("a", "lamp", "boat", False, 0.9),
    ]
