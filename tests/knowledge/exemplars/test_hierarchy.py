"""Prototypes of tags: what they are means of, which are retained, and who illustrates them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_lib.knowledge.exemplars.hierarchy import (
    NEAREST,
    NOTHING,
    Filed,
    gather,
    kept,
    nearest_members,
)
from pipeline_lib.params.exemplars import Keep
from tests.knowledge.exemplars.associations import KEEP, world

# two tags; the first has a pure cluster of three and a lone region, the second a mixed one
FILED = Filed(
    image=np.array([0, 1, 2, 3, 0, 4]),
    region=np.array([0, 0, 1, 0, 1, 0]),
    tag=np.array([2, 2, 2, 2, 7, 7]),
    x=np.array([[0, 0], [0.2, 0.4], [0.4, 0.2], [1, 1], [0.5, 0.5], [0.7, 0.1]], np.float32),
    classes=np.eye(3, dtype=bool)[[0, 0, 0, 1, 0, 2]],
)
LABELS = [np.array([5, 5, 5, 1]), np.array([0, 0])]


def test_prototypes_by_hand():
    groups = FILED.groups("tag")
    assert [own.tolist() for own in groups] == [[0, 1, 2, 3], [4, 5]]
    found = gather(FILED, groups, LABELS, KEEP)
    # cluster 1 of tag 2 comes before its cluster 5
    assert len(found) == 3
    assert found.tag.tolist() == [2, 2, 7]
    assert found.member.tolist() == [1, 1, 1, 0, 2, 2]
    np.testing.assert_allclose(found.mean, [[1, 1], [0.2, 0.2], [0.6, 0.3]], rtol=1e-6)
    assert found.counts.tolist() == [[0, 1, 0], [3, 0, 0], [1, 0, 1]]
    assert found.size.tolist() == [1, 3, 2]
    assert found.retained.tolist() == [False, True, False]


def test_noise_belongs_to_no_prototype_and_illustrates_none():
    labels = [np.array([5, -1, 5, 1]), np.array([-1, -1])]
    found = gather(FILED, FILED.groups("tag"), labels, KEEP)
    assert found.tag.tolist() == [2, 2]
    assert found.member.tolist() == [1, NOTHING, 1, 0, NOTHING, NOTHING]
    np.testing.assert_allclose(found.mean, [[1, 1], [0.2, 0.1]], rtol=1e-6)
    assert found.counts.tolist() == [[0, 1, 0], [2, 0, 0]]
    assert found.size.tolist() == [1, 2]
    assert [own.tolist() for own in nearest_members(FILED, found)] == [[3], [0, 2]]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), clusters=st.integers(1, 6), multi=st.booleans())
def test_prototypes_equal_loops(seed, clusters, multi):
    some = world(seed, clusters=clusters, multi=multi)
    filed, found = some.filed, some.exemplars()
    expected = {}
    for image, step in np.argwhere(some.assigned >= 0):
        key = some.assigned[image, step], some.cluster[image, step]
        expected.setdefault(key, []).append((image, step))
    assert len(found) == len(expected)
    for number, (key, members) in enumerate(sorted(expected.items())):
        x = np.stack([some.x[place] for place in members]).astype(float)
        counts = sum(some.classes[image].astype(int) for image, _ in members)
        assert found.tag[number] == key[0]
        assert found.size[number] == len(members)
        np.testing.assert_allclose(found.mean[number], x.mean(0))
        np.testing.assert_array_equal(found.counts[number], counts)
        pure = max(counts) / len(members) >= KEEP.share
        assert found.retained[number] == (len(members) >= KEEP.size and pure)
        own = np.flatnonzero(found.member == number)
        pairs = zip(filed.image[own], filed.region[own], strict=True)
        assert sorted(pairs) == sorted((int(i), int(s)) for i, s in members)


@pytest.mark.parametrize(
    ("size", "counts", "expected"),
    [
        (1, [1, 0], False),  # too small
        (2, [2, 0], True),
        (5, [3, 2], True),  # exactly 0.6
        (10, [5, 5], False),
        (3, [3, 3], True),  # two classes per image
        (0, [0, 0], False),
        (4, [0, 0], False),  # images without a class
    ],
)
def test_large_and_pure_clusters_are_kept(size, counts, expected):
    assert kept(np.array([size]), np.array([counts]), KEEP).tolist() == [expected]


@given(share=st.integers(0, 100), size=st.integers(1, 400))
def test_exactly_the_share_is_enough(share, size):
    # e.g. 55 of 100, although 0.55 · 100 > 55
    if share * size % 100 == 0:
        count = share * size // 100
        keep = Keep(size=1, share=share / 100)
        assert kept(np.array([size]), np.array([[count, 0]]), keep).all()
        if count:
            assert not kept(np.array([size]), np.array([[count - 1, 0]]), keep).any()


@pytest.mark.parametrize("multi", [False, True])
def test_clusters_of_one_tag_and_class_are_pure_and_large_enough_ones_are_all_retained(multi):
    some = world(3, images=40, multi=multi)
    filed = some.filed
    groups = filed.groups("tag_and_class")
    labels = [some.cluster[filed.image[own], filed.region[own]] for own in groups]
    found = gather(filed, groups, labels, Keep(size=2, share=1.0))
    np.testing.assert_array_equal(found.counts.max(1), found.size)
    np.testing.assert_array_equal(found.retained, found.size >= 2)
    assert len(found) > len(some.exemplars())
    assert (np.diff(found.tag) >= 0).all()


@pytest.mark.parametrize("condition", ["tag", "tag_and_class"])
def test_every_region_is_in_one_group_with_its_like(condition):
    filed = world(1).filed
    groups = filed.groups(condition)
    assert sorted(np.concatenate(groups).tolist()) == list(range(len(filed)))
    for own in groups:
        assert len(set(filed.tag[own].tolist())) == 1
        if condition == "tag_and_class":
            assert len(set(filed.classes[own].argmax(1).tolist())) == 1


def test_without_regions_there_are_no_groups():
    nothing = np.zeros(0, int)
    empty = Filed(nothing, nothing, nothing, np.zeros((0, 2)), np.zeros((0, 3), bool))
    assert empty.groups("tag") == []


def test_the_nearest_members_come_first_and_are_at_most_eight():
    count = NEAREST + 4
    x = np.linspace(0, 1, count)[:, None].astype(np.float32)
    filed = Filed(
        np.arange(count), np.zeros(count, int), np.zeros(count, int), x, np.ones((count, 1), bool)
    )
    found = gather(filed, [np.arange(count)], [np.zeros(count, int)], KEEP)
    (nearest,) = nearest_members(filed, found)
    distance = np.abs(x[:, 0] - 0.5)
    assert len(nearest) == NEAREST
    assert (np.diff(distance[nearest]) >= -1e-7).all()
    assert distance[nearest].max() <= np.delete(distance, nearest).min()


def test_every_prototype_is_illustrated_by_its_own_members():
    some = world(2)
    filed, found = some.filed, some.exemplars()
    for number, own in enumerate(nearest_members(filed, found)):
        assert set(own) <= set(np.flatnonzero(found.member == number))
        assert len(own) == min(found.size[number], NEAREST)
