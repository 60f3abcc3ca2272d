"""The list of metrics: names, titles, order."""

from dataclasses import replace

import pytest

from pipeline_lib.evaluation.metric import usable
from pipeline_lib.evaluation.metrics import METRICS, measure, measures, protocols
from pipeline_lib.evaluation.resampled import FROM_VAL


def test_no_two_metrics_have_one_name():
    names = [metric.name for metric in METRICS]
    assert len(set(names)) == len(names)
    for target in ("classes", "tags"):
        found = [m.name for m in measures(target, [1, 2, 10])]
        assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("target", "top_k", "first", "titles"),
    [
        ("classes", [5, 1], "top_k_accuracy_5", ["Top-5 accuracy", "Top-1 accuracy"]),
        ("tags", [3], "map_noninterpolated", ["mAP", "mAP, 11 points", "mAP, area"]),
    ],
)
def test_the_first_metric_of_a_target_sums_a_run_up(target, top_k, first, titles):
    found = measures(target, top_k)
    assert found[0].name == first
    assert [m.title for m in found[: len(titles)]] == titles


def test_metrics_are_read_by_protocol_then_by_cut_off():
    found = [(m.name, m.title) for m in measures("tags", [3], chosen=True)]
    assert found[3:14] == [
        ("category_pr_f1_all", "CF1"),
        ("category_pr_precision_all", "CP"),
        ("category_pr_recall_all", "CR"),
        ("category_pr_macro_f1_all", "Macro F1"),
        ("category_pr_f1_chosen", "CF1, threshold from val"),
        ("category_pr_macro_f1_chosen", "Macro F1, threshold from val"),
        ("category_pr_f1_chosen_by_tag", "CF1, threshold of each tag from val"),
        ("category_pr_macro_f1_chosen_by_tag", "Macro F1, threshold of each tag from val"),
        ("category_pr_f1_3", "CF1, top 3"),
        ("category_pr_precision_3", "CP, top 3"),
        ("category_pr_recall_3", "CR, top 3"),
    ]
    assert found[-2:] == [("micro_pr_recall_3", "Recall@3"), ("pair_ece", "ECE")]


@pytest.mark.parametrize(("target", "fewer"), [("tags", 6), ("classes", 2)])
def test_what_needs_a_choice_on_val_is_left_out_without_one(target, fewer):
    every, without = (measures(target, [3], chosen=chosen) for chosen in (True, False))
    assert [m for m in every if m.cut not in FROM_VAL] == without
    assert len(every) - len(without) == fewer


def test_protocols_are_those_of_the_targets():
    names = [protocol.name for protocol in protocols(["classes"])]
    assert names[0] == "top_k_accuracy"
    assert "map" not in names
    assert {p.name for p in protocols(["tags", "classes"])} > set(names)
    assert protocols([]) == []


def test_a_metric_comes_back_as_it_was_stored():
    for target in ("classes", "tags"):
        for one in measures(target, [1, 5], chosen=True):
            assert measure(one.stored) == one
    with pytest.raises(LookupError, match="kappa"):
        measure({"metric": "kappa", "cut": None})


def test_cut_offs_beyond_the_labels_are_left_out_and_equal_ones_count_once():
    assert usable([3, 1, 4, 1], 3) == [3, 1]
    assert usable([4, 9], 3) == [1]


def test_a_title_without_a_place_for_k_is_followed_by_it():
    one = next(m for m in measures("tags", [3]) if m.name == "category_pr_f1_3")
    assert replace(one, metric=replace(one.metric, title="F@{}")).title == "F@3"
