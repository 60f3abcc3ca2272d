import pytest

from pipeline_lib.evaluation.view_names import (
    GZSL,
    WITHOUT_TWINS,
    ZSL,
    is_zero_shot,
    name_of,
    split_of,
    title,
    twins,
    views_of,
)


def test_views_are_named_after_their_split():
    assert name_of("test_shift", GZSL) == "test_shift@gzsl"
    assert split_of("test_shift@gzsl") == "test_shift"
    assert split_of("test") == "test"
    assert is_zero_shot("test@zsl")
    assert not is_zero_shot("test")


def test_titles_say_what_is_judged():
    assert title("test") == "test"
    assert title(name_of("test", ZSL)) == "test, unseen labels (ZSL)"
    assert title(name_of("val", GZSL)) == "val, all labels (GZSL)"
    assert "without a twin" in title(name_of("test", WITHOUT_TWINS))


def test_views_follow_their_split_in_reading_order():
    known = {"test@gzsl", "val", "test_shift@zsl", "test@zsl", "test", "seeds"}
    assert views_of("test", known) == ["test", "test@zsl", "test@gzsl"]
    assert views_of("val", known) == ["val"]


@pytest.mark.parametrize(
    ("unseen", "seen", "expected"),
    [
        (["horses"], ["horse"], {"horses": "horse"}),
        (["horse"], ["horses"], {"horse": "horses"}),
        (["fox", "foxes"], ["foxes"], {"fox": "foxes"}),
        (["glass"], ["glas", "grass"], {"glass": "glas"}),
        (["sun", "rain"], ["sunny", "rainbow"], {}),
        (["s", "es"], [""], {"s": "", "es": ""}),
        (["cat"], [], {}),
    ],
)
def test_twins_differ_in_a_regular_ending(unseen, seen, expected):
    assert twins(unseen, seen) == expected


def test_of_nus_wides_unseen_labels_thirty_have_a_twin(shared_data):
    folder = shared_data / "nuswide"
    unseen = (folder / "Concepts81.txt").read_text().split()
    seen = (folder / "seen_tags_925.txt").read_text().split()
    found = twins(unseen, seen)
    assert len(found) == 30
    assert found["horses"] == "horse"
    assert found["valley"] == "valleys"
    assert {"leaf", "person", "fish", "sunset"}.isdisjoint(found)
