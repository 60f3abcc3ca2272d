"""SigRL from towers to scores, and every row of its Table IV."""

import pytest
import torch
import torch.nn.functional as F

from pipeline_lib.families.open_vocabulary.patch_selection import best_patches
from pipeline_lib.families.open_vocabulary.ranking_loss import pairwise_hinge
from pipeline_lib.families.open_vocabulary.vocabulary import Labels
from pipeline_lib.nn.towers import Seen
from tests.methods.toy_sigrl import (
    BATCH,
    DIMS,
    LABELS,
    PATCHES,
    ROWS,
    head_of,
    labels,
    seen,
    texts,
)


def unit(scores):
    return scores / scores.norm(dim=1, keepdim=True)


def best_in_loops(similarity, most):
    """Mean of the ``most`` highest similarities of each label, (batch, labels, patches)."""
    rows = [[sorted(row.tolist(), reverse=True)[:most] for row in image] for image in similarity]
    return torch.tensor([[sum(r) / len(r) for r in image] for image in rows], dtype=torch.float64)


def expected(head, similarity, most: int = 2):
    whole = seen().pooled @ texts().T
    return (unit(whole) + unit(best_in_loops(similarity, most))) / 2


@pytest.mark.parametrize("top_k", [1, 2, 16])
def test_without_modules_the_best_patches_are_compared_with_the_labels(top_k):
    head = head_of("none", top_k=top_k)
    assert list(head.parameters()) == []
    similarity = torch.einsum("cd,bpd->bcp", texts(), seen().patches)
    torch.testing.assert_close(head(seen(), labels()), expected(head, similarity, top_k))


def test_with_the_graph_labels_that_heard_of_each_other_are_compared():
    head = head_of("gmc").requires_grad_(False)
    guides = texts() + head.correlation(texts())
    similarity = torch.einsum("cd,bpd->bcp", guides, seen().patches)
    torch.testing.assert_close(head(seen(), labels()), expected(head, similarity))


def test_with_decoupling_a_label_is_compared_with_its_own_feature():
    head = head_of("gmc_sda").requires_grad_(False)
    guides = texts() + head.correlation(texts())
    own = head.decoupling(seen().patches, texts())
    parts = torch.stack([(own[:, i] * guides[i]).sum(1) for i in range(LABELS)], 1)
    whole = seen().pooled @ texts().T
    torch.testing.assert_close(head(seen(), labels()), (unit(whole) + unit(parts)) / 2)


def test_all_of_it_is_equation_13_with_the_labels_as_they_were():
    head = head_of("all").requires_grad_(False)
    decoupled = head.decoupling(seen().patches, texts())
    rebuilt = head.reconstruction(seen().patches, decoupled, texts(), head.correlation(texts()))
    similarity = torch.einsum("cd,bpd->bcp", texts(), rebuilt)
    torch.testing.assert_close(head(seen(), labels()), expected(head, similarity))


def test_without_the_graph_labels_stand_for_themselves():
    head = head_of("sda_vfr").requires_grad_(False)
    decoupled = head.decoupling(seen().patches, texts())
    rebuilt = head.reconstruction(seen().patches, decoupled, texts(), texts())
    similarity = torch.einsum("cd,bpd->bcp", texts(), rebuilt)
    torch.testing.assert_close(head(seen(), labels()), expected(head, similarity))


def test_best_patches_by_hand():
    similarity = torch.tensor([[[1.0, 5.0, 3.0], [0.0, -1.0, -2.0]]])
    assert best_patches(similarity, most=2).tolist() == [[4.0, -0.5]]
    torch.testing.assert_close(best_patches(similarity, most=9), torch.tensor([[3.0, -1.0]]))


@pytest.mark.parametrize("row", ROWS)
def test_gradients_reach_every_parameter_and_both_towers(row):
    head = head_of(row)
    pooled, patches = (x.requires_grad_() for x in (seen().pooled, seen().patches))
    target = torch.eye(LABELS)[:BATCH]
    pairwise_hinge(head(Seen(pooled, patches), labels()), target, margin=1.0).backward()
    for name, value in [*head.named_parameters(), ("pooled", pooled), ("patches", patches)]:
        assert value.grad is not None, name
        assert torch.isfinite(value.grad).all(), name
        assert value.grad.abs().sum() > 0, name


@pytest.mark.parametrize("row", ROWS)
def test_gradients_are_those_of_finite_differences(row):
    head = head_of(row)
    pooled, patches = (x.requires_grad_() for x in (seen().pooled, seen().patches))
    assert torch.autograd.gradcheck(
        lambda whole, parts: head(Seen(whole, parts), labels()), (pooled, patches)
    )


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("kind", ["channels", "paper"])
def test_a_permutation_of_the_labels_permutes_the_scores(row, kind):
    head, order = head_of(row, reconstruction={"map": kind}), torch.tensor([2, 0, 3, 1])
    found = head(seen(), labels(texts()[order]))
    torch.testing.assert_close(found, head(seen(), labels())[:, order])


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("kind", ["channels", "paper"])
def test_the_order_of_the_patches_does_not_matter(row, kind):
    head, order = head_of(row, reconstruction={"map": kind}), torch.tensor([4, 2, 0, 1, 3])
    turned = Seen(seen().pooled, seen().patches[:, order])
    torch.testing.assert_close(head(turned, labels()), head(seen(), labels()))


