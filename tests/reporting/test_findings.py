"""The first screen in sentences, from numbers worked by hand."""

import re
from dataclasses import replace

import pytest

from pipeline_lib.evaluation.intervals import Estimate
from pipeline_lib.evaluation.metrics import measures
from pipeline_lib.reporting.budget import Budget, backbone, compared
from pipeline_lib.reporting.numbers import difference_of
from pipeline_lib.reporting.sections.findings import answer, answers
from pipeline_lib.reporting.verdicts import verdict

IMAGES = [f"{i:03d}" for i in range(100)]
ACCURACY = "top_k_accuracy_1"
HIGHER = measures("classes", [1])[0]
LOWER = replace(HIGHER, metric=replace(HIGHER.metric, higher_is_better=False))


@pytest.fixture
def run(small_run):
    """Build a run that is right on the first so many images of the split ``test``."""

    def build(name, right, images=100, **about):
        values = [float(i < right) for i in range(images)]
        return small_run(name, IMAGES[:images], **about, **{ACCURACY: values})

    return build


def said(*runs):
    return answer("classes", list(runs), "test")


def test_a_gain_is_said_with_its_interval_and_budget(run):
    found = said(run("base", 50, seeds=3), run("new", 90, references=("base",), seeds=3))
    # 90 − 50 = 40 images of 100 in which only the new run is right
    assert re.match(
        r"new, 90\.0 % top-1 accuracy \[8\d\.\d, 9\d\.\d\], on an unnamed backbone\.", found.best
    )
    assert "It is ahead of the next, base, by 40.0 points [+3" in found.best
    assert found.gains == "A gain on every run that it is compared with is shown for new."
    (one,) = found.findings
    assert (one.run, one.verdict) == ("new", "gain shown")
    assert one.text.startswith("it gains 40.0 points [+3")
    assert one.text.endswith("on base at equal epochs and encoded images.")


def test_a_loss_is_said_as_plainly(run):
    found = said(run("base", 90, seeds=3), run("new", 50, references=("base",), seeds=3))
    (one,) = found.findings
    assert one.verdict == "loss shown"
    assert one.text.startswith("it loses 40.0 points [−4")
    assert "against base at equal epochs" in one.text
    assert found.gains == "No run is shown to gain on every run that it is compared with."


def test_what_is_not_shown_is_not_called_a_gain(run):
    found = said(run("base", 50, seeds=3), run("new", 51, references=("base",), seeds=3))
    (one,) = found.findings
    assert one.verdict == "no gain shown"
    # in 100 draws of 100 images the one image is drawn 0 to 3 or 4 times
    assert one.text.startswith(
        "it differs from base at equal epochs and encoded images by +1.0 points [+0.0, +"
    )
    assert one.text.endswith("which covers 0.")
    assert "That it is ahead of the next, base, by 1.0 points [+0.0" in found.best
    assert found.best.endswith("is not shown.")


def test_a_gain_at_one_budget_only_is_no_gain(run):
    found = said(
        run("base", 50, encoded=100, epochs=4, seeds=3),
        run("long", 95, encoded=1120, epochs=43, seeds=3),
        run("new", 70, encoded=1125, epochs=4, references=("base", "long"), seeds=3),
    )
    (one,) = found.findings
    assert one.verdict == "gain on some references, not on all"
    gain, loss = one.text.split("; ")
    assert gain.startswith("it gains 20.0 points [+1")
    assert gain.endswith("on base at equal epochs, with 11 times the encoded images")
    assert loss.startswith("it loses 25.0 points [−3")
    assert loss.endswith("against long at equal encoded images (4 epochs against 43).")
    assert found.gains.endswith("On some of them, not on all: new.")


def test_without_a_reference_only_the_best_is_said(run):
    found = said(run("base", 50), run("new", 90))
    assert (found.findings, found.gains) == ([], "No run is compared with another.")
    assert found.best.startswith("new, 90.0 %")
    assert said(run("base", 50)).best.endswith("No other run was judged.")


def test_a_reference_that_is_not_enabled_is_said_to_be(run):
    found = said(run("base", 50), run("new", 90, references=("gone",), seeds=3))
    (one,) = found.findings
    assert (one.verdict, one.text) == (
        "no verdict",
        "it cannot be compared with gone, which is not enabled.",
    )


def test_a_gain_on_the_one_reference_that_is_enabled_is_none_on_every_one(run):
    new = run("new", 90, references=("base", "long"), seeds=3)
    (one,) = said(run("base", 50, seeds=3), new).findings
    assert one.verdict == "gain on some references, not on all"
    assert one.text.endswith("; it cannot be compared with long, which is not enabled.")


