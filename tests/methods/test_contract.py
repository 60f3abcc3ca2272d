"""What every method of the catalogue keeps to: a new one is tested here by its entry alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest
import torch
from pydantic import ValidationError
from torch import Tensor, nn

from pipeline_lib.errors import InputError
from pipeline_lib.methods.registry import METHODS, VLP, Method
from pipeline_lib.params.section import NOTHING, checked
from pipeline_lib.steps.train.loading import load_build, load_fit, load_settings
from pipeline_lib.training import loop
from pipeline_lib.training.data import Data, Pictures
from pipeline_lib.training.fitted import Fitted
from pipeline_lib.training.network import Problem
from tests.methods import toy, toy_maps, toy_towers
from tests.methods.toy import merged, run
from tests.methods.vscnet import toy as toy_graphs
from tests.presets import default_document
from tests.settled import settled

RECIPE = {"epochs": 3, "batch_size": 6, "optimizer": {"lr": 0.01}}
SMALLER: dict[str, dict[str, Any]] = {  # where the default is larger than the toys, or draws less
    "c2srt": {"ist": {"relation": "merged", "neighbours": 2, "heads": 2, "hidden": 5,
                      "dropout": 0.3},
              "isr": {"most": 5}},
    "sparc": {"relation": "merged", "neighbours": 2},
    "csrms": {"smoothing": {"topology": {"k": 2}, "hidden": 4}, "n_neighbours": 3},
    "sigrl": {"correlation": {"dropout": 0.3}},
    "vscnet": {"width": 8, "tag_nodes": 4, "tags_per_region": 2, "dropout": 0.3},
}  # fmt: skip


@dataclass(frozen=True)
class Ground:
    """What a method of one kind is tried on."""

    data: Data
    knowledge: Mapping[str, Tensor]
    encoder: nn.Module


def ground(method: Method) -> Ground:
    """Choose it by what the catalogue says that the method reads."""
    if method.weights == VLP:
        towers = toy_towers.towers()
        return Ground(toy_towers.data(12), toy_towers.knowledge(towers), towers)
    if "/maps/" in method.input:
        return Ground(toy_maps.data(), toy_maps.knowledge(), toy_maps.Passing())
    if "/exemplars/" in method.input:
        return Ground(toy_graphs.data(), toy_graphs.knowledge(), nn.Identity())
    told = toy.knowledge() if "/relations/" in method.knowledge else {}
    return Ground(toy.data(), told, toy.encoder())


def settings_of(name: str) -> Any:
    """Return the section of the default preset, with a short recipe."""
    section = default_document()[name]
    short = {"recipe": RECIPE} if "recipe" in section else {"batch_size": 6}
    small = merged(merged(section, {"seeds": [0]} | short), SMALLER.get(name, {}))
    return settled(load_settings(name), small)


def fitted(
    name: str, evaluation: Callable[[Pictures], dict[str, Pictures]] | None = None, *, seed: int = 0
) -> Fitted:
    """Fit a method, with what ``evaluation`` makes of the test images to be scored."""
    some = ground(METHODS[name])
    data = some.data
    if evaluation:
        data = replace(data, evaluation=evaluation(data.evaluation["test"]))
    fit = load_fit(name)
    return fit(data, some.knowledge, some.encoder, settings_of(name), seed=seed, run=run())


@cache
def usual(name: str) -> Fitted:
    return fitted(name)


def untrained(found: Fitted) -> bool:
    """Say whether a method says, by its rate, that it trains nothing."""
    return [record["lr"] for record in found.history] == [0.0]


@pytest.mark.parametrize("name", METHODS)
def test_scores_are_finite_and_of_the_declared_shape(name):
    found, data = usual(name), ground(METHODS[name]).data
    assert found.logits.keys() == found.features.keys() == data.evaluation.keys()
    for split, pictures in data.evaluation.items():
        assert found.logits[split].shape == (len(pictures), data.classes)
        assert len(found.features[split]) == len(pictures)
        assert torch.isfinite(found.logits[split]).all()
        assert torch.isfinite(found.features[split]).all()
    every = [*found.state.values(), *found.logits.values(), *found.features.values()]
    assert {tensor.device.type for tensor in every} == {"cpu"}
    for record in found.history:
        assert {"epoch", "lr", "images_encoded", "loss"} <= record.keys()
    assert found.history[-1]["images_encoded"] >= len(data.train)


@pytest.mark.parametrize(
    "name", [name for name in METHODS if isinstance(ground(METHODS[name]).encoder, toy.Tiny)]
)
def test_what_trains_an_encoder_learns_behind_a_frozen_one_as_well(name):
    some = ground(METHODS[name])
    frozen = some.encoder.requires_grad_(False)
    before = {f"encoder.{key}": value.clone() for key, value in frozen.state_dict().items()}
    fit = load_fit(name)
    found = fit(some.data, some.knowledge, frozen, settings_of(name), seed=0, run=run())
    assert all(torch.isfinite(scores).all() for scores in found.logits.values())
    assert {key: found.state[key].tolist() for key in before} == {
        key: value.tolist() for key, value in before.items()
    }


@pytest.mark.parametrize("name", METHODS)
def test_a_fit_repeats_bit_for_bit(name):
    one, two = usual(name), fitted(name)
    assert one.history == two.history
    for ours, theirs in ((one.state, two.state), (one.logits, two.logits), (one.zsl, two.zsl)):
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[key], theirs[key]) for key in ours)


@pytest.mark.parametrize("name", METHODS)
def test_what_is_kept_makes_a_network_that_gives_the_scores_again(name):
    found, some = usual(name), ground(METHODS[name])
    network = load_build(name)(
        Problem.of(some.data), found.knowledge, some.encoder, settings_of(name)
    )
    network.restore(found.state)
    for split, scores in network.evaluate(some.data).items():
        assert torch.equal(scores.logits, found.logits[split])
        assert torch.equal(scores.features, found.features[split])
        assert (scores.zsl is None) == (split not in found.zsl)
        assert scores.zsl is None or torch.equal(scores.zsl, found.zsl[split])


@pytest.mark.parametrize("name", METHODS)
def test_a_state_that_lacks_a_weight_or_has_a_foreign_one_is_refused(name):
    found, some = usual(name), ground(METHODS[name])
    network = load_build(name)(
        Problem.of(some.data), found.knowledge, some.encoder, settings_of(name)
    )
    cases = [(found.state | {"other": torch.ones(1)}, r"has unknown 1 \(other, …\)")]
    own = [key for key in found.state if not key.startswith(network.borrowed)]
    assert own or name == "mkt"  # whose scores have no weights: all of it is the tower
    for key in own[:1]:
        lacking = {other: value for other, value in found.state.items() if other != key}
        shaped = found.state | {key: torch.ones(1, 2, 3)}
        cases += [
            (lacking, rf"lacks 1 \({key}, …\)"),
            (shaped, rf"has other shapes for 1 \({key}, …\)"),
        ]
    for state, wrong in cases:
        with pytest.raises(InputError, match=f"not weights of this network: the file {wrong}"):
            network.restore(state)


@pytest.mark.parametrize("name", METHODS)
def test_another_seed_trains_other_weights(name):
    one, two = usual(name), fitted(name, seed=1)
    assert torch.equal(one.logits["test"], two.logits["test"]) == untrained(one)


@pytest.mark.parametrize("name", METHODS)
def test_images_of_evaluation_are_not_seen_in_training(name):
    def fewer(test: Pictures) -> dict[str, Pictures]:
        return {"test": Pictures(list(test.rows)[:1], test.fetch)}

    one, two = usual(name), fitted(name, fewer)
    assert one.state.keys() == two.state.keys()
    assert all(torch.equal(one.state[key], two.state[key]) for key in one.state)


@pytest.mark.parametrize("name", METHODS)
def test_a_permutation_of_images_permutes_their_scores(name):
    def turned(test: Pictures) -> dict[str, Pictures]:
        return {"test": Pictures(list(test.rows)[::-1], test.fetch)}

    one, two = usual(name), fitted(name, turned)
    torch.testing.assert_close(two.logits["test"], one.logits["test"].flip(0))
    torch.testing.assert_close(two.features["test"], one.features["test"].flip(0))


@pytest.mark.parametrize("name", METHODS)
def test_gradients_reach_every_parameter_that_is_trained(name, monkeypatch):
    tasks, reached = [], set()
    build = loop._optimizer

    def watched(task: loop.Task, recipe: Any) -> torch.optim.Optimizer:
        tasks.append(task)
        for key, parameter in task.named_parameters():
            if parameter.requires_grad:
                parameter.register_post_accumulate_grad_hook(
                    lambda p, key=key: reached.add(key) if bool(p.grad.any()) else None
                )
        return build(task, recipe)

    monkeypatch.setattr(loop, "_optimizer", watched)
    found = fitted(name)
    assert bool(tasks) != untrained(found)
    for task in tasks:
        trained = {key for key, p in task.named_parameters() if p.requires_grad}
        assert trained
        assert trained - reached == set()


@pytest.mark.parametrize("name", METHODS)
def test_the_section_refuses_a_key_that_it_does_not_know(name):
    section = default_document()[name]
    assert checked(load_settings(name), section)
    with pytest.raises(ValidationError, match="surplus"):
        checked(load_settings(name), section | {"surplus": 1})


@pytest.mark.parametrize(
    "name", [n for n, m in METHODS.items() if {m.knowledge, m.text} != {NOTHING}]
)
def test_the_knowledge_of_another_stage_is_refused(name):
    some, method = ground(METHODS[name]), METHODS[name]
    stages = "|".join(p.split("/")[2] for p in (method.knowledge, method.text) if p != NOTHING)
    expected = f"learns from has no .*, expected what the stage ({stages}) writes"
    with pytest.raises(InputError, match=expected):
        load_fit(name)(
            some.data, {"other": torch.ones(3)}, some.encoder, settings_of(name), seed=0, run=run()
        )
