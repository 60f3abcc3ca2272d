"""Views of a split: which labels, by which scores."""

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import average_precision_score

from pipeline_lib.artifacts.thresholds import Choice
from pipeline_lib.errors import InputError
from pipeline_lib.evaluation.average_precision import average_precisions
from pipeline_lib.evaluation.ranking import ranking
from pipeline_lib.params.evaluation import Evaluation, Tags
from pipeline_lib.steps.evaluate.scored import Scored
from pipeline_lib.steps.evaluate.shared import Shared
from pipeline_lib.steps.evaluate.tables import judged_view
from pipeline_lib.steps.evaluate.views import View, views_of_split
from tests.steps.evaluate.nothing import nothing_chosen

NAMES = ["boat", "horses", "cup", "dog", "guitar", "horse"]
SEEN = [True, False, True, True, False, True]
UNSEEN = [1, 4]
TAGS = Tags(
    judged="seen", top_k=[1, 2], threshold=0.5, empty="skip", difficult="ignore",
    gzsl_order="seen_first",
)  # fmt: skip
PARAMS = Evaluation(top_k=[1], tags=TAGS, draws=100, seed=3, embedding="pca", embedding_images=10)


def categories(names=NAMES, far=(None,) * 6) -> pl.DataFrame:
    index = pl.Series(range(6), dtype=pl.Int32)
    tags = {"index": index, "name": names, "seen": SEEN}
    return pl.DataFrame(tags | {"far": pl.Series(far, dtype=pl.Boolean)})


def split(seed=0, images=40, name="test", **changes) -> Scored:
    rng = np.random.default_rng(seed)
    truth = rng.random((images, 6)) < 0.35
    truth[0] = False  # an image without any label
    scores = truth + rng.normal(size=(2, images, 6))
    values = {
        "ids": [f"{i:03d}" for i in range(images)], "truth": truth, "scores": scores,
        "difficult": np.zeros_like(truth), "unknown": np.zeros_like(truth),
        "zsl": rng.normal(size=(2, images, 2)),
    }  # fmt: skip
    return Scored(name, **(values | changes))


def views(scored: Scored, names=NAMES, far=(None,) * 6, **changes) -> dict[str, View]:
    params, tags = TAGS.model_copy(update=changes), categories(names, far)
    return {view.scored.name: view for view in views_of_split(scored, tags, params)}


def observed(view: View) -> dict[str, float]:
    shared = Shared.of(len(view.scored.ids), PARAMS)
    found = judged_view(view, PARAMS, nothing_chosen("tags"), shared).draws
    return {measure.name: draws[0] for measure, draws in found.items()}


def test_every_view_judges_its_labels_by_its_scores():
    some = split()
    found = views(some)
    assert list(found) == ["test", "test@zsl", "test@zsl_without_twins", "test@gzsl"]
    assert found["test"].kinds["name"].to_list() == ["boat", "cup", "dog", "horse"]
    assert np.array_equal(found["test"].scored.scores, some.scores[:, :, [0, 2, 3, 5]])
    assert found["test@zsl"].kinds["name"].to_list() == ["horses", "guitar"]
    assert np.array_equal(found["test@zsl"].scored.scores, some.zsl)
    assert np.array_equal(found["test@zsl"].scored.truth, some.truth[:, UNSEEN])
    assert found["test@zsl_without_twins"].kinds["name"].to_list() == ["guitar"]
    assert np.array_equal(found["test@zsl_without_twins"].scored.scores, some.zsl[:, :, 1:])
    order = [0, 2, 3, 5, 1, 4]
    assert found["test@gzsl"].kinds["index"].to_list() == order
    assert np.array_equal(found["test@gzsl"].scored.scores, some.scores[:, :, order])
    assert np.array_equal(found["test@gzsl"].scored.truth, some.truth[:, order])


def test_a_run_without_zero_shot_scores_has_no_view_but_the_split():
    assert list(views(split(zsl=None))) == ["test"]


def test_a_split_on_which_no_image_carries_an_unseen_label_has_none_either():
    some = split(name="val")
    some.truth[:, UNSEEN] = False
    assert list(views(some)) == ["val"]


def test_without_twins_there_is_no_view_that_leaves_them_out():
    assert list(views(split(), names=[*NAMES[:5], "pony"])) == ["test", "test@zsl", "test@gzsl"]


def test_unseen_labels_far_from_the_classes_of_imagenet_are_judged_apart():
    some, far = split(), [True, True, False, None, False, True]
    far[4] = False
    view = views(some, far=far)["test@zsl_far"]
    assert view.kinds["name"].to_list() == [NAMES[1]]
    assert np.array_equal(view.scored.scores, some.zsl[:, :, :1])
    for others in ([True] * 6, [False] * 6, [None] * 6):  # all, none, or nobody looked
        assert "test@zsl_far" not in views(some, far=others)
    some.truth[:, 1] = False
    assert "test@zsl_far" not in views(some, far=far)


