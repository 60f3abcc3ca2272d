"""C2SRT from what the tower sees to scores, and every row of its Table 3."""

import math

import pytest
import torch
import torch.nn.functional as F

from pipeline_lib.families.open_vocabulary.patch_selection import local_features
from pipeline_lib.methods.c2srt.head import C2srtHead
from pipeline_lib.nn.placebo import lot
from pipeline_lib.nn.towers import Seen
from tests.methods.toy_open import ROWS, c2srt, labels_of, on, permuted, seen_of
from tests.methods.toy_towers import DIMS, LABELS, PATCHES

SCALE = 10.0


def head_of(row: str = "all", **changes) -> C2srtHead:
    torch.manual_seed(0)
    head = C2srtHead(DIMS, SCALE, c2srt(**changes | ROWS[row])).double()
    if head.transfer is not None:  # as after some training
        torch.nn.init.normal_(head.transfer.gate)
    return head


def cosine(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return sum(a * b) / math.sqrt(sum(a * a) * sum(b * b))


def test_without_modules_scores_are_scaled_cosines_of_the_whole_image(rng):
    seen, labels = seen_of(rng), labels_of(rng)
    found = head_of("dist")(seen, labels).detach()
    for b in range(3):
        for c in range(LABELS):
            expected = SCALE * cosine(seen.pooled[b], labels.texts[c])
            torch.testing.assert_close(found[b, c], expected)


def test_with_isr_a_label_sees_the_mean_of_the_whole_and_of_its_patches(rng):
    seen, labels = seen_of(rng), labels_of(rng)
    found = head_of("isr")(seen, labels).detach()
    local = local_features(seen.patches, labels.texts, **c2srt().isr.choice)
    for b in range(3):
        for c in range(LABELS):
            view = (F.normalize(local[b, c], dim=0) + F.normalize(seen.pooled[b], dim=0)) / 2
            torch.testing.assert_close(found[b, c], SCALE * cosine(view, labels.texts[c]))


@pytest.mark.parametrize("row", ["ist", "all"])
def test_with_ist_scores_are_scaled_cosines_of_what_the_graph_gives(rng, row):
    seen, labels, head = seen_of(rng), labels_of(rng), head_of(row)
    images = F.normalize(seen.pooled, dim=1)[:, None].expand(-1, LABELS, -1)
    if row == "all":
        local = local_features(seen.patches, labels.texts, **c2srt().isr.choice)
        images = (F.normalize(local, dim=2) + images) / 2
    vectors = head.transfer(images, labels.texts, labels.neighbours).detach()
    found = head(seen, labels).detach()
    for b in range(3):
        for c in range(LABELS):
            torch.testing.assert_close(found[b, c], SCALE * cosine(vectors[b, c], labels.texts[c]))


def test_an_untrained_graph_leaves_the_scores_of_isr(rng):
    """So that unseen labels are scored as well as the model can before anything is learned."""
    seen, labels = seen_of(rng), labels_of(rng)
    torch.manual_seed(0)
    both = C2srtHead(DIMS, SCALE, c2srt()).double()
    torch.testing.assert_close(both(seen, labels), head_of("isr")(seen, labels))


@pytest.mark.parametrize("row", ROWS)
def test_a_call_for_some_labels_scores_them_as_a_call_for_all_does(rng, row):
    seen, head = seen_of(rng), head_of(row)
    labels = labels_of(rng)
    some = type(labels)(labels.texts, labels.neighbours, torch.tensor([5, 2]))
    torch.testing.assert_close(head(seen, some), head(seen, labels)[:, [5, 2]])


@pytest.mark.parametrize("row", ROWS)
def test_the_order_of_labels_and_of_patches_does_not_matter(rng, row):
    seen, labels, head = seen_of(rng), labels_of(rng), head_of(row)
    order = torch.randperm(LABELS, generator=rng)
    places = torch.randperm(PATCHES, generator=rng)
    mixed = Seen(seen.pooled, seen.patches[:, places])
    torch.testing.assert_close(head(mixed, permuted(labels, order)), head(seen, labels)[:, order])


def test_images_of_a_batch_do_not_mix(rng):
    seen, labels, head = seen_of(rng), labels_of(rng), head_of()
    one = Seen(seen.pooled[1:2], seen.patches[1:2])
    torch.testing.assert_close(head(one, labels), head(seen, labels)[1:2])


@pytest.mark.parametrize("pool", ["mean", "score_weighted"])
@pytest.mark.parametrize("row", ROWS)
def test_gradients_reach_every_parameter_and_the_patches_where_isr_is_on(rng, row, pool):
    seen, labels, head = seen_of(rng), labels_of(rng), head_of(row, isr={"pool": pool})
    for part in (seen.pooled, seen.patches):
        part.requires_grad_()
    head(seen, labels).square().sum().backward()
    assert seen.pooled.grad.abs().sum() > 0
    assert (seen.patches.grad is not None) == on(row, "isr")
    for name, parameter in head.named_parameters():
        assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("row", ROWS)
def test_explanations_are_those_of_the_modules_that_are_on(rng, row):
    seen, labels, head = seen_of(rng), labels_of(rng, [4, 1, 2]), head_of(row)
    told = head.explain(seen, labels)
    names = {"similarity"} | ({"chosen", "counts", "histogram"} if on(row, "isr") else set())
    assert told.keys() == names | ({"attention"} if on(row, "ist") else set())
    for b in range(3):
        for place, c in enumerate([4, 1, 2]):
            for p in range(PATCHES):
                expected = cosine(seen.patches[b, p], labels.texts[c])
                torch.testing.assert_close(told["similarity"][b, place, p], expected)
    if on(row, "ist"):
        assert told["attention"].shape == (3, 3)
        every = head.explain(seen, labels_of(rng))["attention"]
        assert every.shape == (LABELS, 3)


def test_chosen_patches_are_those_that_the_local_feature_is_the_mean_of(rng):
    seen, labels, head = seen_of(rng), labels_of(rng), head_of("isr")
    told = head.explain(seen, labels)
    local = local_features(seen.patches, labels.texts, **c2srt().isr.choice)
    for b in range(3):
        for c in range(LABELS):
            patches = seen.patches[b][told["chosen"][b, c]]
            assert told["counts"][b, c] == len(patches)
            torch.testing.assert_close(local[b, c], patches.mean(0))
    assert told["histogram"].tolist() == [
        int((told["counts"] == count).sum()) for count in range(6)
    ]


@pytest.mark.parametrize("row", ROWS)
def test_mixed_precision_scores_nearly_alike_and_has_gradients(rng, row):
    seen, labels, head = seen_of(rng), labels_of(rng), head_of(row).float()
    seen = Seen(seen.pooled.float(), seen.patches.float())
    labels = type(labels)(labels.texts.float(), labels.neighbours, labels.scored)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        found = head(seen, labels)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, head(seen, labels), rtol=0.05, atol=0.3)
    found.square().sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in head.parameters())


def test_by_lot_a_label_gets_the_patches_that_fit_another(rng):
    seen, labels = seen_of(rng), labels_of(rng)
    by_lot = head_of("isr", isr={"placebo": "lot"})
    other = labels.texts[lot(LABELS)]
    local = local_features(seen.patches, other, **c2srt().isr.choice)
    whole = F.normalize(seen.pooled, dim=1)[:, None]
    expected = (F.normalize(local, dim=2) + whole) / 2
    cosines = torch.cosine_similarity(expected, labels.texts.expand_as(expected), dim=2)
    torch.testing.assert_close(by_lot(seen, labels), SCALE * cosines)


def test_each_module_says_how_far_what_it_passes_on_differs(rng):
    found = list(head_of("all").readings(seen_of(rng), labels_of(rng)))
    assert [(one["module"], one["name"]) for one in found] == [
        ("isr", "between labels"),
        ("ist", "between labels"),
        ("ist", "between images"),
    ]
    assert all(0 <= one["value"] <= 1 for one in found)
    assert list(head_of("dist").readings(seen_of(rng), labels_of(rng))) == []
