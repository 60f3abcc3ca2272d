"""One normalisation of scores for all methods."""

from typing import get_args

import pytest
import torch

from pipeline_lib.families.open_vocabulary.label_head import LabelHead
from pipeline_lib.families.open_vocabulary.settings import Normalise
from pipeline_lib.families.open_vocabulary.vocabulary import Labels
from pipeline_lib.methods.registry import METHODS, VLP
from pipeline_lib.nn.towers import Seen
from pipeline_lib.params.faults import fields_of
from pipeline_lib.steps.train.loading import load_settings
from tests.methods.toy_open import labels_of, permuted, seen_of
from tests.methods.toy_towers import LABELS

NORMALISED = ("call", "vocabulary", "image")


class TwoStreams(LabelHead):
    """The first stream is a hundred times as loud as the second."""

    def streams(self, seen: Seen, labels: Labels) -> tuple:
        texts = labels.scored_texts
        return 100 * seen.pooled @ texts.T, seen.patches.mean(1) @ texts.T


def spoken(seen, texts):
    return [seen.pooled @ texts.T, seen.patches.mean(1) @ texts.T]


def test_as_they_are_streams_are_averaged(rng):
    seen, labels = seen_of(rng), labels_of(rng)
    loud, quiet = spoken(seen, labels.texts)
    torch.testing.assert_close(TwoStreams("none")(seen, labels), (100 * loud + quiet) / 2)


@pytest.mark.parametrize("normalise", NORMALISED)
def test_normalised_streams_count_alike_however_loud(rng, normalise):
    seen, labels = seen_of(rng), labels_of(rng)
    expected = 0
    for stream in spoken(seen, labels.texts):
        if normalise == "image":
            stream = stream - stream.mean(1, keepdim=True)
            unit = stream / stream.std(1, correction=0, keepdim=True)
        else:
            unit = stream / stream.norm(dim=1, keepdim=True)
        expected = expected + unit / 2
    torch.testing.assert_close(TwoStreams(normalise)(seen, labels), expected)


def test_over_the_vocabulary_a_score_does_not_ask_who_else_is_scored(rng):
    seen, labels = seen_of(rng), labels_of(rng)
    some = Labels(labels.texts, labels.neighbours, torch.tensor([5, 2]))
    for normalise in ("none", "vocabulary", "image"):
        head = TwoStreams(normalise)
        torch.testing.assert_close(head(seen, some), head(seen, labels)[:, [5, 2]])
    head = TwoStreams("call")
    assert not torch.allclose(head(seen, some), head(seen, labels)[:, [5, 2]])
    alone = Labels(some.scored_texts, some.neighbours[:2], torch.arange(2))
    torch.testing.assert_close(head(seen, some), head(seen, alone))


@pytest.mark.parametrize("normalise", NORMALISED)
def test_the_order_of_the_labels_does_not_matter(rng, normalise):
    seen, labels, head = seen_of(rng), labels_of(rng), TwoStreams(normalise)
    order = torch.randperm(LABELS, generator=rng)
    torch.testing.assert_close(head(seen, permuted(labels, order)), head(seen, labels)[:, order])


@pytest.mark.parametrize("normalise", NORMALISED)
def test_equal_scores_give_finite_gradients(rng, normalise):
    seen, labels = seen_of(rng), labels_of(rng)
    same = Labels(labels.texts[:1].expand(3, -1), labels.neighbours[:3], torch.arange(3))
    seen.pooled.requires_grad_()
    TwoStreams(normalise)(seen, same).square().sum().backward()
    assert torch.isfinite(seen.pooled.grad).all()


OPEN = [name for name, method in METHODS.items() if method.weights == VLP]


@pytest.mark.parametrize("method", OPEN)
def test_every_open_method_offers_it(method):
    settings = fields_of(load_settings(method))
    assert get_args(fields_of(settings["scores"])["normalise"]) == get_args(Normalise)
