"""The shared course of open-vocabulary methods: loss, groups, prompt tuning, resumption, leaks."""

from dataclasses import replace
from functools import partial

import pytest
import torch

from benchmarks.peak import tracked
from pipeline_lib.errors import InputError
from pipeline_lib.families.open_vocabulary.fit import OF_ALL, fit_open, loss_of
from pipeline_lib.families.open_vocabulary.prompts import PromptTask, TunedPrompt
from pipeline_lib.families.open_vocabulary.ranking_loss import pairwise_hinge
from pipeline_lib.families.open_vocabulary.student import Teacher
from pipeline_lib.families.open_vocabulary.task import OpenTask
from pipeline_lib.methods.mkt.fit import build
from pipeline_lib.training.checkpoints import Checkpoints
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.network import built
from tests.families.open_vocabulary.toy_labels import section
from tests.methods.toy import run
from tests.methods.toy_open import mkt
from tests.methods.toy_towers import DIMS, LABELS, UNSEEN, data, knowledge, towers


def network(settings, model, images=None, known=None, seed=0):
    torch.manual_seed(seed)
    return built(build, images or data(), known or knowledge(model), model, settings)


def fitted(settings, images=None, circumstances=None, known=None, seed=0) -> Fitted:
    model, images = towers(), images or data()
    return fit_open(
        network(settings, model, images, known, seed), images, model, settings,
        seed=seed, run=circumstances or run(),
    )  # fmt: skip


def task(settings, *, teacher=True):
    model, images = towers(), data()
    found = network(settings, model)
    held = Teacher(model.visual, images.train, varied=False) if teacher else None
    loss = loss_of(images, found.vocabulary, settings.loss, settings.recipe.epochs)
    return OpenTask(found, loss, images, held, settings, seed=0), model, found.vocabulary, images


def test_the_loss_is_that_of_the_labels_and_of_what_moved():
    settings = mkt(distillation=3.0)
    found, model, known, images = task(settings)
    with torch.no_grad():
        for parameter in found.student.visual.parameters():
            parameter += 0.01
    positions = torch.tensor([4, 1, 7])
    terms = found(positions)
    batch = images.train.batch(positions)
    seen, teacher = found.student(batch), model.visual(batch)
    moved = (seen.pooled - teacher.pooled).abs().mean()
    scores = found.head(seen, known.training())
    ranked = pairwise_hinge(scores, images.targets[positions][:, known.seen], margin=1.0)
    torch.testing.assert_close(terms["labels"], ranked)
    torch.testing.assert_close(terms["distillation"], moved)
    torch.testing.assert_close(terms["loss"], ranked + 3 * moved)
    assert moved > 0


def test_matrices_decay_and_nothing_else_does():
    settings = mkt(recipe={"weight_decay": 0.3}, student={"trained_blocks": 2, "layer_decay": 0.5})
    found, *_ = task(settings)
    groups = found.groups(settings.recipe)
    grouped = [p for group in groups for p in group["params"]]
    assert len(grouped) == len({id(p) for p in grouped})
    assert {id(p) for p in grouped} == {id(p) for p in found.parameters() if p.requires_grad}
    for group in groups:
        deep = {p.ndim > 1 for p in group["params"]}
        assert deep in ({True}, {False})
        assert group["weight_decay"] == (0.3 if deep == {True} else 0.0)
    assert {group.get("lr_scale", 1.0) for group in groups} == {0.25, 0.5, 1.0}


def test_a_frozen_student_has_no_teacher_to_leave():
    found = fitted(mkt(student={"trained_blocks": 0}))
    assert "distillation" not in found.history[0]
    assert not [name for name in found.state if name.startswith("student.")]
    with torch.no_grad():
        own = towers().visual(data().evaluation["test"].batch(torch.arange(12))).pooled
    torch.testing.assert_close(found.features["test"], own)


def test_scores_are_of_all_labels_and_of_the_unseen_alone():
    found = fitted(mkt(scores={"normalise": "vocabulary"}))
    assert found.logits["test"].shape == (12, LABELS)
    assert found.zsl["test"].shape == (12, len(UNSEEN))
    # its scores of a label know nothing of the others
    torch.testing.assert_close(found.zsl["test"], found.logits["test"][:, list(UNSEEN)])


def test_without_unseen_labels_there_is_no_zero_shot_score():
    known = knowledge(towers())
    known["seen"] = torch.ones(LABELS, dtype=torch.bool)
    assert fitted(mkt(), known=known).zsl == {}


TUNED = {"name": "tuning", "epochs": 3, "lr": 0.005}


def test_tuning_trains_the_words_of_the_prompt_and_nothing_else():
    simple, tuned = (fitted(mkt(prompts=p)) for p in ({"name": "simple"}, TUNED))
    words = tuned.state.pop("prompt.words")
    assert simple.state.keys() == tuned.state.keys()
    assert all(torch.equal(simple.state[name], value) for name, value in tuned.state.items())
    model = towers()
    prompt = network(mkt(prompts=TUNED), model).prompt
    assert words.shape == prompt.words.shape == (4, 16)
    assert not torch.equal(words, prompt.words)
    assert not torch.equal(simple.logits["test"], tuned.logits["test"])
    epochs = len(simple.history)
    assert [record["epoch"] for record in tuned.history] == list(range(epochs + 3))
    assert tuned.history[-1]["images_encoded"] == 12 * (epochs + 3)
    assert tuned.history[-1]["loss"] < tuned.history[epochs]["loss"]


