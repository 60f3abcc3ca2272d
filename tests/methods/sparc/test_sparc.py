"""SPARC: standardised scores of labels alone and beside others, fused."""

import re

import pytest
import torch
import torch.nn.functional as F

from pipeline_lib.errors import InputError
from pipeline_lib.methods.sparc.fit import fit
from pipeline_lib.methods.sparc.settings import Settings
from pipeline_lib.training.data import Data
from tests.methods.toy import run
from tests.methods.toy_open import assert_unseen_labels_train_nothing
from tests.methods.toy_towers import LABELS, NAMES, UNSEEN, data, knowledge, towers

SENTENCE = "A photo of a {} and a {}"
SEEN = [label for label in range(LABELS) if label not in UNSEEN]
IMAGES = 20


def fitted(some=None, arrays=None, **changes):
    model = towers()
    settings = Settings(**{"relation": "merged", "neighbours": 3} | changes)
    return fit(some or data(IMAGES), arrays or knowledge(model), model, settings, seed=0, run=run())


def by_loops(fusion: str) -> torch.Tensor:
    """SPARC's algorithm in loops, with the training images for the population."""
    model, some, arrays = towers(), data(IMAGES), knowledge(towers())
    with torch.no_grad():
        images = {
            split: F.normalize(model.visual(p.batch(torch.arange(IMAGES))).pooled, dim=1).double()
            for split, p in (("train", some.train), ("test", some.evaluation["test"]))
        }
        texts = arrays["embeddings"].double()
        prompts = {(c,): texts[c] for c in range(LABELS)}
        for c, row in enumerate(arrays["neighbours"].tolist()):
            for n in [j for j in row if j >= 0]:
                text = SENTENCE.replace("{}", NAMES[c], 1).replace("{}", NAMES[n], 1)
                prompts[c, n] = F.normalize(model.text.sentences([text])[0], dim=0).double()
    z = {}
    for split, vectors in images.items():
        for prompt, vector in prompts.items():
            for i, x in enumerate(vectors):
                own = torch.stack([x @ texts[c] for c in SEEN])
                z[split, i, prompt] = (x @ vector - own.mean()) / own.std()
    for prompt in prompts:
        over = torch.stack([z["train", i, prompt] for i in range(IMAGES)])
        for split in images:
            for i in range(IMAGES):
                z[split, i, prompt] = (z[split, i, prompt] - over.mean()) / over.std()

    def ranked(split, i, c):
        own = z[split, i, (c,)]
        pairs = [z[split, i, p] for p in prompts if p[0] == c and len(p) == 2]
        return torch.stack([*sorted(pairs + [own] * (3 - len(pairs)), reverse=True), own])

    rows = []
    for c in SEEN:
        of_label = torch.stack([ranked("train", i, c) for i in range(IMAGES)])
        rows.append(of_label - of_label.mean(0))
    centred = torch.cat(rows)
    first = torch.linalg.eigh(centred.T @ centred).eigenvectors[:, -1]
    first = first / first.abs().sum() * (1 if first.mean() >= 0 else -1)
    scores = torch.empty(IMAGES, LABELS)
    for i in range(IMAGES):
        for c in range(LABELS):
            ranks = ranked("test", i, c)
            fused = {"components": ranks @ first, "second": ranks[1], "maximum": ranks[0]}[fusion]
            scores[i, c] = (ranks[-1] + fused) / 2
    return scores


@pytest.mark.parametrize("fusion", ["components", "second", "maximum"])
def test_scores_equal_the_algorithm_in_loops(fusion):
    found = fitted(fusion=fusion).logits["test"]
    torch.testing.assert_close(found, by_loops(fusion), rtol=2e-3, atol=2e-3)


def test_a_picture_is_scored_alone_as_among_others():
    some = data(IMAGES)
    found = fitted(some).logits["test"]
    one = type(some.evaluation["test"])(list(some.evaluation["test"].rows)[3:4], some.train.fetch)
    alone = fitted(Data(some.train, some.targets, {"test": one}, names=NAMES)).logits["test"]
    torch.testing.assert_close(alone[0], found[3], rtol=1e-4, atol=1e-4)


def test_labels_and_unseen_names_decide_nothing():
    some = data(IMAGES)
    other = Data(some.train, 1 - some.targets, some.evaluation, names=NAMES)
    assert torch.equal(fitted(some).logits["test"], fitted(other).logits["test"])
    assert_unseen_labels_train_nothing(lambda arrays: fitted(some, arrays))


def test_the_sentence_and_the_relation_reach_the_scores():
    found = fitted().logits["test"]
    assert not torch.allclose(found, fitted(sentence="{} with {}").logits["test"])
    assert not torch.allclose(found, fitted(relation="random").logits["test"])


def test_more_compounds_than_the_graph_lists_are_refused():
    with pytest.raises(
        InputError, match=r"sparc's `neighbours` is 4, and the category graph lists 3"
    ):
        fitted(neighbours=4)


@pytest.mark.parametrize("sentence", ["a photo", "a {}", "{} {} {}"])
def test_a_sentence_without_both_places_is_refused(sentence):
    with pytest.raises(ValueError, match=f"sentence is {re.escape(repr(sentence))}, expected two"):
        Settings(sentence=sentence)


def test_labels_that_nothing_informs_are_scored_alone():
    arrays = knowledge(towers())
    alone = arrays | {"neighbours": torch.full_like(arrays["neighbours"], -1)}
    found = fitted(arrays=alone, fusion="second").logits["test"]
    torch.testing.assert_close(fitted(arrays=alone, fusion="maximum").logits["test"], found)
    assert not torch.allclose(fitted(fusion="maximum").logits["test"], found)
