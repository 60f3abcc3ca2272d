"""What fitting gave, as artifacts."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from pipeline_lib.artifacts.scores import BACKBONE, SCORES, WEIGHTS
from pipeline_lib.encoders.vision import build
from pipeline_lib.settings.backbone import Backbone
from pipeline_lib.steps.train.job import Job
from pipeline_lib.steps.train.output import write_backbone, write_fitted
from pipeline_lib.training.fitted import Fitted
from tests.steps.toy import ingested, job, settings

SEEN = {"size": 32, "mean": [0.5, 0.4, 0.3]}
MODELS = ("lenet5", "resnet18", "mobilenetv3_small_050")


def fitted(seed: int, *, model: str = "lenet5", leaks: tuple[str, ...] = ()) -> Fitted:
    """What the method base would give: two epochs, two splits, three classes."""
    torch.manual_seed(seed)
    backbone = Backbone(model=model, pretrained=False, image_size=32)
    encoder = build(backbone, None, num_classes=0, seed=seed).model.eval()
    state = {f"encoder.{name}": value for name, value in encoder.state_dict().items()}
    with torch.no_grad():
        head = torch.nn.Linear(encoder(torch.zeros(2, 3, 32, 32)).shape[1], 3)
    state |= {f"head.{name}": value.detach() for name, value in head.state_dict().items()}
    history = [
        {"epoch": float(e), "lr": 0.5, "images_encoded": 10.0 * (e + 1), "loss": 1 / (seed + e + 2)}
        for e in range(2)
    ]
    return Fitted(
        state=state,
        logits={"test": torch.randn(4, 3), "val": torch.randn(2, 3)},
        features={"test": torch.randn(4, 5), "val": torch.randn(2, 5)},
        history=history,
        leaks=list(leaks),
        facts={"alpha_i": 0.5 + seed},
        preprocess=SEEN,
    )


@pytest.fixture
def run(tmp_path: Path) -> Job:
    files = ingested(tmp_path / "ingest")
    return job(files, tmp_path / "nowhere", name="mine", settings=settings())


def test_scores_hold_every_seed_and_split(run, tmp_path):
    outcomes = [fitted(3, leaks=("classify: paper",)), fitted(1)]
    write_fitted(tmp_path, run, [3, 1], outcomes)
    arrays, header = SCORES.read(tmp_path / "scores.safetensors")
    assert arrays.keys() == {
        *(f"{seed}/{split}/logits" for seed in (3, 1) for split in ("test", "val")),
        "3/test/features",
        "3/val/features",
    }
    for seed, outcome in zip((3, 1), outcomes, strict=True):
        for split, logits in outcome.logits.items():
            np.testing.assert_array_equal(arrays[f"{seed}/{split}/logits"], logits.numpy())
    assert arrays["3/test/features"].dtype == np.float16
    np.testing.assert_allclose(
        arrays["3/test/features"], outcomes[0].features["test"].numpy(), atol=2e-3
    )
    expected = {
        "run": "mine",
        "method": "base",
        "seeds": [3, 1],
        "splits": ["test", "val"],
        "leaks": ["classify: paper"],
        "facts": [{"alpha_i": 3.5}, {"alpha_i": 1.5}],
        "encoded": [{"training": 20.0}] * 2,
        "images_encoded": [20.0, 20.0],
    }
    assert {name: header[name] for name in expected} == expected


def test_logits_of_mixed_precision_are_kept_as_float32(run, tmp_path):
    outcome = fitted(0)
    outcome.logits["test"] = outcome.logits["test"].bfloat16()
    write_fitted(tmp_path, run, [0], [outcome])
    arrays, _ = SCORES.read(tmp_path / "scores.safetensors")
    assert arrays["0/test/logits"].dtype == np.float32


def test_weights_of_every_seed_come_back(run, tmp_path):
    outcomes = [fitted(0), fitted(1)]
    write_fitted(tmp_path, run, [0, 1], outcomes)
    arrays, header = WEIGHTS.read(tmp_path / "weights.safetensors")
    assert (header["run"], header["method"], header["model"]) == ("mine", "base", "lenet5")
    assert header["seeds"] == [0, 1]
    assert (header["target"], header["names"]) == ("classes", ["blue", "red"])
    assert header["preprocess"] == SEEN
    assert header["backbone"] == {"model": "lenet5", "image_size": 16, "input": "images"}
    assert header["settings"]["backbone"]["model"] == "lenet5"
    assert "seeds" not in header["settings"]["recipe"]
    assert header["reads"] == {"samples": run.samples.as_posix(), "input": run.input.as_posix()}
    assert header["unseen"] == []
    assert not {"start", "probe"} & header.keys()
    assert len(arrays) == 2 * len(outcomes[0].state)
    for seed, outcome in enumerate(outcomes):
        for name, value in outcome.state.items():
            np.testing.assert_array_equal(arrays[f"{seed}/{name}"], value.numpy())


def test_history_is_one_row_per_seed_and_epoch(run, tmp_path):
    write_fitted(tmp_path, run, [3, 1], [fitted(3), fitted(1)])
    found = pl.read_csv(tmp_path / "history.csv")
    assert found.columns == ["seed", "epoch", "lr", "images_encoded", "loss"]
    assert found.select("seed", "epoch").rows() == [(3, 0), (3, 1), (1, 0), (1, 1)]
    assert found["loss"].to_list() == [1 / 5, 1 / 6, 1 / 3, 1 / 4]


@pytest.mark.parametrize("model", MODELS)
def test_a_trained_backbone_is_a_timm_model_with_its_classifier(run, tmp_path, model):
    outcome = fitted(0, model=model)
    backbone = Backbone(model=model, pretrained=False, image_size=32)
    named = replace(run, settings=replace(settings(), backbone=backbone))
    write_backbone(tmp_path / "out", named, 0, outcome)
    _, header = BACKBONE.read(tmp_path / "out" / "weights.safetensors")
    assert header["model"] == model
    assert header["names"] == ["blue", "red"]
    assert header["preprocess"] == SEEN
    weights = tmp_path / "out" / "weights.safetensors"
    whole = build(backbone, weights, num_classes=3, seed=5).model.eval()
    images = torch.randn(2, 3, 32, 32)
    encoder = build(backbone, None, num_classes=0, seed=0).model.eval()  # as in `fitted`
    with torch.inference_mode():
        expected = torch.nn.functional.linear(
            encoder(images), outcome.state["head.weight"], outcome.state["head.bias"]
        )
        torch.testing.assert_close(whole(images), expected)
    assert (tmp_path / "out" / "scores.safetensors").exists()
    assert len(pl.read_csv(tmp_path / "out" / "history.csv")) == 2


def test_the_same_outcome_gives_the_same_bytes(run, tmp_path):
    for folder in ("one", "two"):
        write_fitted(tmp_path / folder, run, [0, 1], [fitted(0), fitted(1)])
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["history.csv", "scores.safetensors", "weights.safetensors"]
    for name in names:
        one, two = (tmp_path / folder / name for folder in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()


def test_a_backbone_of_borrowed_weights_says_how_its_network_is_built(run, tmp_path):
    outcome = fitted(0)
    arrays = {n.removeprefix("encoder."): v.numpy() for n, v in outcome.state.items()}
    given = {"model": "lenet5", "model_args": {"pad_type": "same"}}
    BACKBONE.write(tmp_path / "given.safetensors", arrays, **given)
    borrowing = replace(run, weights=tmp_path / "given.safetensors")
    write_backbone(tmp_path / "out", borrowing, 0, outcome)
    write_fitted(tmp_path / "run", borrowing, [0], [outcome])
    _, header = BACKBONE.read(tmp_path / "out" / "weights.safetensors")
    assert header["model_args"] == {"pad_type": "same"}
    _, header = WEIGHTS.read(tmp_path / "run" / "weights.safetensors")
    assert header["backbone"]["model_args"] == {"pad_type": "same"}
