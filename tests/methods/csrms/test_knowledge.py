"""What CSRMS knows of the training set, and the prototypes that follow."""

import pytest
import torch
from torch import Tensor

from pipeline_lib.methods.csrms.knowledge import MIXED, NOISE, Relations


def relations(cluster: list[int], dominant: list[int]) -> Relations:
    lists = torch.zeros(len(cluster), 1, dtype=torch.int32)
    return Relations.of(
        {
            "positives": lists,
            "negatives": lists,
            "difficulty": lists[:, 0],
            "cluster": torch.tensor(cluster, dtype=torch.int32),
            "dominant": torch.tensor(dominant, dtype=torch.int32),
        }
    )


def loops(found: Relations, targets: Tensor) -> tuple[list[list[float]], list[list[float]]]:
    """Averaging weights for w_cu (largest dominated cluster) and p_ca (all dominated clusters)."""
    cluster, dominant = found.cluster.tolist(), found.dominant.tolist()
    largest, every = [], []
    for j in range(targets.shape[1]):
        own = [k for k, d in enumerate(dominant) if d == j]
        held = {k: sum(float(targets[i, j]) for i, c in enumerate(cluster) if c == k) for k in own}
        own = [k for k in own if held[k] > 0]
        best = [max(own, key=lambda k: held[k])] if own else []
        for clusters, out in ((best, largest), (own, every)):
            members = [float(c in clusters) for c in cluster] if own else targets[:, j].tolist()
            out.append([m / max(sum(members), 1) for m in members])
    return largest, every


def test_prototype_weights_by_hand():
    # cluster 0: a a b, dominated by a; cluster 1: a b, mixed; cluster 2: a, dominated by a
    found = relations([0, 0, 0, 1, 1, 2], [0, MIXED, 0])
    targets = torch.eye(2)[[0, 0, 1, 0, 1, 0]]
    largest, every = found.dominated_members(targets)
    third, quarter = 1 / 3, 1 / 4
    # class b dominates nothing: the mean of its own images
    own = [0, 0, 1 / 2, 0, 1 / 2, 0]
    torch.testing.assert_close(largest, torch.tensor([[third] * 3 + [0] * 3, own]))
    torch.testing.assert_close(every, torch.tensor([[quarter] * 3 + [0, 0, quarter], own]))


def test_noise_is_a_member_of_no_cluster():
    found = relations([0, NOISE, 0, NOISE], [0])
    targets = torch.eye(2)[[0, 0, 0, 1]]
    for weights in found.dominated_members(targets):
        # class b dominates nothing: the mean of its own images, of which one is noise
        torch.testing.assert_close(weights, torch.tensor([[0.5, 0, 0.5, 0], [0, 0, 0, 1]]))


@pytest.mark.parametrize("multi", [False, True])
def test_prototype_weights_equal_loops(rng, multi):
    cluster = torch.randint(NOISE, 8, (60,), generator=rng).tolist()
    dominant = torch.randint(MIXED, 4, (8,), generator=rng).tolist()
    targets = torch.eye(5)[torch.randint(5, (60,), generator=rng)]
    if multi:
        targets = torch.maximum(targets, (torch.rand(60, 5, generator=rng) < 0.2).float())
    found = relations(cluster, dominant)
    for one, expected in zip(found.dominated_members(targets), loops(found, targets), strict=True):
        torch.testing.assert_close(one, torch.tensor(expected))
        torch.testing.assert_close(one.sum(1), torch.ones(5))


def test_of_equally_large_clusters_the_first_counts():
    found = relations([0, 1], [0, 0])
    largest, _ = found.dominated_members(torch.ones(2, 1))
    assert largest.tolist() == [[1, 0]]


def test_a_class_without_images_has_no_weights():
    found = relations([0, 0], [0])
    largest, every = found.dominated_members(torch.eye(2)[[0, 0]])
    assert largest[1].tolist() == every[1].tolist() == [0, 0]


def test_targets_are_not_changed():
    found = relations([0, 0, 1], [0, MIXED])
    targets = torch.eye(2)[[0, 0, 1]]
    kept = targets.clone()
    found.dominated_members(targets)
    assert torch.equal(targets, kept)


def test_tensors_of_the_artifact_become_indices():
    found = relations([0, 1], [0, MIXED])
    assert found.cluster.dtype == torch.int64
    assert found.positives.shape == (2, 1)
    assert found.dominant.tolist() == [0, MIXED]