def test_a_model_that_is_compared_with_as_it_comes_was_trained_before(run):
    """CLIP's own training is no matter of the run: "not trained" would be an untruth."""
    clip = run("clip", 50, lr=0.0, epochs=1, seeds=3)
    gain = said(clip, run("new", 90, references=("clip",), seeds=3))
    assert gain.findings[0].text.endswith("] on clip as that model comes.")
    same = said(clip, run("new", 51, references=("clip",), seeds=3))
    assert same.findings[0].text.startswith("it differs from clip as that model comes by +1.0")
    assert "not trained" not in gain.findings[0].text + same.findings[0].text


def test_one_seed_is_said_to_be_one(run):
    (one,) = said(run("base", 50), run("new", 90, references=("base",))).findings
    assert one.text.endswith("One seed: how far another training would move it, is not known.")


def test_one_image_shows_nothing(run):
    found = said(run("base", 0, images=1), run("new", 1, images=1, references=("base",), seeds=2))
    (one,) = found.findings
    assert one.verdict == "no verdict"
    assert one.text.startswith(
        "it differs from base at equal epochs and encoded images by +100.0 points [+100.0, +100.0],"
        " which shows nothing on 1 image."
    )
    assert found.best.endswith("shows nothing on 1 image.")


def test_another_backbone_is_named_beside_the_difference(run):
    small = {"backbone": {"model": "lenet5", "image_size": 64, "input": "images"}}
    large = {"backbone": {"model": "resnet18", "image_size": 224, "input": "maps"}}
    ours, theirs = run("new", 90, references=("base",), seeds=2), run("base", 50)
    runs = [replace(r, header=r.header | h) for r, h in ((theirs, small), (ours, large))]
    assert backbone(runs[1]) == "resnet18 at 224 pixels, frozen"
    (one,) = said(*runs).findings
    assert (
        "(another backbone: resnet18 at 224 pixels, frozen against lenet5 at 64 pixels" in one.text
    )


def test_each_target_and_unseen_tags_are_asked_about(zero_shot):
    names = ("base", "twin", "plain & tags", "open", "clip & co")
    found = answers([zero_shot.run(name) for name in names])
    assert [one.question for one in found] == ["classes", "tags", "unseen tags"]
    unseen = found[2]
    assert unseen.best.startswith("open, 100.0 % mAP")
    # its other reference, "plain & tags", is enabled and scores no unseen tag
    assert [(one.run, one.verdict) for one in unseen.findings] == [("open", "gain shown")]


@pytest.mark.parametrize(
    ("value", "low", "high", "images", "expected"),
    [
        (0.1, 0.05, 0.2, 100, "better"),
        (-0.1, -0.2, -0.0002, 100, "worse"),
        (0.1, 0.0, 0.2, 100, "no difference shown"),
        (0.1, 0.1, 0.1, 5, "no verdict"),  # all five right: two-sided p is 2 · 0.5^5 = 6.25 %
        (0.1, 0.1, 0.1, 6, "better"),
    ],
)
def test_a_verdict_needs_an_interval_beside_0_and_six_images(value, low, high, images, expected):
    assert verdict(HIGHER, Estimate(value, low, high), images) == expected


def test_where_lower_is_better_more_is_worse(run):
    assert verdict(LOWER, Estimate(0.1, 0.05, 0.2), 100) == "worse"
    assert verdict(LOWER, Estimate(-0.1, -0.2, -0.05), 100) == "better"
    base, new = run("base", 90, seeds=3), run("new", 50, references=("base",), seeds=3)
    found = said(*(replace(one, measures=[LOWER]) for one in (base, new)))
    assert found.best.startswith("new, 50.0 %")
    assert found.findings[0].verdict == "gain shown"


def test_rounding_does_not_contradict_a_verdict():
    assert difference_of(Estimate(-0.061, -0.128, -0.0002)) == ("−6.1", "−12.8", "−0.02")
    assert difference_of(Estimate(0.0004, 0.00001, 0.0008)) == ("+0.04", "+0.001", "+0.1")
    assert difference_of(Estimate(-0.061, -0.128, 0.0002)) == ("−6.1", "−12.8", "+0.0")
    assert difference_of(Estimate(0.5, 0.25, 0.75)) == ("+50.0", "+25.0", "+75.0")


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ((True, 4, 100.0), (True, 4, 104.0), "at equal epochs and encoded images"),
        ((True, 4, 100.0), (True, 4, 50.0), "at equal epochs, with 2.0 times the encoded images"),
        ((True, 4, 98.0), (True, 40, 100.0), "at equal encoded images (4 epochs against 40)"),
        (
            (True, 12, 300.0),
            (True, 20, 100.0),
            "at another budget: 12 epochs against 20, 3.0 times the encoded images",
        ),
        ((True, 4, 100.0), (False, 1, 100.0), "as that model comes"),
        ((False, 1, 100.0), (True, 1, 100.0), "after 1 epoch of further training"),
    ],
)
def test_budgets_are_compared_in_words(ours, theirs, expected):
    assert compared(Budget(*ours), Budget(*theirs)) == expected
