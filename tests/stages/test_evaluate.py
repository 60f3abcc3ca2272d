"""What ``evaluate`` says of a data set without a val split."""

import numpy as np
from ruamel.yaml import YAML

import stages.evaluate
from pipeline_lib.artifacts.samples import CATEGORIES, SAMPLES
from pipeline_lib.artifacts.scores import SCORES
from pipeline_lib.artifacts.thresholds import read_thresholds
from tests.steps.evaluate.test_judging import PARAMS, categories, samples, truth_of


def test_a_run_without_a_val_split_is_judged_and_says_that_nothing_was_chosen(tmp_path, capsys):
    table = samples().filter(split="test")
    SAMPLES.write(table, tmp_path / "samples.parquet")
    CATEGORIES.write(categories(), tmp_path / "categories.parquet")
    truth = truth_of(table, "test").astype(np.float32)
    about = {"leaks": [], "facts": [{}], "images_encoded": [0.0], "splits": ["test"]}
    SCORES.write(
        tmp_path / "scores.safetensors",
        {"0/test/logits": truth, "0/test/features": truth.astype(np.float16)},
        run="mine", method="base", seeds=[0], **about,
    )  # fmt: skip
    params = {"evaluation": PARAMS.model_dump()}
    YAML().dump(params, tmp_path / "params.yaml")
    names = ("samples.parquet", "categories.parquet", "scores.safetensors", "out", "params.yaml")
    stages.evaluate.main("mine", "classes", *(tmp_path / name for name in names))
    said = "test 1.0000 (1.0000 to 1.0000); nothing chosen on val: the data set has no split 'val'"
    assert said in capsys.readouterr().out
    assert read_thresholds(tmp_path / "out" / "thresholds.json").refused.startswith("the data set")
