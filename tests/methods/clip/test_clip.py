"""CLIP as it is."""

import pytest
import torch

from pipeline_lib.families.open_vocabulary.ranking_loss import pairwise_hinge
from pipeline_lib.methods.clip.fit import fit
from tests.methods.toy import run
from tests.methods.toy_open import clip
from tests.methods.toy_towers import LABELS, UNSEEN, data, knowledge, towers

IMAGES = 10


def fitted(seed: int = 0, **changes):
    model = towers()
    return fit(data(IMAGES), knowledge(model), model, clip(**changes), seed=seed, run=run())


def pooled_of(pictures, model) -> torch.Tensor:
    with torch.no_grad():
        pooled = model.visual(pictures.batch(torch.arange(IMAGES))).pooled
    return torch.nn.functional.normalize(pooled, dim=1)


@pytest.mark.parametrize("mode", ["ensemble", "simple"])
def test_scores_are_scaled_cosines_with_the_prompts_of_the_mode(mode):
    model, found = towers(), fitted(prompts={"name": mode})
    texts = knowledge(model)["embeddings" if mode == "ensemble" else "simple"]
    expected = model.scale * pooled_of(data(IMAGES).evaluation["test"], model) @ texts.T
    torch.testing.assert_close(found.logits["test"], expected)
    torch.testing.assert_close(found.zsl["test"], expected[:, list(UNSEEN)])


def test_the_history_says_what_the_untrained_model_loses_on_the_training_images():
    model, found = towers(), fitted(loss={"margin": 0.7}, batch_size=IMAGES)
    texts, some = knowledge(model), data(IMAGES)
    seen = texts["seen"]
    scores = model.scale * pooled_of(some.train, model) @ texts["embeddings"][seen].T
    expected = pairwise_hinge(scores, some.targets[:, seen], margin=0.7)
    (record,) = found.history
    assert record.pop("loss") == pytest.approx(expected.item(), rel=1e-5)
    assert record == {"epoch": 0.0, "lr": 0.0, "images_encoded": IMAGES}


def test_nothing_is_trained_so_seeds_agree_and_no_weight_of_the_model_is_kept():
    one, two = fitted(0), fitted(1)
    assert torch.equal(one.logits["test"], two.logits["test"])
    assert list(one.state) == ["head.cosine.log_scale"]
    assert one.state["head.cosine.log_scale"].exp() == pytest.approx(towers().scale)


def test_figures_can_show_how_patches_fit_the_likeliest_labels():
    extras = fitted().extras
    model = towers()
    with torch.no_grad():
        seen = model.visual(data(IMAGES).evaluation["test"].batch(extras["images"]))
    texts = knowledge(model)["embeddings"]
    expected = torch.nn.functional.normalize(seen.patches, dim=2) @ texts.T
    shown = extras["labels"][:, None, :].expand(-1, expected.shape[1], -1)
    torch.testing.assert_close(extras["similarity"], expected.gather(2, shown).transpose(1, 2))
    assert extras["labels"].shape == (IMAGES, LABELS)
