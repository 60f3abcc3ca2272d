from dataclasses import replace

import pytest
import torch

from pipeline_lib.errors import InputError
from pipeline_lib.families.open_vocabulary.vocabulary import Vocabulary
from tests.methods.toy_towers import DIMS, LABELS, UNSEEN, knowledge, towers


def vocabulary(arrays=None, mode="ensemble", relation="merged"):
    arrays = arrays or knowledge(towers())
    return Vocabulary.of(arrays, LABELS, dims=DIMS, mode=mode, relation=relation)


def test_training_renumbers_the_seen_labels_alone():
    found = vocabulary()
    labels = found.training()
    kept = [i for i in range(LABELS) if i not in UNSEEN]
    torch.testing.assert_close(labels.texts, found.texts[kept])
    assert labels.scored.tolist() == list(range(len(kept)))
    for row, label in enumerate(kept):
        back = [kept[n] if n >= 0 else -1 for n in labels.neighbours[row].tolist()]
        assert back == found.neighbours[label].tolist()


def test_calls_score_all_labels_or_the_unseen_ones():
    found = vocabulary()
    assert found.gzsl().scored.tolist() == list(range(LABELS))
    assert found.zsl().scored.tolist() == list(UNSEEN)
    torch.testing.assert_close(found.zsl().scored_texts, found.texts[list(UNSEEN)])


def test_nothing_of_an_unseen_label_is_in_the_labels_of_training():
    arrays = knowledge(towers())
    compounds = torch.randn(LABELS, 3, DIMS)
    before = replace(vocabulary(dict(arrays)), compounds=compounds.clone()).training()
    compounds[list(UNSEEN)] = 0
    for name in ("embeddings", "simple"):
        changed = arrays[name].clone()
        changed[list(UNSEEN)] = torch.randn(2, DIMS)
        arrays[name] = changed
    arrays["neighbours"] = arrays["neighbours"].clone()
    arrays["neighbours"][list(UNSEEN)] = -1
    after = replace(vocabulary(arrays), compounds=compounds).training()
    for one, other in zip(vars(before).values(), vars(after).values(), strict=True):
        assert torch.equal(one, other)


def test_the_mode_chooses_the_prompts_and_vectors_have_length_1():
    arrays = knowledge(towers())
    arrays["embeddings"] = arrays["embeddings"] * 3
    assert torch.equal(vocabulary(arrays, "simple").texts, vocabulary(arrays, "tuning").texts)
    assert not torch.allclose(vocabulary(arrays, "simple").texts, vocabulary(arrays).texts)
    torch.testing.assert_close(vocabulary(arrays).texts.norm(dim=1), torch.ones(LABELS))


def test_the_relation_chooses_the_lists_of_neighbours():
    arrays = knowledge(towers())
    found = vocabulary(arrays, relation="random").neighbours
    assert torch.equal(found, arrays["neighbours.random"].long())
    with pytest.raises(InputError, match=r"'llm' was not mined, expected merged or one of random"):
        vocabulary(arrays, relation="llm")


def test_texts_of_another_tower_are_refused():
    arrays = knowledge(towers())
    with pytest.raises(InputError, match=r"24 dimensions .* whose space has 8; choose `text\.sou"):
        Vocabulary.of(arrays, LABELS, dims=8, mode="simple", relation="merged")
    del arrays["tokens"]
    with pytest.raises(InputError, match="not of the model's text tower"):
        vocabulary(arrays)
    with pytest.raises(InputError, match="vectors of 7 names, expected 9"):
        Vocabulary.of(knowledge(towers()), 9, dims=DIMS, mode="simple", relation="merged")