def test_scores_of_other_labels_are_refused():
    with pytest.raises(InputError, match=r"'test' has zero-shot scores of 3 tags, expected 2"):
        views(split(zsl=np.zeros((2, 40, 3))))


def test_map_of_every_view_is_scikit_learns():
    some = split()
    for view in views(some).values():
        expected = [
            average_precision_score(view.scored.truth, scores, average="macro")
            for scores in view.scored.scores
        ]
        assert observed(view)["map_noninterpolated"] == pytest.approx(np.mean(expected))


def test_without_ties_the_order_of_the_labels_changes_no_metric():
    some = split()
    one = observed(views(some, gzsl_order="seen_first")["test@gzsl"])
    other = observed(views(some, gzsl_order="unseen_first")["test@gzsl"])
    assert one == pytest.approx(other, abs=1e-12)


def test_ties_go_to_the_labels_that_come_first():
    tied = split(images=3, scores=np.zeros((1, 3, 6)), zsl=np.zeros((1, 3, 2)))
    for order, first in (("seen_first", "boat"), ("unseen_first", "horses")):
        view = views(tied, gzsl_order=order)["test@gzsl"]
        best = ranking(view.scored.scores[0])[:, 0]
        assert [view.kinds["name"][int(place)] for place in best] == [first] * 3


def test_precision_and_recall_at_any_k_tell_the_mean_number_of_labels():
    """Images without a label count: k P@k / R@k is the mean over all images, whatever k."""
    for view in views(split()).values():
        found, labels = observed(view), view.scored.truth.sum() / len(view.scored.truth)
        for k in (k for k in TAGS.top_k if f"micro_pr_recall_{k}" in found):
            precision, recall = found[f"micro_pr_precision_{k}"], found[f"micro_pr_recall_{k}"]
            assert k * precision / recall == pytest.approx(labels)


def test_f1_lies_between_precision_and_recall():
    for view in views(split(images=30)).values():
        found = observed(view)
        for name in (name for name in found if "_pr_f1_" in name):
            parts = [found[name.replace("f1", part)] for part in ("precision", "recall")]
            assert min(parts) - 1e-12 <= found[name] <= max(parts) + 1e-12


def test_permuting_images_or_labels_changes_no_metric():
    rng = np.random.default_rng(5)
    some = split(unknown=rng.random((40, 6)) < 0.1)
    rows, columns = rng.permutation(40), rng.permutation(6)
    turned = Scored(
        "test",
        [some.ids[row] for row in rows],
        some.truth[rows][:, columns],
        some.difficult[rows][:, columns],
        some.unknown[rows][:, columns],
        some.scores[:, rows][:, :, columns],
        some.zsl[:, rows][:, :, [UNSEEN.index(c) for c in columns if c in UNSEEN]],
    )
    names = [NAMES[c] for c in columns]
    seen = [SEEN[c] for c in columns]
    other = categories(names).with_columns(seen=pl.Series(seen))
    for view in views_of_split(turned, other, TAGS):
        expected = observed(views(some)[view.scored.name])
        assert observed(view) == pytest.approx(expected, abs=1e-12)


def test_what_was_chosen_on_val_holds_in_views_of_the_same_scores_only():
    own = (0.5, 1.5, 2.5, 3.5, 4.5, 5.5)
    choice = Choice(threshold=0.25, by_label=own)
    chosen = nothing_chosen("tags").model_copy(update={"refused": "", "seeds": {0: choice}})
    found = {name: view.choices(chosen) for name, view in views(split()).items()}
    assert found["test@zsl"] == found["test@zsl_without_twins"] == []
    assert [c.by_label for c in found["test"]] == [(0.5, 2.5, 3.5, 5.5)]
    assert [c.by_label for c in found["test@gzsl"]] == [(0.5, 2.5, 3.5, 5.5, 1.5, 4.5)]
    assert views(split(name="val"))["val"].choices(chosen) == []
    assert views(split())["test"].choices(nothing_chosen("tags")) == []


def test_what_views_share_is_formed_once_and_changes_no_value(monkeypatch):
    """Of two seeds: seen labels with the split, unseen ones with all, and those asked alone."""
    formed = []

    def counted(scores, *rest):
        formed.append(scores.shape[1])
        return average_precisions(scores, *rest)

    monkeypatch.setattr("pipeline_lib.steps.evaluate.shared.average_precisions", counted)
    found, params = views(split()), PARAMS
    together = Shared.of(40, params)
    for view in found.values():
        alone = judged_view(view, params, nothing_chosen("tags"), Shared.of(40, params))
        shared = judged_view(view, params, nothing_chosen("tags"), together)
        for measure, draws in alone.draws.items():
            assert np.array_equal(shared.draws[measure], draws), measure
    widths = {"test": 4, "test@zsl": 2, "test@zsl_without_twins": 1, "test@gzsl": 6}
    new = {"test": 4, "test@zsl": 2, "test@zsl_without_twins": 0, "test@gzsl": 2}
    assert formed == [n for name in found for n in 2 * [widths[name]] + 2 * [new[name]]]