def test_a_prompt_starts_as_the_text_tower_reads_it():
    model = towers()
    found = network(mkt(prompts=TUNED), model)
    with torch.no_grad():
        torch.testing.assert_close(found.prompt(torch.arange(LABELS)), found.texts)


def tuned(prompt: TunedPrompt, names: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return vectors of so many names, and the gradient of something that is made of them."""
    found = prompt(torch.arange(names) % LABELS)
    directions = torch.randn(*found.shape, generator=torch.Generator().manual_seed(1))
    (gradient,) = torch.autograd.grad((found * directions).sum(), prompt.words)
    return found.detach(), gradient


@pytest.fixture
def prompt() -> TunedPrompt:
    return network(mkt(prompts=TUNED), towers().double()).prompt.double()


def test_names_that_are_encoded_in_parts_and_again_have_the_same_vectors_and_gradients(
    prompt,
):
    whole = tuned(prompt, 2 * LABELS)
    prompt.at_once = 3
    in_parts = tuned(prompt, 2 * LABELS)
    torch.testing.assert_close(in_parts, whole)
    assert whole[1].abs().sum() > 0


def test_what_names_take_in_memory_does_not_grow_with_the_vocabulary(prompt):
    whole = tracked(partial(tuned, prompt, 64))
    prompt.at_once = 4
    few, many = (tracked(partial(tuned, prompt, names)) for names in (8, 64))
    assert many < 1.5 * few  # the vectors themselves
    assert whole > 10 * many


def test_a_prompt_without_words_cannot_be_tuned():
    model = towers()
    arrays = knowledge(model)
    arrays["places"] = torch.zeros_like(arrays["places"])
    with pytest.raises(InputError, match=r"the first of `text\.source\.prompts` has no words"):
        fitted(mkt(prompts=TUNED), known=arrays)


class Dying(Checkpoints):
    """Checkpoints of a run that is killed right after one of them."""

    at = ""

    def save(self, epoch, state):
        super().save(epoch, state)
        if f"{self.folder.name}/{epoch}" == Dying.at:
            raise KeyboardInterrupt


@pytest.mark.parametrize("at", ["kept/0", "prompts/1"])
def test_a_killed_run_ends_with_the_same_bits_in_either_stage(tmp_path, monkeypatch, at):
    settings = mkt(prompts=TUNED, recipe={"epochs": 2})
    expected = fitted(settings)
    monkeypatch.setattr("pipeline_lib.families.open_vocabulary.fit.Checkpoints", Dying)
    monkeypatch.setattr(Dying, "at", at)
    circumstances = replace(run(), checkpoints=Dying(tmp_path / "kept"))
    with pytest.raises(KeyboardInterrupt):
        fitted(settings, circumstances=circumstances)
    monkeypatch.setattr(Dying, "at", "")
    found = fitted(settings, circumstances=circumstances)
    assert found.history == expected.history
    assert all(torch.equal(found.state[name], value) for name, value in expected.state.items())
    assert torch.equal(found.logits["test"], expected.logits["test"])


def test_prompts_are_tuned_on_seen_labels_alone():
    model = towers()
    found = network(mkt(prompts=TUNED), model)
    prompt, known = found.prompt, found.vocabulary
    asked = []
    prompt.register_forward_pre_hook(lambda _, rows: asked.append(rows[0].tolist()))
    loss = loss_of(data(), known, mkt().loss, 1)
    PromptTask(found.student, found.head, prompt, loss, data(), known)(torch.arange(3))
    assert asked == [[i for i in range(LABELS) if i not in UNSEEN]]


def test_an_oracle_is_reported_as_a_leak_and_needs_the_truth():
    images = data()
    told = replace(images, oracle=images.targets.clone())
    found = fitted(mkt(loss=section("iun")), images=told)
    assert found.leaks == ["loss iun: the true negatives of the training images"]
    assert fitted(mkt()).leaks == []
    with pytest.raises(InputError, match="iun"):
        fitted(mkt(loss=section("iun")))


def test_figures_get_the_likeliest_labels_of_each_image():
    found = fitted(mkt())
    positions, labels = found.extras["images"], found.extras["labels"]
    expected = found.logits["test"][positions].topk(labels.shape[1], dim=1).indices
    assert torch.equal(labels, expected)
    assert found.extras["similarity"].shape[:2] == labels.shape
    assert "attention" in OF_ALL
    assert found.features["test"].shape[1] == DIMS


@pytest.mark.parametrize(("augment", "times"), [("none", 1), ("flip", 2)])
def test_a_teacher_encodes_images_once_or_in_every_epoch(augment, times):
    recipe = {"augment": augment, "epochs": 2}
    found = fitted(mkt(distillation=1.0, recipe=recipe))
    assert found.encoded == {"teacher": 12 * times}
    assert found.history[-1]["images_encoded"] == 12 * 2
    assert fitted(mkt(distillation=0.0, recipe=recipe)).encoded == {}


def test_it_is_told_how_much_distillation_pulls_beside_the_labels():
    (pull,) = [r for r in fitted(mkt(distillation=1.0)).liveness if r.module == "loss"]
    assert (pull.name, pull.split) == ("distillation", "train")
    assert pull.value > 0
    assert fitted(mkt(student={"trained_blocks": 0})).liveness == []
