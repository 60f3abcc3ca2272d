"""Matching by the equations as loops, and leave-one-out against building anew."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_lib.knowledge.exemplars import matching
from pipeline_lib.knowledge.exemplars.hierarchy import NOTHING, Exemplars
from pipeline_lib.knowledge.exemplars.matching import (
    Matches,
    Regions,
    image_beliefs,
    of_one_tag,
    refine,
    similarities,
    tag_distribution,
)
from pipeline_lib.params.exemplars import Keep
from tests.knowledge.exemplars.associations import DIMS, KEEP, STEPS, TAGS, matched, world


def fuzzy_jaccard(x, w):
    """|I ∧ W| / |I ∨ W| of complement codes."""
    one, other = [*x, *(1 - x)], [*w, *(1 - w)]
    pairs = list(zip(one, other, strict=True))
    return sum(min(p) for p in pairs) / sum(max(p) for p in pairs)


def cosine(x, w):
    return max(0.0, float(x @ w) / (math.sqrt(x @ x) * math.sqrt(w @ w)))


KINDS = {"jaccard": fuzzy_jaccard, "cosine": cosine}


def loops(some, image, step, exemplars: Exemplars, *, kind, top_tags):
    """ϕ_K for one region: (score, similarity, prototype), exemplars of the likeliest tags first."""
    x, beliefs = some.x[image, step].astype(float), some.beliefs[image, step]
    best = (-1.0, 0.0, NOTHING)
    for tag in np.argsort(-beliefs, kind="stable")[:top_tags]:
        own = [
            p for p in range(len(exemplars)) if exemplars.tag[p] == tag and exemplars.retained[p]
        ]
        searched = own or np.flatnonzero(exemplars.retained).tolist()
        if searched:
            likeness = {p: KINDS[kind](x, exemplars.mean[p]) for p in searched}
            chosen = max(searched, key=lambda p: (likeness[p], -p))
            score = likeness[chosen] * float(beliefs[tag])
            if score > best[0] + 1e-12:
                best = score, likeness[chosen], chosen
    return best


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("top_tags", [1, 2, TAGS])
@pytest.mark.parametrize("seed", range(4))
def test_matches_equal_equation_6_as_loops(kind, top_tags, seed):
    some = world(seed)
    exemplars = some.exemplars()
    found = matched(some.regions(own=False), exemplars, top_tags=top_tags, similarity=kind)
    for image, step in np.ndindex(some.assigned.shape):
        _, likeness, prototype = loops(some, image, step, exemplars, kind=kind, top_tags=top_tags)
        assert found.prototype[image, step] == prototype
        assert found.similarity[image, step] == pytest.approx(likeness)
        np.testing.assert_array_equal(found.x[image, step], exemplars.mean[prototype])
        counts = exemplars.counts[prototype]
        np.testing.assert_allclose(found.beliefs[image, step], counts / counts.sum())


def rebuilt(some, image, keep):
    """Exemplars of a world without an image, by tag and cluster."""
    fewer = some.without(image)
    found = fewer.exemplars(keep)
    filed = fewer.filed
    names = {}
    for place, number in enumerate(found.member):
        names[int(number)] = (
            int(filed.tag[place]), int(fewer.cluster[filed.image[place], filed.region[place]])
        )  # fmt: skip
    return fewer, found, names


def names_of(some, keep):
    found, filed = some.exemplars(keep), some.filed
    return {
        int(number): (int(filed.tag[i]), int(some.cluster[filed.image[i], filed.region[i]]))
        for i, number in enumerate(found.member)
    }


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    clusters=st.integers(1, 8),
    size=st.integers(1, 4),
    share=st.sampled_from([0.0, 0.5, 0.6, 0.75, 1.0]),
    kind=st.sampled_from(sorted(KINDS)),
    top_tags=st.integers(1, TAGS),
    multi=st.booleans(),
)
def test_leaving_an_image_out_equals_building_without_it(
    seed, clusters, size, share, kind, top_tags, multi
):
    some, keep = world(seed, clusters=clusters, multi=multi), Keep(size=size, share=share)
    found = matched(some.regions(), some.exemplars(keep), keep, top_tags=top_tags, similarity=kind)
    names = names_of(some, keep)
    for image in range(len(some.x)):
        fewer, exemplars, others = rebuilt(some, image, keep)
        expected = matched(
            fewer.regions(own=False), exemplars, keep, top_tags=top_tags, similarity=kind
        )
        for step in range(STEPS):
            mine, theirs = found.prototype[image, step], expected.prototype[image, step]
            assert (names[mine] if mine >= 0 else None) == (others[theirs] if theirs >= 0 else None)
        for name in ("similarity", "x", "beliefs"):
            one, other = getattr(found, name)[image], getattr(expected, name)[image]
            np.testing.assert_allclose(one, other, atol=1e-9, err_msg=name)


def exemplars(tag, mean, counts, keep=KEEP):
    counts = np.array(counts)
    size = counts.sum(1)
    return Exemplars(
        np.array(tag), np.array(mean, float), counts, size,
        matching.kept(size, counts, keep), np.zeros(0, int),
    )  # fmt: skip


def one_region(x, beliefs, member=NOTHING, classes=(1, 0)):
    return Regions(
        np.array([[x]], np.float32), np.array([[beliefs]], np.float32), np.array([[member]]),
        np.array([classes], bool),
    )  # fmt: skip


def test_a_match_by_hand():
    # of tag 0 at distance 0.4 of 2: (2 - 0.4) / (2 + 0.4) = 2/3, times 0.6 = 0.4
    # of tag 1 at distance 0:                             1,      times 0.3 = 0.3
    some = exemplars([0, 1], [[0.7, 0.7], [0.5, 0.5]], [[3, 1], [0, 2]])
    found = matched(one_region([0.5, 0.5], [0.6, 0.3, 0.1]), some)
    assert found.prototype.tolist() == [[0]]
    assert found.similarity.item() == pytest.approx(2 / 3)
    assert found.beliefs.tolist() == [[[0.75, 0.25]]]
    assert found.x.tolist() == [[[0.7, 0.7]]]


def test_discarded_prototypes_match_nothing():
    some = exemplars([0, 0], [[0.5, 0.5], [0.9, 0.9]], [[1, 1], [2, 0]])
    assert matched(one_region([0.5, 0.5], [0.9, 0.1]), some).prototype.tolist() == [[1]]


def test_a_tag_without_exemplar_searches_those_of_all_tags():
    some = exemplars([0, 1, 1], [[0.5, 0.5], [0.4, 0.4], [0.0, 0.0]], [[1, 1], [0, 2], [2, 0]])
    found = matched(one_region([0.5, 0.5], [0.9, 0.1]), some, top_tags=1)
    assert found.prototype.tolist() == [[1]]


def test_without_any_exemplar_a_region_is_not_matched():
    some = exemplars([0, 1], [[0.5, 0.5], [0.4, 0.4]], [[1, 1], [1, 1]])
    found = matched(one_region([0.5, 0.5], [0.9, 0.1]), some)
    assert found.prototype.tolist() == [[NOTHING]]
    assert found.similarity.tolist() == [[0]]
    assert not found.x.any()
    assert not found.beliefs.any()
    assert not image_beliefs(found).any()


def test_a_region_does_not_match_what_it_alone_holds_up():
    # two members of class 0; without this one a single one is left: no exemplar
    some = exemplars([0, 0], [[0.5, 0.5], [0.1, 0.1]], [[2, 0], [0, 3]])
    found = matched(one_region([0.5, 0.5], [0.9, 0.1], member=0), some, top_tags=1)
    assert found.prototype.tolist() == [[1]]


def test_a_cluster_that_is_pure_only_without_the_image_is_searched():
    # classes 3 and 3 are mixed, 2 and 3 are not: 0.6
    some = exemplars([0, 0], [[0.5, 0.5], [0.1, 0.1]], [[3, 3], [0, 3]])
    assert some.retained.tolist() == [False, True]
    found = matched(one_region([0.5, 0.5], [0.9, 0.1], member=0), some, top_tags=1)
    assert found.prototype.tolist() == [[0]]
    assert found.beliefs.tolist() == [[[0.4, 0.6]]]
    other = matched(one_region([0.5, 0.5], [0.9, 0.1]), some, top_tags=1)
    assert other.prototype.tolist() == [[1]]


def test_so_it_is_where_the_tag_has_no_exemplar():
    some = exemplars([0, 0], [[0.5, 0.5], [0.1, 0.1]], [[3, 3], [0, 3]])
    found = matched(one_region([0.5, 0.5], [0.1, 0.9], member=0), some, top_tags=1)
    assert found.prototype.tolist() == [[0]]


def test_a_mean_that_rounding_leads_out_of_range_is_still_matched():
    some = exemplars([0], [[-1e-16]], [[2, 0]])
    found = matched(one_region([1.0], [1.0, 0.0]), some)
    assert (found.prototype.tolist(), found.similarity.tolist()) == ([[0]], [[0]])


@pytest.mark.parametrize("kind", KINDS)
def test_in_pieces_the_same_is_found(monkeypatch, kind):
    some = world(5)
    whole = matched(some.regions(), some.exemplars(), similarity=kind)
    monkeypatch.setattr(matching, "PAIRS_AT_ONCE", 7)
    pieces = matched(some.regions(), some.exemplars(), similarity=kind)
    for name in ("prototype", "similarity", "x", "beliefs"):
        np.testing.assert_allclose(getattr(pieces, name), getattr(whole, name), err_msg=name)


@pytest.mark.parametrize("own", [False, True])
def test_images_and_regions_may_come_in_any_order(own):
    some = world(6)
    regions, known = some.regions(own=own), some.exemplars()
    rng = np.random.default_rng(0)
    images, steps = rng.permutation(len(some.x)), rng.permutation(STEPS)
    turned = Regions(
        regions.x[images][:, steps], regions.tags[images][:, steps],
        regions.member[images][:, steps], regions.classes[images],
    )  # fmt: skip
    before, after = matched(regions, known), matched(turned, known)
    for name in ("prototype", "similarity", "x", "beliefs"):
        expected = getattr(before, name)[images][:, steps]
        np.testing.assert_allclose(getattr(after, name), expected, err_msg=name)


def test_inputs_are_not_changed():
    some = world(7)
    regions, known = some.regions(), some.exemplars()
    before = [a.copy() for a in (*vars(regions).values(), *vars(known).values())]
    matched(regions, known)
    for one, other in zip((*vars(regions).values(), *vars(known).values()), before, strict=True):
        np.testing.assert_array_equal(one, other)


unit = st.lists(st.floats(0, 1, width=32), min_size=DIMS, max_size=DIMS)


@given(x=unit, w=unit)
def test_jaccard_is_min_over_max_of_complement_codes(x, w):
    one, other = np.array(x), np.array(w)
    found = similarities(torch.tensor([x]).double(), torch.tensor([w]).double(), "jaccard")
    assert found.item() == pytest.approx(fuzzy_jaccard(one, other), abs=1e-12)
    assert 0 <= found.item() <= 1


def test_similarities_are_those_of_all_pairs(rng):
    x, w = (torch.rand(n, 6, generator=rng, dtype=torch.float64) for n in (3, 4))
    for kind, function in KINDS.items():
        expected = [[function(a.numpy(), b.numpy()) for b in w] for a in x]
        torch.testing.assert_close(similarities(x, w, kind), torch.tensor(expected).double())


def test_refinement_by_hand():
    raw = np.array([[[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]]], np.float32)
    found = refine(raw, of_one_tag(np.array([[2, NOTHING]]), raw.shape[2]), alpha=0.4)
    np.testing.assert_allclose(found, [[[0.3, 0.18, 0.52], [0.5, 0.3, 0.2]]], rtol=1e-6)
    assert found.dtype == np.float32


@pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0])
def test_refinement_equals_equation_7_as_loops(alpha):
    some = world(8)
    matched_tag = some.assigned
    found = refine(some.beliefs, of_one_tag(matched_tag, TAGS), alpha)
    for image, step, tag in np.ndindex(found.shape):
        raw, own = some.beliefs[image, step, tag], matched_tag[image, step]
        t_r = float(tag == own)
        expected = raw if own == NOTHING else (1 - alpha) * raw + alpha * t_r
        assert found[image, step, tag] == pytest.approx(expected, rel=1e-5)
    np.testing.assert_allclose(found.sum(2), 1, rtol=1e-5)


def distribution(regions, some, *, kind="jaccard", temperature=0.05, keep=KEEP):
    return tag_distribution(regions, some, keep, similarity=kind, temperature=temperature)


def test_a_distribution_over_tags_by_hand():
    # tag 0 at distance 0.4 of 2: (2 - 0.4) / (2 + 0.4) = 2/3; tag 1 at distance 0: 1; tag 2: none
    some = exemplars([0, 0, 1], [[0.7, 0.7], [0.0, 0.0], [0.5, 0.5]], [[3, 1], [3, 1], [0, 2]])
    found = distribution(one_region([0.5, 0.5], [0.9, 0.05, 0.05]), some, temperature=0.5)
    first = math.exp(2 / 3 / 0.5) / (math.exp(2 / 3 / 0.5) + math.exp(1 / 0.5))
    np.testing.assert_allclose(found, [[[first, 1 - first, 0]]], rtol=1e-6)


def test_the_tags_of_a_region_are_nothing_to_its_distribution():
    some = exemplars([0, 1], [[0.7, 0.7], [0.5, 0.5]], [[3, 1], [0, 2]])
    sure, other = (distribution(one_region([0.5, 0.5], p), some) for p in ([1.0, 0, 0], [0, 0, 1]))
    assert np.array_equal(sure, other)
    assert sure.argmax() == 1  # so that refining may turn the likeliest tag


@pytest.mark.parametrize("kind", KINDS)
def test_a_distribution_equals_its_loops_without_the_images_own_regions(kind):
    some = world(3)
    found = distribution(some.regions(), some.exemplars(), kind=kind)
    for image in range(len(some.x)):
        rest = some.without(image).exemplars()
        for step in range(STEPS):
            best = [
                max(
                    (
                        KINDS[kind](some.x[image, step].astype(float), rest.mean[p])
                        for p in range(len(rest))
                        if rest.tag[p] == tag and rest.retained[p]
                    ),
                    default=-math.inf,
                )
                for tag in range(TAGS)
            ]
            weight = np.exp((np.array(best) - max(best)) / 0.05)
            np.testing.assert_allclose(found[image, step], weight / weight.sum(), rtol=1e-6)


def test_without_any_exemplar_there_is_no_distribution_and_tags_stay():
    some = exemplars([0], [[0.5, 0.5]], [[1, 1]])  # discarded
    region = one_region([0.5, 0.5], [0.6, 0.3, 0.1])
    found = distribution(region, some)
    assert not found.any()
    assert np.array_equal(refine(region.tags, found, 0.3), region.tags)


def test_beliefs_of_an_image_by_hand():
    found = Matches(
        np.array([[4, 1, NOTHING]]), np.array([[0.9, 0.3, 0.0]]), np.zeros((1, 3, 2)),
        np.array([[[1, 0], [0.5, 0.5], [0, 0]]]),
    )  # fmt: skip
    # (0.9 · 1 + 0.3 · 0.5) / 1.2
    np.testing.assert_allclose(image_beliefs(found), [[0.875, 0.125]])


def test_beliefs_of_matched_images_sum_to_1():
    some = world(9)
    found = image_beliefs(matched(some.regions(), some.exemplars()))
    np.testing.assert_allclose(found.sum(1), 1)
