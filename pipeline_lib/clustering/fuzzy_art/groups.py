"""Groups of samples that do not compete: each is a problem of its own.

VSCNet clusters the images of a tag among themselves. The numbers of the categories are those that
one run over all samples in their order would give.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from pipeline_lib.clustering.fuzzy_art.present import ROOM, Memory
from pipeline_lib.errors import InputError

# Presents rows to the categories of a memory, in order; returns their categories.
Step = Callable[[np.ndarray, Memory], np.ndarray]


class Learned(NamedTuple):
    """The categories of all groups."""

    weights: np.ndarray  # float64 (categories, 2m)
    rhos: np.ndarray  # float64 (categories,)
    groups: np.ndarray  # int64 (categories,)


def present_groups(
    step: Step, order: np.ndarray, groups: np.ndarray | None, learned: Learned
) -> tuple[np.ndarray, Learned]:
    """Present the rows ``order``, each to the categories of its group.

    Args:
        step: presents rows to categories.
        order: int64, rows in the order of their presentation.
        groups: the group of every row; None: they may join every category, and found some of
            group 0.
        learned: the categories before.

    Returns:
        The category of every row in that order, or -1; and the categories after.

    Raises:
        InputError: there is not one whole number per row.
    """
    if groups is None:
        memory = Memory.of(learned.weights, learned.rhos, min(ROOM, len(order)))
        labels = step(order, memory)
        added = np.zeros(memory.known - len(learned.groups), np.int64)
        known = np.concatenate([learned.groups, added])
        return labels, Learned(memory.weights.copy(), memory.rhos.copy(), known)
    groups = np.asarray(groups)
    if groups.shape != order.shape or groups.dtype.kind not in "iu":
        raise InputError(
            f"Fuzzy ART: groups of shape {groups.shape} and type {groups.dtype}, expected one "
            f"whole number for each of {len(order)} samples; give every sample its group"
        )
    labels = np.full(len(order), -1, np.int64)
    parts, births = [learned], [np.full(len(learned.groups), -1)]
    weights, rhos = learned.weights.copy(), learned.rhos.copy()
    for group, places in _places(groups[order]):
        old = np.flatnonzero(learned.groups == group)
        memory = Memory.of(learned.weights[old], learned.rhos[old], min(ROOM, len(places)))
        local = step(order[places], memory)
        new = int(memory.known) - len(old)
        weights[old], rhos[old] = memory.weights[: len(old)], memory.rhos[: len(old)]
        first = np.unique(local, return_index=True)[1][-new:] if new else np.empty(0, np.int64)
        fresh = np.arange(new) + sum(len(part.groups) for part in parts)
        labels[places] = np.append(np.concatenate([old, fresh]), -1)[local]
        births.append(places[first])
        parts.append(
            Learned(
                memory.weights[len(old) :].copy(),
                memory.rhos[len(old) :].copy(),
                np.full(new, group, np.int64),
            )
        )
    parts[0] = Learned(weights, rhos, learned.groups)
    return _renumbered(labels, parts, np.concatenate(births))


def _places(groups: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """Return every group and where its samples are, in order."""
    by_group = np.argsort(groups, kind="stable")
    found, starts = np.unique(groups[by_group], return_index=True)
    return [
        (int(group), places)
        for group, places in zip(found, np.split(by_group, starts[1:]), strict=True)
    ]


def _renumbered(
    labels: np.ndarray, parts: list[Learned], births: np.ndarray
) -> tuple[np.ndarray, Learned]:
    """Number the categories in the order of their births; -1, those from before, stay in front."""
    old_of_new = np.argsort(births, kind="stable")
    new_of_old = np.empty_like(old_of_new)
    new_of_old[old_of_new] = np.arange(len(old_of_new))
    joined = [np.concatenate(values)[old_of_new] for values in zip(*parts, strict=True)]
    return np.append(new_of_old, -1)[labels], Learned(*joined)
