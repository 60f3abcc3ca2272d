"""What a model card says."""

import pytest
from ruamel.yaml import YAML

from pipeline_lib.artifacts.exported import Export, Pixels
from pipeline_lib.artifacts.scores import SCORES
from pipeline_lib.project.exporting.card import Facts, card
from pipeline_lib.project.exporting.licence import licence_of
from pipeline_lib.reporting.outcome import read_outcome
from tests.project.comparing.conftest import checkout, judged  # noqa: F401 - fixtures
from tests.reporting.conftest import CLASSES, TAGS

PIXELS = Pixels(
    size=64, resize=64, mode="center", interpolation="BICUBIC", fill=(0, 0, 0),
    mean=(0.5,) * 3, std=(0.5,) * 3, crop_pct=1.0,
)  # fmt: skip


def export(names, **changes):
    own = {
        "protoweave": "1.0.0", "format": "onnx", "digest": "0", "run": "base", "method": "base",
        "seed": 1, "target": "classes", "exclusive": True, "names": names, "trained_names": names,
        "unseen": (), "together": False, "temperature": 2.5, "thresholds": None,
        "decided_by": "temperature 2.5, of val", "pixels": PIXELS, "verified": None,
    }  # fmt: skip
    return Export(**own | changes)


def facts(judged, run, target):  # noqa: F811
    data = judged.root / "data/artifacts"
    _, header = SCORES.read(data / "train" / run / "scores.safetensors")
    outcome = read_outcome(run, target, header, data / "evaluate" / run)
    licence = licence_of(
        {"backbone": {"model": "resnet18.a1_in1k", "input": "images"}, "run": run,
         "settings": {"backbone": {"pretrained": True}}},
        {},
    )  # fmt: skip
    noted = ["tags are what captions say"]
    splits = {"test": 30, "train": 60}
    return Facts("photos", splits, noted, "resnet18", licence, outcome, ["classify"])


def test_a_card_holds_metrics_with_intervals_and_is_read_by_the_hub(judged):  # noqa: F811
    found = facts(judged, "base", "classes")
    text = card(export(tuple(CLASSES)), found)
    front = YAML(typ="safe").load(text.split("---")[1])
    estimate = found.outcome.estimates("test")[found.outcome.headline("test")]
    assert front["license"] == "apache-2.0"
    (first, *_) = front["model-index"][0]["results"]
    assert first["metrics"][0]["type"] == "accuracy"
    assert first["metrics"][0]["value"] == pytest.approx(estimate.value, abs=1e-6)
    row = f"| test | Top-1 accuracy | {estimate.value:.4f} | {estimate.low:.4f} to "
    assert row in text
    assert "| val |" not in text  # on which the temperature was chosen
    for sentence in (
        "(this file is seed 1), with 95 % intervals over images.",
        "Probabilities are a softmax of scores, divided by 2.5 (temperature 2.5, of val).",
        "A probability depends on the other names (softmax); a score does not.",
        "The backbone resnet18.a1_in1k starts from weights that timm publishes under apache-2.0.",
        "Noted when it was read: tags are what captions say.",
        "Its settings let a label into scores of training images: classify.",
    ):
        assert sentence in text


def test_a_card_says_what_depends_on_the_names_that_are_asked(judged):  # noqa: F811
    own = {"method": "sigrl", "target": "tags", "exclusive": False, "together": True}
    asked = export(
        ("heron",), trained_names=tuple(TAGS), unseen=("heron",), thresholds=(0.5,), **own
    )
    text = card(asked, facts(judged, "plain & tags", "tags"))
    for sentence in (
        "asked for other names than it was trained for",
        "They are of the names that it was trained with, not of those asked for here.",
        "A score depends on the names that are asked together: another list gives others.",
        "No training image carried heron.",
        "A tag is named where its score exceeds its entry of `thresholds` in export.json",
    ):
        assert sentence in text


@pytest.mark.parametrize(
    ("header", "document", "name", "said"),
    [
        ({"start": {}}, {"vlp": {"source": {"name": "captions"}}}, "unknown", "Nobody else's wei"),
        (
            {"start": {}},
            {"vlp": {"source": {"name": "named", "model": "ViT-B-16", "pretrained": "openai"}}},
            "unknown",
            "starts from the vision-language model ViT-B-16 openai, whose licence is unknown",
        ),
        (
            {"start": {}},
            {
                "vlp": {
                    "source": {"name": "lit"},
                    "checkpoint": "mine.pt",
                    "sentences": "data/weights/Mini",
                }
            },
            "unknown",
            "file of weights, whose licence is unknown here: check before you publish. timm "
            "publishes its own weights of that name under apache-2.0. Its texts are read by the "
            "sentence encoder Mini, whose licence",
        ),
        (
            {"input": "maps"},
            {"maps": {"weights": "mine.pt", "backbone": {"pretrained": False}}},
            "unknown",
            "resnet18 starts from a file of weights, whose licence is unknown here: check",
        ),
        (
            {"input": "maps"},
            {
                "maps": {"weights": "data/artifacts/baseline/tags/weights.safetensors"},
                "baseline": {"weights": "data/none", "tags": {"backbone": {"pretrained": True}}},
            },
            "apache-2.0",
            "resnet18 starts from weights that timm publishes under apache-2.0.",
        ),
        (
            {"input": "maps"},
            {
                "maps": {"weights": "data/artifacts/vlp/towers", "backbone": "none"},
                "vlp": {"source": {"name": "named", "model": "ViT-B-16", "pretrained": "openai"}},
            },
            "unknown",
            "starts from the vision-language model ViT-B-16 openai, whose licence is unknown",
        ),
        (
            {"input": "maps"},
            {"maps": {"weights": "data/none", "backbone": {"pretrained": False}}},
            "unknown",
            "resnet18 was trained from random ones",
        ),
    ],
)
def test_whose_weights_it_starts_from_is_said(header, document, name, said):
    about = {"backbone": {"model": "resnet18", "input": header.pop("input", "images")}, **header}
    found = licence_of(about, document)
    assert found.name == name
    assert said in found.remark