@pytest.mark.parametrize("row", ROWS)
def test_images_of_a_batch_do_not_mix(row):
    head = head_of(row)
    first = Seen(seen().pooled[:1], seen().patches[:1])
    torch.testing.assert_close(head(first, labels()), head(seen(), labels())[:1])


@pytest.mark.parametrize("row", ROWS)
def test_only_the_labels_that_are_scored_are_read(row):
    """The graph is over them: what else is known of, and who neighbours whom, changes nothing."""
    head, known = head_of(row), texts()
    some = labels(known, scored=[3, 1])
    alone = labels(known[[3, 1]])
    torch.testing.assert_close(head(seen(), some), head(seen(), alone))
    strangers = known.clone()
    strangers[[0, 2]] = F.normalize(torch.ones(2, DIMS, dtype=torch.float64), dim=1)
    other = Labels(strangers, torch.zeros(LABELS, 2, dtype=torch.int64), torch.tensor([3, 1]))
    assert torch.equal(head(seen(), other), head(seen(), some))


@pytest.mark.parametrize("row", ROWS)
def test_while_every_pair_violates_the_loss_is_1_minus_the_mean_gap(row):
    """Scores of unit length are rarely apart by the margin 1: never, where none is negative."""
    scores = head_of(row)(seen(), labels())
    target = torch.zeros(BATCH, LABELS)
    target[0, :3] = target[1, 1] = target[2, 2:] = 1
    rows = []
    for s, t in zip(scores, target, strict=True):
        gaps = [s[p] - s[n] for p in range(LABELS) for n in range(LABELS) if t[p] and not t[n]]
        assert all(gap < 1 for gap in gaps)
        rows.append(1 - sum(gaps) / len(gaps))
    found = pairwise_hinge(scores, target, margin=1.0)
    torch.testing.assert_close(found, sum(rows) / BATCH)


def test_scores_of_opposite_sign_can_be_apart_by_more_than_the_margin():
    head = head_of("none")
    label = texts(1)
    opposed = labels(torch.cat([label, -label]))
    found = head(Seen(label, label[:, None]), opposed)
    torch.testing.assert_close(found, torch.tensor([[1.0, -1.0]]).double() / 2**0.5)
    assert pairwise_hinge(found, torch.tensor([[1.0, 0.0]]), margin=1.0) == 0


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("count", [1, 2])
def test_few_labels_are_scored_finitely(row, count):
    """ZSL may have few labels: with one, each half is ±1 and there is no gradient to speak of."""
    head = head_of(row)
    pooled, patches = (x.requires_grad_() for x in (seen().pooled, seen().patches))
    found = head(Seen(pooled, patches), labels(texts(count)))
    assert found.shape == (BATCH, count)
    found.sum().backward()
    assert torch.isfinite(found).all()
    assert torch.isfinite(patches.grad).all()
    if count == 1:
        assert set(found.detach().round(decimals=6).flatten().tolist()) <= {-1.0, 0.0, 1.0}


def test_an_image_of_which_nothing_is_known_has_no_scores_and_no_nan():
    head = head_of("all")
    patches = torch.zeros(1, PATCHES, DIMS, dtype=torch.float64, requires_grad=True)
    found = head(Seen(torch.zeros(1, DIMS, dtype=torch.float64), patches), labels())
    found.sum().backward()
    assert (found == 0).all()
    assert torch.isfinite(patches.grad).all()


def test_scores_do_not_grow_with_the_number_of_labels():
    head = head_of("all")
    for count in (2, 40, 400):
        assert head(seen(), labels(texts(count))).norm(dim=1).max() <= 1 + 1e-9


@pytest.mark.parametrize("row", ROWS)
def test_explanations_are_what_the_scores_were_read_from(row):
    head = head_of(row)
    found = head.explain(seen(), labels())
    assert found["similarity"].shape == (BATCH, LABELS, PATCHES)
    if row != "gmc_sda":  # scored by its own features, not by patches
        parts = best_in_loops(found["similarity"], 2)
        whole = unit(seen().pooled @ texts().T)
        torch.testing.assert_close(head(seen(), labels()), (whole + unit(parts)) / 2)
    assert ("attention" in found) == ("correlation" not in ROWS[row])
    if "attention" in found:
        assert found["attention"].shape == (LABELS, LABELS)


def test_each_module_says_how_far_what_it_passes_on_differs():
    found = {reading["module"]: reading for reading in head_of("all").readings(seen(), labels())}
    assert list(found) == ["correlation", "decoupling", "reconstruction"]
    assert all(0 <= reading["value"] <= 1 for reading in found.values())
    assert all(reading["bar"] == 0.01 for reading in found.values())
    assert list(head_of("none").readings(seen(), labels())) == []
    decoupled = head_of("gmc_sda").decoupling(seen().patches, texts())
    apart = decoupled - decoupled.mean(1, keepdim=True)
    share = (apart.square().sum() / decoupled.square().sum()).item()
    assert found["decoupling"]["value"] == pytest.approx(share)
